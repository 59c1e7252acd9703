#include "runtime/engine/halting.hpp"

#include "compiler/base/lists.hpp"
#include "runtime/engine/messages.hpp"

namespace pvsplan::engine {

using Then = Halting::Then;

namespace {

Halting halt(Outcome outcome, std::string text) { return {Then::halt, outcome, std::move(text)}; }

Halting stop_before(const std::string& step) {
    Halting stop = halt(Outcome::waiting, "the run stops before `" + step + "`, as it was to; `resume` goes on");
    stop.is_reached = true;
    return stop;
}

// Everything is over. It is not `done` while an iteration was abandoned or left out: nobody is to be told that a farm
// is upgraded of which a server is not.
Halting at_the_end(const Idle& idle) {
    if (idle.has_readmissions) return {.then = Then::readmit};
    if (!idle.abandoned.empty() || !idle.left_out.empty()) {
        const std::string failed =
            base::quoted(idle.abandoned) +
            (idle.abandoned.size() == 1 ? " was left where it failed" : " were left where they failed");
        const std::string left_out =
            base::quoted(idle.left_out) + (idle.left_out.size() == 1 ? " was left out" : " were left out");
        return halt(Outcome::failed, (idle.abandoned.empty() ? "" : failed + ", ") +
                                         (idle.left_out.empty() ? "" : left_out + ", ") +
                                         "all others are done; the run is halted");
    }
    if (!idle.is_rolling_back) return halt(Outcome::done, "all steps are done");
    if (!idle.has_no_return)
        return halt(Outcome::rolled_back, idle.back_to.empty() ? "all that was done is undone"
                                                               : "all that was done from `" + idle.back_to +
                                                                     "` on is undone; the rest stays");
    return halt(Outcome::in_doubt, "what could be undone is undone; some steps stay as they are");
}

}  // namespace

// The order is the rule. An interruption goes first, and `resume` begins the rollback that was due. A rollback goes
// before the end, because a run of which all is over can still be rolled back.
Halting halting_of(const Idle& idle) {
    if (idle.is_interrupted) return halt(Outcome::interrupted, "interrupted; nothing is running");
    if (idle.stop == HaltReason::roll_back) return {.then = Then::begin_rollback};
    if (idle.is_complete) return at_the_end(idle);
    if (idle.stop == HaltReason::doubt) return halt(Outcome::in_doubt, "a step is in doubt: an operator must decide");
    if (idle.stop == HaltReason::failed) {
        if (idle.is_rolling_back) return halt(Outcome::in_doubt, "the rollback failed: an operator must decide");
        return halt(Outcome::failed, idle.only_unreached
                                         ? "a host was not reached, nothing was done there; the run is halted"
                                         : "a step failed; the run is halted");
    }
    if (idle.can_go_on) return {.then = Then::wait};
    const bool has_come = !idle.wants_people && idle.window.empty();
    if (has_come && !idle.until.empty()) return stop_before(idle.until);
    if (idle.has_person) return {.then = Then::wait};
    if (idle.window.empty()) return halt(Outcome::waiting, "the run waits for a person");
    return halt(Outcome::waiting, (idle.wants_people ? "the run waits for a person, and for a window, which "
                                                     : "the run waits for its window, which ") +
                                      idle.window);
}

}  // namespace pvsplan::engine
