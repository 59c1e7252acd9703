#include "runtime/engine/drift.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

using program::NodeId;
using program::ObjectId;
using state::Phase;

namespace {

constexpr std::int64_t max_patience_ms = 10'000;  // a person waits for the answer

// What the run is still busy with, or was when it halted.
struct Unfinished {
    std::set<ObjectId> objects;
    std::set<std::pair<ObjectId, std::string>> states;  // that its steps set
};

// A step of an iteration that a person left out counts as well: its host may be dead, and that was decided about.
bool is_unfinished(const state::RunState& run, std::size_t node) {
    const Phase phase = run.forward.nodes[node].phase;
    return is_under_way(phase) || phase == Phase::failed || phase == Phase::unreached ||
           state::left_out_around(run.execution, run.forward, run.execution.node(NodeId(node)).instance);
}

Unfinished unfinished_of(const state::RunState& run) {
    Unfinished of;
    for (std::size_t i = 0; i < run.execution.size(); ++i) {
        if (!is_unfinished(run, i)) continue;
        const program::Node& node = run.execution.node(NodeId(i));
        if (node.on) of.objects.insert(node.on);
        for (const program::Setting& set : node.sets) {
            of.objects.insert(set.object);
            of.states.emplace(set.object, set.attribute);
        }
    }
    return of;
}

// Values that the run knows, and that are others now. A state of which it knows nothing has not changed for it: the
// proof takes it for anything in either case.
state::States changed_states(const state::States& known, const ObservedObject& now, const Unfinished& unfinished) {
    state::States changed;
    for (const auto& [attribute, value] : now.state) {
        const auto before = known.find(attribute);
        const bool is_known = before != known.end() && !before->second.is_none() && !value.is_none();
        if (is_known && before->second != value && !unfinished.states.contains({now.object, attribute}))
            changed.emplace(attribute, value);
    }
    return changed;
}

}  // namespace

Drift take_drift(const Environment& environment, const Options& options, Recorder& recorder, const ToldSoFar& told) {
    const state::RunState& run = recorder.run();
    const program::Plan& plan = recorder.plan();
    Options how = options;
    how.observe_patience_ms = std::min(how.observe_patience_ms, max_patience_ms);
    const std::vector<ObservedObject> observed = observe(environment, plan, how, told);
    Drift drift;
    drift.is_interrupted = environment.signals->count() > 0;
    if (drift.is_interrupted) return drift;
    const Unfinished unfinished = unfinished_of(run);
    const program::PlanNames names(plan);
    state::ObjectStates changed;
    for (const ObservedObject& now : observed) {
        const program::Object& object = plan.objects[now.object.index()];
        if (!now.error.empty()) {
            if (unfinished.objects.contains(now.object)) continue;
            drift.away.push_back(now.object);
            drift.unanswered.push_back(object.id + " cannot be observed: " + now.error);
            continue;
        }
        const state::States& known = run.farm[now.object.index()];
        state::States here = changed_states(known, now, unfinished);
        for (const auto& [attribute, value] : here)
            drift.changed.push_back(object.id + ": " + attribute + " is " + program::to_text(value, names) +
                                    ", and the run left it " + program::to_text(known.at(attribute), names));
        if (!here.empty()) changed.emplace(now.object, std::move(here));
    }
    if (!changed.empty())
        recorder.journal().write({.type = journal::Record::Type::observed,
                                  .text = "otherwise than the run left it",
                                  .states = journal::encode_states(changed, plan)});
    return drift;
}

}  // namespace pvsplan::engine
