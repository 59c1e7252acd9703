#include "runtime/engine/output_readers.hpp"

#include <algorithm>

#include "runtime/engine/job.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::engine {

using program::Node;
using program::NodeId;
using state::Phase;

namespace {

// One reader for each output is enough: it is told to people as an example.
class Search {
  public:
    explicit Search(std::string step) : step_(std::move(step)) {}

    void expression(const program::ExprPtr& expr, const std::string& who) {
        if (!expr) return;
        program::for_each_part(*expr, [&](const program::Expr& part) {
            if (part.op != program::Expr::Op::output || part.step != step_) return;
            const auto same = [&](const OutputReader& one) { return one.output == part.name; };
            if (std::none_of(found.begin(), found.end(), same)) found.push_back({part.name, who});
        });
    }
    void step(const Node& node, const std::string& who) {
        for (const program::ExprPtr& with : node.with) expression(with, who);
        for (const program::Setting& set : node.sets) expression(set.value, who);
    }
    void graph(const program::Graph& graph, const std::string& who) {
        for (const Node& node : graph.nodes) step(node, who);
    }

    std::vector<OutputReader> found;

  private:
    std::string step_;
};

enum class Abandoned : std::uint8_t { counts, is_left };

// Whether the step, or what carries a `when`, is in an iteration that was abandoned.
bool is_abandoned(const state::ExecutionGraph& execution, const state::ExecutionState& state, std::string_view path) {
    for (std::size_t i = 0; i < state.abandoned.size(); ++i)
        if (const std::string& around = (*execution.instances)[i].path;
            state.abandoned[i] != 0 && path.starts_with(around))
            if (path.size() == around.size() || path[around.size()] == '.') return true;
    return false;
}

void search(Search& into, const state::ExecutionGraph& execution, const state::ExecutionState& state,
            Abandoned abandoned) {
    const auto is_left = [&](std::string_view path) {
        return abandoned == Abandoned::is_left && is_abandoned(execution, state, path);
    };
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const Node& node = execution.node(NodeId(i));
        if (is_left(node.id)) continue;
        const bool is_skipped =
            node.guard && state::decision_of(execution, state, node.guard) == state::Decision::fails;
        if (state.nodes[i].phase != Phase::finished && !is_skipped) into.step(node, "`" + node.id + "`");
    }
    for (std::size_t i = 0; i < execution.guards->size(); ++i)
        if (state.guards[i] == state::Decision::open && !is_left((*execution.guards)[i].step))
            into.expression((*execution.guards)[i].condition, "the `when` of `" + (*execution.guards)[i].step + "`");
}

// The simulated farm prints nothing.
bool prints(const state::RunState& run, NodeId step) {
    const Node& node = run.now().node(step);
    const program::Action* action = run.now().action(node);
    return action != nullptr && !action->outputs.empty() && !is_modelled(run, node);
}

}  // namespace

std::vector<OutputReader> output_readers_ahead(const state::RunState& run, NodeId step) {
    if (!prints(run, step)) return {};
    Search into(run.now().node(step).id);
    search(into, run.now(), run.now_state(), Abandoned::is_left);
    return std::move(into.found);
}

// Before the rollback began, what would undo the plan counts as well: an output that is missing then would leave the
// rollback stuck.
std::vector<OutputReader> output_readers(const state::RunState& run, NodeId step) {
    if (!prints(run, step)) return {};
    const Node& node = run.now().node(step);
    Search into(node.id);
    search(into, run.now(), run.now_state(), Abandoned::counts);
    if (run.back) return std::move(into.found);
    for (const Node& other : run.plan->graph.nodes) into.graph(other.undo.steps, "the rollback of `" + other.id + "`");
    for (const program::RecoverSteps& recovery : run.plan->recoveries) {
        into.graph(recovery.steps, "`recover`");
        for (const program::Guard& guard : recovery.guards) into.expression(guard.condition, "`recover`");
    }
    return std::move(into.found);
}

}  // namespace pvsplan::engine
