#include "compiler/assemble.hpp"

#include <algorithm>

#include "compiler/expand/env.hpp"
#include "compiler/expand/expand.hpp"

namespace pvsplan::compiler {
namespace {

using program::Expr;
using program::ExprPtr;
using resolve::Model;
using Op = Expr::Op;

class Assembler {
  public:
    Assembler(const Model& model, const base::Sources& sources, diag::Sink& sink, program::Plan& plan)
        : model_(model), sources_(sources), sink_(sink), plan_(plan) {}

    enum class WithUndo : std::uint8_t { yes, no };
    program::Graph graph(const Ordered& ordered, WithUndo with_undo) {
        program::Graph graph;
        graph.nodes.reserve(ordered.node_of.size());
        for (graph::Index i = 0; i < ordered.node_of.size(); ++i) {
            graph.nodes.push_back(node(ordered, ordered.node_of[i], with_undo));
            const auto before = ordered.predecessors[i];
            const std::uint32_t first = ordered.predecessors.starts[i];
            for (std::size_t e = 0; e < before.size(); ++e) {
                const expand::Origin& origin = ordered.expansion.origins[ordered.origins[first + e]];
                graph.edges.push_back(
                    {program::NodeId(before[e]), program::NodeId(i), origin.because, place_of(sources_, origin.span)});
            }
        }
        return graph;
    }

    std::vector<program::Guard> guards(const expand::Expansion& expansion) {
        std::vector<program::Guard> guards;
        for (const expand::Guard& guard : expansion.guards)
            guards.push_back(
                {.step = expansion.path_of_scope(guard.scope, model_),
                 .condition = guard.condition,
                 .parent = guard.parent == expand::none ? program::GuardId() : program::GuardId(guard.parent),
                 .source = place_of(sources_, guard.span)});
        return guards;
    }

    program::RecoverSteps recovery(const Ordered& whole, const expand::RecoverBlock& source) {
        program::RecoverSteps result{.group = whole.expansion.path_of_scope(source.scope, model_),
                                     .source = place_of(sources_, source.span)};
        for (graph::Index i = 0; i < whole.node_of.size(); ++i)
            if (whole.node_of[i] >= source.first_node && whole.node_of[i] < source.end_node)
                result.covers.push_back(program::NodeId(i));
        expand::Expansion expansion = expand::expand_recovery(model_, whole.expansion, source, sink_);
        const graph::Order order = ordered(expansion);
        result.steps = graph({expansion, order.node, order.predecessors, order.origin}, WithUndo::no);
        result.guards = guards(expansion);
        for (program::Guard& guard : result.guards) guard.condition = over_nodes(guard.condition);
        return result;
    }

  private:
    graph::Order ordered(expand::Expansion& expansion) {
        return graph::order(
            expansion, [&](std::uint32_t n) { return expansion.path(n, model_); }, sink_);
    }

    program::Node node(const Ordered& ordered, std::uint32_t index, WithUndo with_undo) {
        const expand::Expansion& expansion = ordered.expansion;
        const expand::Node& source = expansion.nodes[index];
        const resolve::Step* step = expansion.scopes[source.scope].step;
        const expand::Terms& terms = expansion.terms[source.terms];
        program::Node node{
            .id = expansion.path(index, model_), .type = source.type, .on = source.on, .on_failure = terms.on_failure};
        if (terms.guard != expand::none) node.guard = program::GuardId(terms.guard);
        if (terms.instance != expand::none) node.instance = program::InstanceId(terms.instance);
        if (source.type == program::Node::Type::approval) node.text = *expansion.frames[source.content][0].as_string();
        if (!step) return node;
        node.summary = step->summary;
        node.source = place_of(sources_, step->head);
        for (const program::Value& object : expansion.approved(source))
            node.does.push_back({std::string(program::approve_verb), *object.as_object()});
        if (source.type == program::Node::Type::action) fill_action(node, expansion, source, *step, with_undo);
        return node;
    }

    void fill_action(program::Node& node, const expand::Expansion& expansion, const expand::Node& source,
                     const resolve::Step& step, WithUndo with_undo) {
        const resolve::Action& action = model_.actions[step.action.index()];
        node.action = action.compiled.name;
        plan_.actions.try_emplace(node.action, action.compiled);
        if (node.summary.empty()) node.summary = action.compiled.summary;
        const resolve::Timeout& timeout = step.timeout ? *step.timeout : action.timeout;
        node.timeout_ms = timeout.after_ms;
        node.at_timeout = timeout.then;
        node.retry = step.retry ? *step.retry : action.retry;
        const std::span<const program::Value> arguments = expansion.frames[source.content];
        expand::Expansion scratch;
        scratch.unknowns = expansion.unknowns;
        expand::CompileEnv env(model_, scratch);
        env.locals.emplace_back(source.on ? program::Value::object(source.on) : program::Value());
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            env.locals.push_back(arguments[i]);
            node.with.push_back(
                folded(expand::as_expr(arguments[i], *expansion.unknowns, action.parameters[i].type), env));
        }
        for (const auto& event : action.compiled.does)
            if (const program::Value object = env.evaluate(event.object); object.as_object())
                node.does.push_back({event.verb, *object.as_object()});
        for (const auto& set : action.compiled.sets) {
            const program::Value object = env.evaluate(set.object);
            if (!object.as_object()) continue;
            node.sets.push_back({*object.as_object(), set.attribute, folded(env.close(set.value), env)});
        }
        if (with_undo == WithUndo::yes) node.undo = undo(expansion, source, action, node.id);
    }

