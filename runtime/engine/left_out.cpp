#include "runtime/engine/left_out.hpp"

#include "compiler/base/shell_word.hpp"
#include "runtime/engine/attempts.hpp"
#include "runtime/engine/output_readers.hpp"

namespace pvsplan::engine {

using program::InstanceId;
using program::Node;
using program::NodeId;
using state::Phase;
using Record = journal::Record;

namespace {

// Whether the inner iteration is the other one, or somewhere inside of it.
bool is_within(const state::RunState& run, InstanceId inner, InstanceId iteration) {
    auto at = inner;
    while (at && at != iteration) at = (*run.execution.instances)[at.index()].parent;
    return static_cast<bool>(at);
}

// Finished and skipped steps are left as they are; of all others nothing more is done.
std::vector<NodeId> open_steps(const state::RunState& run, InstanceId iteration) {
    std::vector<NodeId> open;
    for (std::size_t i = 0; i < run.execution.size(); ++i) {
        const NodeId id(i);
        const Node& node = run.execution.node(id);
        if (!is_within(run, node.instance, iteration)) continue;
        const bool is_skipped =
            node.guard && state::decision_of(run.execution, run.forward, node.guard) == state::Decision::fails;
        if (node.type != Node::Type::join && run.forward.nodes[id.index()].phase != Phase::finished && !is_skipped)
            open.push_back(id);
    }
    return open;
}

void write(Recorder& recorder, InstanceId iteration, const std::string& value, const std::string& because) {
    const ports::Identity& me = recorder.environment().me;
    recorder.journal().write({.type = Record::Type::abandoned,
                              .node = (*recorder.run().execution.instances)[iteration.index()].path,
                              .value = value,
                              .text = recorder.redactor().clean(because),
                              .by = me.user,
                              .host = me.host});
}

}  // namespace

// Asked of the forward program only: a rollback leaves nothing out.
bool is_left_out(const state::RunState& run, NodeId node) {
    if (run.is_rolling_back()) return false;
    return static_cast<bool>(state::left_out_around(run.execution, run.forward, run.execution.node(node).instance));
}

std::string left_out_text(const state::RunState& run, InstanceId iteration) {
    const state::LeftOut& of = run.forward.left_out.at(iteration);
    return "`" + (*run.execution.instances)[iteration.index()].path + "` is left out (" + of.by + ": " + of.because +
           ")";
}

// From the reasons that need no host to the one that does: steps under way are asked about last.
std::string why_not_left_out(Recorder& recorder, const Options& options, InstanceId iteration) {
    const state::RunState& run = recorder.run();
    const std::string name = "`" + (*run.execution.instances)[iteration.index()].path + "`";
    if (run.is_rolling_back()) return "the run is being rolled back: there is nothing to go on with without " + name;
    if (run.forward.rollback_because)
        return "the run is to be rolled back (" + *run.forward.rollback_because +
               "): it does not go on, with or without " + name;
    if (const InstanceId around = state::left_out_around(run.execution, run.forward, iteration))
        return left_out_text(run, around) + " already";
    // A step that still runs would go on beside the steps that are let past it. A host that nobody reaches does not
    // hold the decision up: the proof lets such steps happen at any moment.
    const std::vector<NodeId> open = open_steps(run, iteration);
    if (open.empty()) return "nothing of " + name + " is left to do";
    for (const NodeId id : open) {
        const Node& node = recorder.node(id);
        if (!is_under_way(recorder.state(id).phase)) continue;
        if (ask_about(recorder, options, id, ports::Job::Ask::look).type == ports::JobEvent::Type::running)
            return "`" + node.id + "` still runs; `pvsplan resume " + recorder.run_id() + " --kill " +
                   base::shell_word(node.id) + "` ends it with all that it started";
    }
    return "";
}

// The decision is recorded before the failures: they are within an abandoned iteration then, and neither halt the run
// nor roll it back.
void leave_out(Recorder& recorder, InstanceId iteration, const std::string& because) {
    const state::RunState& run = recorder.run();
    write(recorder, iteration, "", because);
    for (const NodeId id : open_steps(run, iteration))
        if (is_under_way(recorder.state(id).phase))
            recorder.write({.type = Record::Type::failed,
                            .attempt = recorder.state(id).attempt,
                            .value = "ask first",
                            .text = "nobody knows what became of it: its iteration was left out"},
                           id);
}

void try_again(Recorder& recorder, InstanceId iteration, const std::string& because) {
    write(recorder, iteration, "again", because);
}

// The first step outside of what is left out that could not go on without an output of it; empty: none.
std::string needed_from_left_out(const state::RunState& run) {
    for (const auto& [iteration, who] : run.forward.left_out)
        for (const NodeId id : open_steps(run, iteration))
            for (const OutputReader& reader : output_readers_ahead(run, id))
                return reader.who + " reads `" + reader.output + "` of `" + run.execution.node(id).id +
                       "`, and cannot go on without it";
    return "";
}

}  // namespace pvsplan::engine
