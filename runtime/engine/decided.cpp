#include "runtime/engine/decided.hpp"

#include <algorithm>

#include "runtime/engine/messages.hpp"

namespace pvsplan::engine {

using program::InstanceId;

namespace {

// Abandoned iterations that people were told of (or decide about now), and whether they can be tried again: not where
// one within them was abandoned as well. What a person left out waits until one wants it tried again.
struct Readmissions {
    std::vector<InstanceId> again;
    std::vector<InstanceId> by_hand;
};
Readmissions readmissions_of(const state::RunState& run, const OperatorDecisions& said) {
    const std::vector<InstanceId>& asked = said.tried_again();
    Readmissions of;
    for (const InstanceId one : abandoned_iterations(run.now(), run.now_state())) {
        if (run.forward.left_out.contains(one)) continue;
        const bool is_asked = said.has_reconciled() || std::find(asked.begin(), asked.end(), one) != asked.end();
        if (run.now_state().abandoned[one.index()] > run.told_as && !is_asked) continue;
        const bool has_inner = has_abandoned_within(run.now(), run.now_state(), one);
        (has_inner ? of.by_hand : of.again).push_back(one);
    }
    return of;
}

}  // namespace

Decided decide(OperatorDecisions& said, const ResumeOptions& what, const Recorder& recorder) {
    if (std::string why = said.take(what.decisions); !why.empty())
        return {.outcome = said.is_store_at_fault() ? Outcome::wrong : Outcome::usage, .why = std::move(why)};
    // Decisions change what remains, and readmitted iterations come after steps that were to wait for them. Either way
    // the requirements are proved again.
    const state::RunState& state = recorder.run();
    Readmissions abandoned = readmissions_of(state, said);
    Decided decided;
    const bool is_otherwise = said.changes_what_remains() || !abandoned.again.empty();
    if (is_otherwise && what.prove_again && !state.is_rolling_back())
        if (base::Status proved = what.prove_again(state, said.may_have_happened()); !proved) {
            // Where nobody decided anything and others can go on, the iterations just stay abandoned. Else nothing is
            // left that this call could do.
            if (said.changes_what_remains() || recorder.ready().is_complete())
                return {.outcome = Outcome::refused, .why = proved.error().message, .causes = proved.error().causes};
            const std::string why =
                proved.error().causes.empty() ? proved.error().message : proved.error().causes.front();
            for (const InstanceId one : std::exchange(abandoned.again, {})) decided.keep.emplace_back(one, why);
        }
    decided.readmit = std::move(abandoned.again);
    for (const InstanceId one : abandoned.by_hand)
        decided.keep.emplace_back(one,
                                  "an iteration within it was abandoned as well, so this has to be finished by hand, "
                                  "or rolled back");
    return decided;
}

}  // namespace pvsplan::engine
