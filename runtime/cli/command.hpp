// A command as data: what it is called, what it takes, what it does. Parsing, `--help` and completion come from it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/cli/session.hpp"

namespace pvsplan::cli {

struct Option {
    std::string names;  // "-o,--output"; a name without dashes is an argument by its place: "PLAN"
    std::string value;  // "FILE"; empty for a flag and for an argument
    std::string help;   // one sentence, upper case, no final period
    // Where it goes. A list takes the option several times, or all further arguments.
    std::variant<bool*, std::string*, std::vector<std::string>*, std::uint32_t*> into;
    enum class Presence : std::uint8_t { optional, required } presence = Presence::optional;
    std::vector<std::string> choices = {};  // the only values; empty: any
    // What completion offers: names of files, nothing, or what the program itself knows (completion_values.hpp).
    enum class Completes : std::uint8_t {
        nothing,
        files,
        folders,
        runs,
        steps,          // of the run that is the first argument
        steps_of_plan,  // of the plan that is the first argument
        parameters,     // of that plan, with their values
        topics,
        codes
    };
    Completes completes = Completes::nothing;
    bool is_one_at_least = false;  // of a number
    bool may_be_empty = false;  // of a word that is being typed: else an empty value is a mistake, `--farm "$FARM"` say

    [[nodiscard]] bool is_argument() const { return !names.starts_with('-'); }

    using Into = decltype(into);
    // A file by its place, which must be given.
    static Option file(std::string name, std::string help, Into into) {
        return {std::move(name), "", std::move(help), into, Presence::required, {}, Completes::files};
    }
    // How many: none at all would wait for ever.
    static Option count(std::string name, std::string value, std::string help, std::uint32_t* into) {
        return {.names = std::move(name),
                .value = std::move(value),
                .help = std::move(help),
                .into = into,
                .is_one_at_least = true};
    }
    // How to print, or to tell: the first is what is done without it.
    static Option format(std::string help, std::string* into, std::vector<std::string> choices) {
        return {"--format", "FORMAT", std::move(help), into, Presence::optional, std::move(choices)};
    }
};

// `run` is called once all options have their values; what it prints goes through the session alone.
struct Command {
    std::string name;  // as it is typed
    enum class Group : std::uint8_t { look, run, edit } group = Group::look;
    std::string summary;                // one line: "Compile and check plans"
    std::string description;            // paragraphs below the usage
    std::vector<Option> options;        // in the order of `--help`, arguments in that of their places
    std::function<Exit(Session&)> run;  // an exception is a bug
};

// The table, in the order of `--help`.
std::vector<Command> commands();

inline constexpr std::pair<Command::Group, std::string_view> command_groups[] = {
    {Command::Group::look, "Look at a plan"}, {Command::Group::run, "Run it"}, {Command::Group::edit, "Write it"}};

// How pvsplan ends, as `--help` and the manual page say it.
struct ExitStatus {
    std::string_view number;
    std::string_view meaning;
};
// The only table of them: `--help`, the manual page and the README take them from here.
std::span<const ExitStatus> exit_statuses();

// "-o", "--output".
std::vector<std::string> words_of(const Option& option);
// Options that every command takes. What they point into outlives them. They may stand before the command or behind it.
std::vector<Option> common_options(Session& session, bool& no_colour, std::string& folder);

// "pvsplan show [options] PLAN". In one line, however long.
std::string usage_line(const Command& command);
// Of all commands, and of one; lines of at most `width` columns, which is 40 at least.
std::string help_text(std::span<const Command> all, std::uint32_t width);
std::string help_text(const Command& command, std::uint32_t width);

// The whole program: what `argv` (without the name of the program) asks for. Returns the exit status.
int run(Session& session, const std::vector<std::string>& arguments);

}  // namespace pvsplan::cli
