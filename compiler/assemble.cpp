#include "compiler/assemble.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "compiler/link/iterations.hpp"

namespace pvsplan::compiler {
namespace {

using resolve::Model;

std::vector<program::Attribute> attributes_of(const std::vector<resolve::Attribute>& source) {
    std::vector<program::Attribute> attributes;
    for (const resolve::Attribute& a : source) attributes.push_back({a.name, a.type, a.default_value});
    return attributes;
}

// The compiled plan states the connection of each object, also where the farm relies on the default.
std::map<std::string, program::Value> connect_of(const resolve::Connect& connect) {
    if (!connect.values.empty()) return connect.values;
    return {{"over", program::Value::string("simulated")}};
}

// What recovers each group, outer before inner. What a group covers stands in a row in the expansion, but not in the
// order, so that its numbers are sorted again.
std::vector<program::RecoverSteps> recoveries_of(const link::Linker& linker, const link::Ordered& whole,
                                                 diag::Sink& sink) {
    std::vector<program::NodeId> id_of(whole.node_of.size());  // by node of the expansion
    for (graph::Index i = 0; i < whole.node_of.size(); ++i) id_of[whole.node_of[i]] = program::NodeId(i);
    std::vector<program::RecoverSteps> all;
    for (const expand::RecoverBlock& block : whole.expansion.recoveries) {
        program::RecoverSteps& steps = all.emplace_back(linker.recovery(whole.expansion, block, sink).steps);
        steps.covers.assign(id_of.begin() + block.first_node, id_of.begin() + block.end_node);
        std::sort(steps.covers.begin(), steps.covers.end());
    }
    return all;
}

// The actions that the nodes of the plan, what undoes them and what recovers groups call. Each is copied for the first
// of its nodes and then no longer found.
void add_actions(const Model& model, program::Plan& plan) {
    std::unordered_map<std::string_view, const program::Action*> missing;
    for (const resolve::Action& action : model.actions) missing.emplace(action.compiled.name, &action.compiled);
    const auto add = [&](const program::Graph& graph) {
        for (const program::Node& node : graph.nodes) {
            const auto found = missing.find(node.action);
            if (found == missing.end()) continue;
            plan.actions.emplace(node.action, *found->second);
            missing.erase(found);
        }
    };
    add(plan.graph);
    for (const program::Node& node : plan.graph.nodes) add(node.undo.steps);
    for (const program::RecoverSteps& recovery : plan.recoveries) add(recovery.steps);
}

}  // namespace

// An attribute or a state that is none is left out: that is how a compiled plan says none.
program::Plan assemble_farm(const Model& model, const base::Sources& sources) {
    program::Plan plan{.farm = model.farm.name, .is_protected = model.farm.is_protected, .store = model.farm.store};
    for (const resolve::Kind& kind : model.kinds)
        plan.kinds[kind.name] = {.name = kind.name,
                                 .plural = kind.plural,
                                 .attributes = attributes_of(kind.attributes),
                                 .state = attributes_of(kind.state),
                                 .observe = kind.observe,
                                 .source = link::place_of(sources, kind.span)};
    for (const resolve::Object& source : model.farm.objects) {
        const resolve::Kind& kind = model.kinds[source.kind.index()];
        program::Object object{.id = kind.name + "/" + source.name,
                               .kind = kind.name,
                               .name = source.name,
                               .connect = connect_of(model.farm.connects[source.connect]),
                               .source = link::place_of(sources, source.span)};
        const auto attributes = model.attributes_of(source);
        for (std::size_t i = 0; i < attributes.size(); ++i)
            if (!attributes[i].is_none()) object.attributes[kind.attributes[i].name] = attributes[i];
        const auto state = model.state_of(source);
        for (std::size_t i = 0; i < state.size(); ++i)
            if (!state[i].is_none()) object.state[kind.state[i].name] = state[i];
        plan.objects.push_back(std::move(object));
    }
    plan.secrets = model.farm.secrets;
    return plan;
}

program::Plan assemble(const Model& model, const link::Ordered& ordered, const base::Sources& sources,
                       link::Effects effects, diag::Sink& sink) {
    program::Plan plan = assemble_farm(model, sources);
    plan.name = model.plan;
    plan.summary = model.summary;
    plan.on_failure = model.on_failure;
    plan.approvers = model.approvers;
    plan.notify = model.notify;
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        plan.parameters[model.parameters[i].name] = model.arguments[i];
        plan.parameter_types[model.parameters[i].name] = model.parameters[i].type;
    }
    const link::Linker linker(model, sources, effects);
    plan.graph = linker.graph(ordered);
    link::Linker::Opened opened;
    for (graph::Index i = 0; i < ordered.node_of.size(); ++i) {
        const expand::Node& source = ordered.expansion.nodes[ordered.node_of[i]];
        program::Node& node = plan.graph.nodes[i];
        if (source.type == program::Node::Type::action)
            node.undo = linker.undo(ordered.expansion, source, node.id, opened, sink);
    }
    plan.guards = linker.guards(ordered.expansion);
    link::Iterations iterations = link::iterations_of(ordered.expansion, ordered.node_of, model);
    for (graph::Index i = 0; i < ordered.node_of.size(); ++i)
        plan.graph.nodes[i].instance = iterations.innermost[ordered.expansion.nodes[ordered.node_of[i]].scope];
    plan.instances = std::move(iterations.all);
    plan.windows = ordered.expansion.windows;
    for (const expand::LeftOut& step : ordered.expansion.left_out)
        if (!step.why.empty()) plan.left_out.push_back({step.path, step.why});
    plan.recoveries = recoveries_of(linker, ordered, sink);
    add_actions(model, plan);
    return plan;
}

}  // namespace pvsplan::compiler
