#include "runtime/engine/decided.hpp"

#include <algorithm>

#include "compiler/base/counted.hpp"
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

// A whole rack that is away is told in a few lines.
std::vector<std::string> some_of(const std::vector<std::string>& lines, const std::string& what) {
    static constexpr std::size_t max_told = 10;
    if (lines.size() <= max_told) return lines;
    std::vector<std::string> some(lines.begin(), lines.begin() + max_told);
    some.push_back("and " + base::counted(lines.size() - max_told, what));
    return some;
}

std::vector<std::string> notes_of(const Drift& drift) {
    std::vector<std::string> notes = some_of(drift.changed, "more state");
    for (std::string& line : some_of(drift.unanswered, "more object")) notes.push_back(std::move(line));
    return notes;
}

// What became of the farm, the first way out, and what would be broken.
std::vector<std::string> with_drift(const Drift& drift, const std::vector<std::string>& causes) {
    std::vector<std::string> all = notes_of(drift);
    if (!all.empty()) all.emplace_back("put that right, and `resume` goes on; else:");
    all.insert(all.end(), causes.begin(), causes.end());
    return all;
}

}  // namespace

Decided decide(OperatorDecisions& said, const ResumeOptions& what, const Recorder& recorder,
               const std::function<Drift()>& look) {
    if (std::string why = said.take(what.decisions); !why.empty())
        return {.outcome = said.is_store_at_fault() ? Outcome::wrong : Outcome::usage, .why = std::move(why)};
    // Decisions change what remains, readmitted iterations come after steps that were to wait for them, and others may
    // have changed the farm. In each case the requirements are proved again.
    const state::RunState& state = recorder.run();
    Readmissions abandoned = readmissions_of(state, said);
    const bool goes_forward = !state.is_rolling_back() && !recorder.is_to_be_rolled_back();
    const bool has_more = !recorder.ready().is_complete() || !abandoned.again.empty();
    const Drift drift = what.prove_again && goes_forward && has_more ? look() : Drift();
    if (drift.is_interrupted) return {.outcome = Outcome::usage, .why = "interrupted; nothing was done"};
    Decided decided;
    decided.notes = notes_of(drift);
    const bool is_otherwise = said.changes_what_remains() || !abandoned.again.empty() || !drift.is_empty();
    if (is_otherwise && what.prove_again && !state.is_rolling_back())
        if (base::Status proved =
                what.prove_again(state, {.may_have_happened = said.may_have_happened(), .away = drift.away});
            !proved) {
            // Where nobody decided anything and others can go on, the iterations just stay abandoned. Else nothing is
            // left that this call could do.
            if (said.changes_what_remains() || recorder.ready().is_complete() || !drift.is_empty())
                return {.outcome = Outcome::refused,
                        .why = proved.error().message,
                        .causes = with_drift(drift, proved.error().causes)};
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