    static ExprPtr folded(const ExprPtr& expr, const expand::CompileEnv& env) { return program::specialise(expr, env); }

    program::Undo undo(const expand::Expansion& expansion, const expand::Node& source, const resolve::Action& action,
                       const std::string& id) {
        program::Undo undo{.type = action.undo.type, .why = action.undo.why};
        if (undo.type != program::Undo::Type::steps) return undo;
        expand::Expansion steps = expand::expand_undo(model_, expansion, source, id, sink_);
        const graph::Order order = ordered(steps);
        undo.steps = graph({steps, order.node, order.predecessors, order.origin}, WithUndo::no);
        return undo;
    }

    // done(group) asks about each node of the group.
    ExprPtr over_nodes(const ExprPtr& expr) {
        if (expr->op == Op::done || expr->op == Op::started || expr->op == Op::failed) {
            std::vector<ExprPtr> parts;
            for (const program::Node& node : plan_.graph.nodes) {
                const bool is_it = node.id == expr->step;
                const char next = node.id.size() > expr->step.size() ? node.id[expr->step.size()] : '\0';
                const bool is_in = node.id.starts_with(expr->step) && (next == '.' || next == '[' || next == ':');
                if ((is_it || is_in) && node.type != program::Node::Type::join)
                    parts.push_back(program::make_expr({.op = expr->op, .step = node.id, .type = expr->type}));
            }
            if (parts.size() == 1) return parts[0];
            if (parts.empty()) return Expr::literal(program::Value::boolean(expr->op == Op::done), expr->type);
            return program::make_expr({.op = expr->op == Op::done ? Op::logical_and : Op::logical_or,
                                       .args = std::move(parts),
                                       .type = expr->type});
        }
        if (expr->args.empty()) return expr;
        Expr copy = *expr;
        for (ExprPtr& arg : copy.args) arg = over_nodes(arg);
        return program::make_expr(std::move(copy));
    }

    const Model& model_;
    const base::Sources& sources_;
    diag::Sink& sink_;
    program::Plan& plan_;
};

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

}  // namespace

program::Place place_of(const base::Sources& sources, base::Span span) {
    if (span.is_nowhere()) return {};
    const base::Position position = sources.position(span.file, span.begin);
    return {std::string(sources.path(span.file)), position.line, position.column};
}

program::Plan assemble_farm(const Model& model, const base::Sources& sources) {
    program::Plan plan{.farm = model.farm.name, .is_protected = model.farm.is_protected, .store = model.farm.store};
    for (const resolve::Kind& kind : model.kinds)
        plan.kinds[kind.name] = {.name = kind.name,
                                 .plural = kind.plural,
                                 .attributes = attributes_of(kind.attributes),
                                 .state = attributes_of(kind.state),
                                 .observe = kind.observe,
                                 .source = place_of(sources, kind.span)};
    for (const resolve::Object& source : model.farm.objects) {
        const resolve::Kind& kind = model.kinds[source.kind.index()];
        program::Object object{.id = kind.name + "/" + source.name,
                               .kind = kind.name,
                               .name = source.name,
                               .connect = connect_of(model.farm.connects[source.connect]),
                               .source = place_of(sources, source.span)};
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

program::Plan assemble(const Model& model, const Ordered& ordered, const base::Sources& sources, diag::Sink& sink) {
    program::Plan plan = assemble_farm(model, sources);
    plan.name = model.plan;
    plan.summary = model.summary;
    plan.on_failure = model.on_failure;
    plan.approvers = model.approvers;
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        plan.parameters[model.parameters[i].name] = model.arguments[i];
        plan.parameter_types[model.parameters[i].name] = model.parameters[i].type;
    }
    Assembler assembler(model, sources, sink, plan);
    plan.graph = assembler.graph(ordered, Assembler::WithUndo::yes);
    plan.guards = assembler.guards(ordered.expansion);
    for (const expand::Instance& instance : ordered.expansion.instances) {
        const expand::Loop& loop = ordered.expansion.loops[instance.loop];
        std::string path = ordered.expansion.path_of_scope(loop.scope, model);
        path += (path.empty() ? "" : ".") + loop.step->id;
        plan.instances.push_back(
            {.path = ordered.expansion.path_of_scope(instance.scope, model),
             .loop = std::move(path),
             .max_failures = loop.max_failures,
             .parent = instance.parent == expand::none ? program::InstanceId() : program::InstanceId(instance.parent)});
    }
    for (const expand::RecoverBlock& recovery : ordered.expansion.recoveries)
        plan.recoveries.push_back(assembler.recovery(ordered, recovery));
    return plan;
}

}  // namespace pvsplan::compiler
