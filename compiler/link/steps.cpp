#include "compiler/link/steps.hpp"

#include <algorithm>

#include "compiler/expand/expand.hpp"

namespace pvsplan::link {

using expand::CompileEnv;
using expand::Expansion;
using program::Expr;
using program::ExprPtr;
using program::Value;

namespace {

// The text with the path of the step in place of the open one.
std::string closed(const std::string& text, const std::string& path) {
    return text.starts_with(program::open_step) ? path + text.substr(program::open_step.size()) : text;
}

// The same for every step that the expression names.
ExprPtr closed(const ExprPtr& expr, const std::string& path) {
    if (!expr) return expr;
    auto copy = std::make_shared<Expr>(*expr);
    copy->step = closed(expr->step, path);
    for (ExprPtr& arg : copy->args) arg = closed(arg, path);
    return copy;
}

// Locals from `undone_frame` on are the object and the parameters of the step that is undone.
bool reads_undone(const Expr& expr) {
    bool found = false;
    program::for_each_part(expr, [&](const Expr& part) {
        found = found || (part.op == Expr::Op::local && part.local >= program::undone_frame);
    });
    return found;
}

}  // namespace

program::Place place_of(const base::Sources& sources, base::Span span) {
    if (span.is_nowhere()) return {};
    const base::Position position = sources.position(span.file, span.begin);
    return {std::string(sources.path(span.file)), position.line, position.column};
}

Linker::Linker(const resolve::Model& model, const base::Sources& sources, Effects effects)
    : model_(model), sources_(sources), effects_(effects) {
    for (const resolve::Action& action : model.actions) action_named_.emplace(action.compiled.name, &action);
}

graph::Order Linker::ordered(Expansion& expansion, diag::Sink& sink) const {
    return graph::order(
        expansion, [&](std::uint32_t n) { return expansion.path(n, model_); }, sink);
}

// Edges come by what waits, and for each of those in the order of its predecessors.
program::Graph Linker::graph(const Ordered& ordered) const {
    program::Graph graph;
    graph.nodes.reserve(ordered.node_of.size());
    graph.edges.reserve(ordered.predecessors.items.size());
    for (graph::Index i = 0; i < ordered.node_of.size(); ++i) {
        graph.nodes.push_back(node(ordered.expansion, ordered.node_of[i]));
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

// Numbers stay, so that nodes refer to them as the expansion does.
std::vector<program::Guard> Linker::guards(const Expansion& expansion) const {
    std::vector<program::Guard> guards;
    for (const expand::Guard& guard : expansion.guards)
        guards.push_back({.step = expansion.path_of_scope(guard.scope, model_),
                          .condition = guard.condition,
                          .parent = guard.parent == expand::none ? program::GuardId() : program::GuardId(guard.parent),
                          .source = place_of(sources_, guard.span)});
    return guards;
}

// What the step says goes before what its action says. A join has neither: it has no step of its own to be run.
program::Node Linker::node(const Expansion& expansion, std::uint32_t index) const {
    const expand::Node& source = expansion.nodes[index];
    const resolve::Step* step = expansion.scopes[source.scope].step;
    const expand::Terms& terms = expansion.terms[source.terms];
    program::Node node{
        .id = expansion.path(index, model_), .type = source.type, .on = source.on, .on_failure = terms.on_failure};
    if (terms.guard != expand::none) node.guard = program::GuardId(terms.guard);
    if (source.type == program::Node::Type::approval) node.text = *expansion.frames[source.content][0].as_string();
    if (!step) return node;
    if (source.type == program::Node::Type::approval && step->approve &&
        step->approve->approvers != program::Approvers{})
        node.approvers = step->approve->approvers;
    if (step->summary) node.summary = *step->summary;
    node.source = place_of(sources_, step->head);
    for (const Value& object : expansion.approved(source))
        node.does.push_back({std::string(program::approve_verb), *object.as_object()});
    if (source.type != program::Node::Type::action) return node;
    node.window = terms.window;
    say_action(node, *step);
    const Value on = source.on ? Value::object(source.on) : Value();
    say_effects(node, model_.actions[step->action.index()], on, expansion.frames[source.content], expansion);
    return node;
}

void Linker::say_action(program::Node& node, const resolve::Step& step) const {
    const resolve::Action& action = model_.actions[step.action.index()];
    node.action = action.compiled.name;
    if (node.summary.empty()) node.summary = action.compiled.summary;
    const resolve::Timeout& timeout = step.timeout ? *step.timeout : action.timeout;
    node.timeout_ms = timeout.after_ms;
    node.at_timeout = timeout.then;
    node.retry = step.retry ? *step.retry : action.retry;
}

// What the node passes, does and sets. An event or a state of an object that is not known is left out: for a plan it
// has been reported when the facts were made.
void Linker::say_effects(program::Node& node, const resolve::Action& action, const Value& on,
                         std::span<const Value> arguments, const Expansion& expansion) const {
    CompileEnv env(model_, expansion);
    env.locals.push_back(on);
    node.with.clear();
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        env.locals.push_back(arguments[i]);
        node.with.push_back(
            program::specialise(program::as_expr(arguments[i], *expansion.unknowns, action.parameters[i].type), env));
    }
    if (effects_ == Effects::left_out) return;
    for (const auto& event : action.compiled.does)
        if (const Value object = env.evaluate(event.object); object.as_object())
            node.does.push_back({event.verb, *object.as_object()});
    for (const auto& set : action.compiled.sets) {
        const Value object = env.evaluate(set.object);
        if (!object.as_object()) continue;
        node.sets.push_back({*object.as_object(), set.attribute, program::specialise(env.close(set.value), env)});
    }
}

// Nothing of steps that wait for each other; that is reported then.
Linker::Steps Linker::linked(Expansion expansion, diag::Sink& sink) const {
    const graph::Order order = ordered(expansion, sink);
    Steps steps;
    if (!order.is_acyclic) return steps;
    steps.graph = graph({expansion, order.node, order.predecessors, order.origin});
    steps.guards = guards(expansion);
    for (const std::uint32_t node : order.node) {
        const resolve::Step* step = expansion.scopes[expansion.nodes[node].scope].step;
        steps.places.push_back(step ? step->head : base::Span());
    }
    for (const expand::Guard& guard : expansion.guards) steps.guard_places.push_back(guard.span);
    return steps;
}

Linker::Steps Linker::undo_steps(const Expansion& plan, const expand::Node& node, const std::string& path,
                                 diag::Sink& sink) const {
    return linked(expand::expand_undo(model_, plan, node, path, sink), sink);
}

// What it finds is not told: undo_steps() of one of the steps says the same, with its place.
std::optional<program::OpenUndo> Linker::open_undo(resolve::ActionId id) const {
    diag::Sink elsewhere;
    Expansion steps = expand::expand_open_undo(model_, id, elsewhere);
    if (elsewhere.has_errors()) return std::nullopt;
    const graph::Order order = ordered(steps, elsewhere);
    // A condition on the step itself decides what there is to do, and what an approval says is text.
    const bool decides = std::any_of(steps.guards.begin(), steps.guards.end(),
                                     [](const expand::Guard& guard) { return reads_undone(*guard.condition); });
    const bool asks = std::any_of(steps.nodes.begin(), steps.nodes.end(),
                                  [](const expand::Node& node) { return node.type == program::Node::Type::approval; });
    if (elsewhere.has_errors() || decides || asks) return std::nullopt;
    const resolve::Action& action = model_.actions[id.index()];
    program::OpenUndo open{.undo = {.type = action.undo.type, .why = action.undo.why}};
    open.undo.steps = graph({steps, order.node, order.predecessors, order.origin});
    open.undo.guards = guards(steps);
    for (std::size_t i = 0; i < order.node.size(); ++i) {
        open.undo.steps.nodes[i].on = {};
        open.undo.steps.nodes[i].does.clear();
        open.undo.steps.nodes[i].sets.clear();
        const Value on = order.node[i] < steps.on.size() ? steps.on[order.node[i]] : Value();
        open.on.push_back(on.is_none() ? nullptr : program::as_expr(on, *steps.unknowns, {}));
    }
    return open;
}

// The same instances under the path of this node, with its values. What they do and set is worked out anew, since it
// may depend on them.
std::optional<program::Undo> Linker::close(const program::OpenUndo& open, const Expansion& plan,
                                           const expand::Node& node, const std::string& path) const {
    CompileEnv env(model_, plan);
    env.undone.push_back(node.on ? Value::object(node.on) : Value());
    const std::span<const Value> frame = plan.frames[node.content];
    env.undone.insert(env.undone.end(), frame.begin(), frame.end());
    program::Undo undo = open.undo;
    for (std::size_t i = 0; i < undo.steps.nodes.size(); ++i) {
        program::Node& step = undo.steps.nodes[i];
        step.id = closed(step.id, path);
        if (step.type != program::Node::Type::action) continue;
        const Value on = open.on[i] ? env.evaluate(closed(open.on[i], path)) : Value();
        if (open.on[i] && !on.as_object()) return std::nullopt;
        if (on.as_object()) step.on = *on.as_object();
        std::vector<Value> arguments;
        for (const ExprPtr& argument : step.with)
            arguments.push_back(argument ? env.evaluate(closed(argument, path)) : Value());
        say_effects(step, *action_named_.at(step.action), on, arguments, plan);
    }
    for (program::Guard& guard : undo.guards) {
        guard.step = closed(guard.step, path);
        guard.condition = closed(guard.condition, path);
    }
    return undo;
}

// The form that all steps of an action share comes first, as it is expanded once; where it does not fit, the undo of
// this step is expanded for itself.
program::Undo Linker::undo(const Expansion& plan, const expand::Node& node, const std::string& path, Opened& opened,
                           diag::Sink& sink) const {
    const resolve::ActionId action = plan.scopes[node.scope].step->action;
    if (model_.actions[action.index()].undo.type == program::Undo::Type::steps) {
        const auto [known, is_new] = opened.try_emplace(action);
        if (is_new) known->second = open_undo(action);
        if (known->second)
            if (auto undo = close(*known->second, plan, node, path)) return std::move(*undo);
    }
    const resolve::Undo& text = model_.actions[action.index()].undo;
    program::Undo undo{.type = text.type, .why = text.why};
    if (text.type != program::Undo::Type::steps) return undo;
    Steps steps = undo_steps(plan, node, path, sink);
    undo.steps = std::move(steps.graph);
    undo.guards = std::move(steps.guards);
    return undo;
}

Linker::Recovery Linker::recovery(const Expansion& plan, const expand::RecoverBlock& block, diag::Sink& sink) const {
    Recovery result{
        .steps = {.group = plan.path_of_scope(block.scope, model_), .source = place_of(sources_, block.span)}};
    Steps steps = linked(expand::expand_recovery(model_, plan, block, sink), sink);
    result.steps.steps = std::move(steps.graph);
    result.steps.guards = std::move(steps.guards);
    result.places = std::move(steps.places);
    result.guard_places = std::move(steps.guard_places);
    return result;
}

}  // namespace pvsplan::link
