#include "compiler/established.hpp"

#include <algorithm>
#include <set>

#include "compiler/base/check.hpp"

namespace pvsplan::compiler {
namespace {

using resolve::Block;
using resolve::Model;
using resolve::Step;

class Resolved {
  public:
    explicit Resolved(const Model& model) : model_(model) {}

    void check(const Block& block) {
        for (const Step& step : block.steps) {
            base::check(step.type != Step::Type::error || step.refused, "every step of a plan without errors is known");
            base::check(!step.for_each || step.for_each->list, "every loop has its list");
            const std::size_t wanted = step.action      ? model_.actions[step.action.index()].parameters.size()
                                       : step.procedure ? model_.procedures[step.procedure.index()].parameters.size()
                                                        : 0;
            const bool is_whole =
                step.with.size() == wanted && std::find(step.with.begin(), step.with.end(), nullptr) == step.with.end();
            base::check(is_whole || step.type == Step::Type::error, "every call has its arguments");
            check(step.block);
            if (step.recover) check(*step.recover);
            if (step.procedure && entered_.insert(step.procedure).second)
                check(model_.procedures[step.procedure.index()].block);
        }
    }

  private:
    const Model& model_;
    std::set<resolve::ProcedureId> entered_;
};

}  // namespace

// For a plan without errors in its names; a failure is a bug of the stage before.
void check_resolved(const Model& model) {
    Resolved(model).check(model.block);
    for (const program::Requirement& requirement : model.requirements)
        base::check(requirement.demand.form != program::Demand::Form::error, "every requirement is understood");
    base::check(model.arguments.size() == model.parameters.size(), "every parameter has a value or stands for all");
}

void check_expanded(const Model& model, const expand::Expansion& expansion) {
    for (const expand::Node& node : expansion.nodes) {
        if (node.type != program::Node::Type::action) continue;
        const Step* const step = expansion.scopes[node.scope].step;
        base::check(step && step->type == Step::Type::action, "every action is an instance of a step");
        const resolve::Action& action = model.actions[step->action.index()];
        base::check(action.on.is_none() == node.on.is_none(), "every instance has the object that its action works on");
        base::check(node.on.is_none() || node.on.index() < model.farm.objects.size(),
                    "every object is one of the farm");
    }
}

// Each node once, behind all that it waits for.
void check_ordered(const expand::Expansion& expansion, const graph::Order& order) {
    base::check(order.node.size() == expansion.nodes.size() && order.predecessors.size() == order.node.size(),
                "every node has its place in the order");
    std::vector<bool> is_placed(expansion.nodes.size());
    for (graph::Index at = 0; at < order.node.size(); ++at) {
        base::check(!is_placed[order.node[at]], "no node has two places in the order");
        is_placed[order.node[at]] = true;
        for (const graph::Index before : order.predecessors[at])
            base::check(before < at, "every node comes after what it waits for");
    }
}

}  // namespace pvsplan::compiler
