// What a command may know of the terminal that it was called from, and the only way in which it says anything.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "runtime/view/stream.hpp"

namespace pvsplan::cli {

using view::Ink;
using view::inked;
using view::Stream;

// The numbers are promised: README, manual page and `--help` say what each means (exit_statuses()).
enum class Exit : int {
    done = 0,
    wrong = 1,
    usage = 2,
    does_not_compile = 3,  // or breaks a requirement
    failed = 4,
    rolled_back = 5,
    in_doubt = 6,  // somebody has to look and decide
    waiting = 7,
    held = 8,   // another run has the farm
    stale = 9,  // plan or farm are not what was reviewed
    left = 10,  // a decision that the run has not received yet
};

struct Session {
    Stream out;  // results
    Stream err;  // messages
    // One line of standard input without its end; nothing at its end.
    std::function<std::optional<std::string>()> read_line;
    bool in_is_terminal = false;  // somebody could type an answer
    // What is left of standard input; one byte more than the most that is asked for where there is more.
    std::function<base::Result<std::string>(std::size_t max)> read_rest = {};

    // Options that every command takes.
    std::string root;                // --root; empty: the folder of the plan
    std::string store;               // --store; empty: .pvsplan/state.db of the project
    std::string folder_before = {};  // where the command was typed, if -C went elsewhere
    // " --store FILE" where what is typed next would not find the store by itself.
    std::string store_hint = {};
    bool yes = false;
    bool no_input = false;

    // A question needs both: somebody who types, and somewhere to show it that is not a file.
    [[nodiscard]] bool may_ask() const { return in_is_terminal && err.is_terminal && !no_input; }
};

// "error: …" and its causes on standard error. Returns `exit`, so that a command can end with it.
Exit complain(Session& session, const base::Error& error, Exit exit);
Exit complain(Session& session, std::string_view message, Exit exit);
// "word: message" on standard error, the word in that ink.
void announce(Session& session, std::string_view word, Ink ink, std::string_view message);
// A line (or more) for each, below what was announced.
void list(Session& session, const std::vector<std::string>& points);
void announce(const Stream& to, std::string_view word, Ink ink, std::string_view message);
// Words on standard error, wrapped, with a line feed.
void say(Session& session, std::string_view words);

}  // namespace pvsplan::cli
