#include "runtime/engine/wanted.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "runtime/engine/job.hpp"
#include "runtime/engine/left_out.hpp"
#include "runtime/engine/messages.hpp"
#include "runtime/engine/output_readers.hpp"

namespace pvsplan::engine {

using program::NodeId;
using state::Phase;

namespace {

// What a node in this phase wants of a person; none for what runs, waits or is over.
std::optional<Wanted::Type> type_of(const state::RunState& run, NodeId id) {
    switch (run.now_state().nodes[id.index()].phase) {
        case Phase::started:
            if (is_by_hand(run, run.now().node(id))) return Wanted::Type::manual;
            return std::nullopt;
        case Phase::in_doubt: return Wanted::Type::doubt;
        case Phase::failed: return Wanted::Type::failed;
        case Phase::unreached: return Wanted::Type::unreached;
        default: return std::nullopt;
    }
}

// "on `pvs03`, as job 20261126-0207-k3x9-…-1; what it prints is in /var/lib/pvsplan/jobs/20261126-0207-k3x9-…-1 there"
std::string where(const std::string& run_id, const state::RunState& run, NodeId id) {
    const program::Node& node = run.now().node(id);
    const state::NodeState& at = run.now_state().nodes[id.index()];
    if (is_modelled(run, node) || !has_command(run, node)) return "";
    const program::ObjectId host = host_of(run, node, prepare(run, node));
    const std::string key = job_key(run_id, node.id, at.attempt);
    std::string text = host ? "on `" + run.plan->objects[host.index()].id + "`, as job " + key : "as job " + key;
    constexpr std::string_view folder = " folder=";
    if (const std::size_t found = at.place.find(folder); found != std::string::npos)
        text += "; what it printed is in " + at.place.substr(found + folder.size()) + "/" + key;
    return text;
}

// The outputs that later steps read are asked for with the step: whoever says that it is done has to give them.
Wanted about(const std::string& run_id, const state::RunState& run, NodeId id, Wanted::Type type) {
    const program::Node& node = run.now().node(id);
    Wanted wanted{.type = type, .node = node.id, .text = run.now_state().nodes[id.index()].text};
    if (type == Wanted::Type::manual) wanted.text = instructions_of(run, node);
    if (type == Wanted::Type::doubt) wanted.where = where(run_id, run, id);
    wanted.has_command = has_command(run, node);
    for (const OutputReader& reader : output_readers(run, id))
        if (std::find(wanted.outputs.begin(), wanted.outputs.end(), reader.output) == wanted.outputs.end())
            wanted.outputs.push_back(reader.output);
    if (node.instance && !run.is_rolling_back())
        wanted.iteration = (*run.execution.instances)[node.instance.index()].path;
    return wanted;
}

}  // namespace

std::string_view name_of(Wanted::Type type) {
    constexpr std::array<std::string_view, 9> names = {"approval",  "manual", "doubt", "failed",  "unreached",
                                                       "no_return", "window", "until", "left_out"};
    return names.at(static_cast<std::size_t>(type));
}

// Derived and thrown away: only the rollback program knows what cannot be undone.
RollbackReach reach_of(const state::RunState& run) {
    if (run.back) return RollbackReach::under_way;
    return state::derive_rollback(run)->no_return.empty() ? RollbackReach::all : RollbackReach::part;
}

// The reason of the plan's author, then the steps that cannot be undone because of it.
std::string what_stays(const program::NoReturn& point) {
    std::string text = point.why;
    if (!point.stays.empty() && text.ends_with('.')) text.pop_back();
    for (std::size_t i = 0; i < point.stays.size(); ++i)
        text += (i == 0 ? "; what came before it stays as well: " : ", ") + point.stays[i];
    return text;
}

// A step in an iteration that was left out is told with that iteration, not by itself.
std::vector<Wanted> wanted_of(const std::string& id, const state::RunState& run, const Ready& ready) {
    std::vector<Wanted> all;
    for (const NodeId node : ready.approve())
        all.push_back({.type = Wanted::Type::approval,
                       .node = run.now().node(node).id,
                       .text = question_of(*run.plan, run.now().node(node))});
    if (!run.is_rolling_back())
        for (const auto& [iteration, who] : run.forward.left_out)
            all.push_back({.type = Wanted::Type::left_out,
                           .node = (*run.execution.instances)[iteration.index()].path,
                           .text = who.by + ": " + who.because});
    for (std::size_t i = 0; i < run.now().size(); ++i)
        if (const std::optional<Wanted::Type> type = type_of(run, NodeId(i)); type && !is_left_out(run, NodeId(i)))
            all.push_back(about(id, run, NodeId(i), *type));
    if (run.back)
        for (const program::NoReturn& stays : run.back->no_return)
            all.push_back({.type = Wanted::Type::no_return, .node = stays.node, .text = what_stays(stays)});
    return all;
}

}  // namespace pvsplan::engine
