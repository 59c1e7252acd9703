#include "runtime/engine/judgement.hpp"

namespace pvsplan::engine {

using journal::ActionType;
using journal::JobState;
using journal::Last;
using journal::RecoveryAction;
using journal::Shows;
using Command = AttemptEnd::Command;
using Conclusion = Judgement::Conclusion;

namespace {

// Whether to try it again, by `retry` or by `resume`, can do no harm. It has failed in any case.
// A command that reports success has done something, so only an action that may be repeated is run again; one whose
// objects show nothing of it goes by the table.
bool may_run_again(const AttemptEnd& end) {
    if (end.command == Command::succeeded && end.shows != Shows::nothing) return end.action != ActionType::once;
    return journal::recover(Last::failed, JobState::gone, end.action, end.shows) != RecoveryAction::ask_person;
}

Judgement failed(const AttemptEnd& end, const std::string& why) {
    return {may_run_again(end) ? Conclusion::failed : Conclusion::failed_asks_first, why};
}

// The command said that it succeeded, and that is not believed before it is seen.
// What nobody can see is a doubt, what is seen to be otherwise a failure. Outputs come last: they count only for a step
// that has done what it was to do.
Judgement judge_success(const AttemptEnd& end) {
    const std::string succeeded = "its command succeeded, but ";
    if (!end.unseen.empty()) return {Conclusion::doubted, succeeded + end.unseen};
    if (!end.untold.empty())
        return {Conclusion::doubted, succeeded + "no observation tells " + end.untold + ", which it sets"};
    if (!end.differs.empty()) return failed(end, succeeded + end.differs);
    if (!end.no_outputs.empty() && !end.is_by_hand) return failed(end, succeeded + end.no_outputs);
    return {Conclusion::finished, ""};
}

// This process began it, and nobody knows how it ended.
// Only a host that says so makes it `unreached`. Everything else stays in doubt unless all that the step sets is there
// and nobody reads what it printed.
Judgement judge_unknown(const AttemptEnd& end) {
    if (end.job == JobState::never_begun) return {Conclusion::unreached, end.host_says};
    std::string why = end.host_says.empty() ? "nobody knows how its command ended" : end.host_says;
    if (end.shows == Shows::all) {
        if (end.lost_outputs.empty()) return {Conclusion::found_finished, "all that it sets is there"};
        why += "; " + end.lost_outputs;
    }
    return {Conclusion::doubted, why};
}

// Only the last attempt is known not to have begun. What an earlier one has done is still there, and still to be
// undone.
Judgement judge_never_begun(const AttemptEnd& end, bool is_to_be_rolled_back) {
    if (!end.reconciled->was_begun_before)
        return {Conclusion::untouched, is_to_be_rolled_back ? "it changed nothing" : "it had not begun; it runs again"};
    if (is_to_be_rolled_back) return {Conclusion::begun, "an earlier attempt of it may have begun"};
    return {Conclusion::again, "it had not begun; it runs again"};
}

// `lost`: all that it sets is there, but not the outputs that others read.
std::string why_in_doubt(const AttemptEnd& end, const std::string& lost) {
    std::string why = end.unseen.empty() ? end.differs : end.unseen;
    if (end.reconciled->last == Last::asks_first) why = end.failed_before;
    if (!lost.empty()) why = lost;
    // If its job may still run, that reason comes before what was observed.
    if (!end.host_says.empty() && (why.empty() || end.job == JobState::unclear))
        why = end.host_says + (why.empty() ? "" : "; " + why);
    return why.empty() ? "nothing can be seen that would tell whether it ran" : why;
}

std::string why_again(Last last, ActionType action, Shows shows) {
    if (last == Last::failed) return "it is tried again";
    if (action == ActionType::manual) return "nobody has said that it is done; it runs again";
    return shows == Shows::nothing ? "nothing of it is there; it runs again"
                                   : "doing it again changes nothing; it runs again";
}

// What others have set since tells nothing of this step, so such an observation is no proof that it did all or nothing.
Judgement judge_recovery(const AttemptEnd& end) {
    const AttemptEnd::Reconciled& of = *end.reconciled;
    const bool rolls_back = of.is_to_be_rolled_back;
    const Shows shows = end.shows != Shows::unseen && of.is_set_since ? Shows::other : end.shows;
    std::string lost;
    switch (journal::recover(of.last, end.job, end.action, shows)) {
        case RecoveryAction::finished:
            if (!rolls_back) lost = end.lost_outputs;
            if (lost.empty()) return {Conclusion::found_finished, "all that it sets is there"};
            break;
        case RecoveryAction::run_again:
        case RecoveryAction::wait_for_person:
            if (end.job == JobState::never_begun || of.last == Last::unreached)
                return judge_never_begun(end, rolls_back);
            if (rolls_back && end.job == JobState::unclear) break;  // no undo begins beside a command that may run
            if (rolls_back && shows == Shows::nothing) return {Conclusion::untouched, "it changed nothing"};
            if (rolls_back) return {Conclusion::begun, "it may have begun"};
            return {Conclusion::again, why_again(of.last, end.action, shows)};
        case RecoveryAction::ask_person: break;
    }
    if (rolls_back && end.job != JobState::unclear) return {Conclusion::begun, "it may have begun"};
    return {Conclusion::doubted, why_in_doubt(end, lost)};
}

}  // namespace

Judgement judge(const AttemptEnd& end) {
    switch (end.command) {
        case Command::succeeded: return judge_success(end);
        case Command::failed:
        case Command::killed: return failed(end, end.failure);
        case Command::unknown: break;
    }
    return end.reconciled ? judge_recovery(end) : judge_unknown(end);
}

}  // namespace pvsplan::engine
