// A compiled plan for people and for drawing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "compiler/program/rollback.hpp"
#include "runtime/view/stream.hpp"

namespace pvsplan::view {

enum class Shows : std::uint8_t { digest, everything };  // digest: of many iterations only the first and the last

// How long steps took in earlier runs, in milliseconds by path. What is not in it was never run, or its runs are not
// known here.
using UsualDurations = std::map<std::string, std::int64_t>;
// How long the node took in earlier runs, else what its action says; 0: nobody knows.
std::int64_t expected_ms(const program::Plan& plan, const UsualDurations& usual, std::uint32_t node);

// Lines of the stream's width, in its colours. What a stranger named cannot steer the terminal. It is what people read
// before they confirm a run.
std::string show_text(const program::Plan& plan, const Stream& stream, Shows shows, const UsualDurations& usual);

// Who is told of a run of the plan, and when: "waiting or failed tells the command `page`, which runs on this machine".
std::vector<std::string> notices(const program::Plan& plan);

// A rollback: `plan` has its steps in place of its own. How a rollback stands, beside its steps.
struct Rollback {
    std::string run;  // its id
    bool has_begun = false;
    std::vector<program::NoReturn> no_return;  // what stays, and why
    std::string back_to = {};             // the step or group to before which it goes back; empty: to the beginning
    std::vector<std::string> stays = {};  // what ended before that
};
// Values are those of the run, secrets left out.
std::string rollback_text(const program::Plan& plan, const Rollback& rollback, const Stream& stream, Shows shows,
                          const UsualDurations& usual);

// For Graphviz, and for Mermaid. A plan that is too large for either is drawn with its loops folded.
std::string show_dot(const program::Plan& plan);
std::string show_mermaid(const program::Plan& plan);

}  // namespace pvsplan::view
