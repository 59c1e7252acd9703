#include "compiler/graph/build.hpp"

#include <algorithm>

#include "compiler/base/lists.hpp"
#include "compiler/expand/codes.hpp"
#include "compiler/expand/env.hpp"
#include "compiler/graph/bodies.hpp"
#include "compiler/graph/facts_maker.hpp"
#include "compiler/graph/skipped_sources.hpp"
#include "compiler/resolve/codes.hpp"

namespace pvsplan::graph {
namespace {

using expand::CompileEnv;
using expand::Expansion;
using program::Value;
using resolve::Model;

std::vector<FactsMaker::State> states_of(const resolve::Kind& kind) {
    std::vector<FactsMaker::State> states;
    for (const resolve::Attribute& state : kind.state) states.push_back({state.name, state.type});
    return states;
}

// In the order of the model, so that kinds and objects have the same numbers there and in the facts.
void add_farm(const Model& model, FactsMaker& maker) {
    for (const resolve::Kind& kind : model.kinds)
        maker.kind(
            kind.name, states_of(kind),
            kind.observe.type == program::Body::Type::none ? FactsMaker::Observe::never : FactsMaker::Observe::can);
    for (const resolve::Object& object : model.farm.objects) maker.object(object.kind.value, model.state_of(object));
    maker.end_of_objects();
}

// Numbered as in the model.
void add_actions(const Model& model, FactsMaker& maker) {
    for (const resolve::Action& action : model.actions)
        maker.action({.action = &action.compiled,
                      .undo = action.undo.type,
                      .why_undo = action.undo.why,
                      .place = action.span,
                      .requires_place = action.requires_span,
                      .undo_place = action.undo.span});
}

// Says what each instance does.
class Instances {
  public:
    Instances(const Model& model, Expansion& expansion, FactsMaker& maker, diag::Sink& sink)
        : model_(model), expansion_(expansion), maker_(maker), sink_(sink), env_(model, expansion) {}

    void add(std::uint32_t number) {
        const expand::Node& node = expansion_.nodes[number];
        const expand::Terms& terms = expansion_.terms[node.terms];
        const bool is_action = node.type == program::Node::Type::action;
        // Events and sets first: node() ends their rows.
        if (is_action) add_action(node, number);
        for (const Value& object : expansion_.approved(node))
            maker_.event(std::string(program::approve_verb), *object.as_object());
        maker_.node({.guard = terms.guard == expand::none ? no_guard : terms.guard,
                     .is_action = is_action,
                     .is_approval = node.type == program::Node::Type::approval,
                     .instance = terms.instance,
                     .on = node.on,
                     .frame = is_action ? node.content : 0,
                     .action = is_action ? expansion_.scopes[node.scope].step->action.value : no_index});
    }

  private:
    // The path is made only for an action that reads `before`: it costs more than all else here.
    void add_action(const expand::Node& node, std::uint32_t number) {
        const resolve::Step& step = *expansion_.scopes[node.scope].step;
        const resolve::Action& action = model_.actions[step.action.index()];
        const std::span<const Value> arguments = expansion_.frames[node.content];
        env_.locals.resize(arguments.size() + 1);
        env_.locals[0] = node.on ? Value::object(node.on) : Value();
        std::copy(arguments.begin(), arguments.end(), env_.locals.begin() + 1);
        for (const auto& event : action.compiled.does)
            if (const auto object = object_of(event.object, node)) maker_.event(event.verb, *object);
        env_.before_of = program::reads_before(action.compiled) ? expansion_.path(number, model_) : std::string();
        for (const auto& set : action.compiled.sets)
            if (const auto object = object_of(set.object, node))
                maker_.set(*object, set.attribute, env_.evaluate(set.value));
    }

    // The object must be known: an event of just any server would make every proof about servers undecided.
    std::optional<ObjectId> object_of(const program::ExprPtr& expr, const expand::Node& node) {
        const Value object = env_.evaluate(expr);
        if (const ObjectId* id = object.as_object()) return *id;
        const base::Span head = expansion_.scopes[node.scope].step->head;
        const diag::Place place = expansion_.finding_in(node.scope, head, model_);
        if (object.is_unknown())
            sink_.report(expand::not_known_yet, place, "the object that this step changes");
        else
            sink_.report(expand::no_object, place, "an argument of the call is empty");
        return std::nullopt;
    }

    const Model& model_;
    Expansion& expansion_;
    FactsMaker& maker_;
    diag::Sink& sink_;
    CompileEnv env_;
};

// Reserves the memory of all facts at once: an array that grows by doubling would need twice as much.
void reserve(const Model& model, const Expansion& expansion, Facts& facts) {
    std::size_t events = 0;
    std::size_t sets = 0;
    for (const expand::Node& node : expansion.nodes) {
        if (node.type != program::Node::Type::action) continue;
        const program::Action& action = model.actions[expansion.scopes[node.scope].step->action.index()].compiled;
        events += action.does.size();
        sets += action.sets.size();
    }
    facts.is_action.reserve(expansion.nodes.size());
    facts.is_approval.reserve(expansion.nodes.size());
    facts.on.reserve(expansion.nodes.size());
    facts.frame.reserve(expansion.nodes.size());
    facts.action.reserve(expansion.nodes.size());
    facts.events.starts.reserve(expansion.nodes.size() + 1);
    facts.events.items.reserve(events);
    facts.sets.starts.reserve(expansion.nodes.size() + 1);
    facts.sets.items.reserve(sets);
}

// What a person could supply to make it known.
std::string text_of_unknown(const Model& model, const Expansion& expansion, const Facts& facts, Value::Unknown of) {
    using Type = Value::Unknown::Type;
    if (of.type == Type::parameter) return "the parameter `" + model.parameters.at(of.number).name + "`";
    if (of.type == Type::expression) return "`" + expansion.unknowns->text_of(of, expand::FarmNames(model)) + "`";
    return facts.state_text(of.number);
}

// The innermost guards of steps, by path. Paths are made only where a condition reads an output.
class GuardsOfSteps {
  public:
    GuardsOfSteps(const Model& model, const Expansion& expansion) : model_(model), expansion_(expansion) {}
    GuardIndex of(const std::string& step) {
        if (!std::exchange(is_made_, true))
            for (std::uint32_t i = 0; i < expansion_.nodes.size(); ++i) {
                const expand::Node& node = expansion_.nodes[i];
                const std::uint32_t guard = expansion_.terms[node.terms].guard;
                if (guard != expand::none && node.type == program::Node::Type::action)
                    by_path_.emplace(expansion_.path(i, model_), guard);
            }
        const auto found = by_path_.find(step);
        return found == by_path_.end() ? no_guard : found->second;
    }

  private:
    const Model& model_;
    const Expansion& expansion_;
    std::map<std::string, GuardIndex> by_path_;
    bool is_made_ = false;
};

// Guards keep their numbers. All guards of a variable ask the same, so that the last one gives its question.
void add_guards(const Model& model, const Expansion& expansion, Facts& facts) {
    for (const expand::Guard& guard : expansion.guards)
        facts.guards.push_back({.variable = guard.variable,
                                .value = guard.value,
                                .parent = guard.parent == expand::none ? no_guard : guard.parent,
                                .text = program::to_text(*guard.condition, expand::FarmNames(model)),
                                .condition = guard.condition,
                                .place = guard.span});
    facts.guard_variables = expansion.guard_variables;
    std::vector<GuardQuestion> questions(expansion.guard_variables);
    std::vector<program::ExprPtr> conditions;
    for (const expand::Guard& guard : expansion.guards) {
        conditions.push_back(guard.condition);
        questions[guard.variable] = {program::question_of(guard.condition).asked, std::to_string(guard.scope)};
    }
    GuardsOfSteps steps(model, expansion);
    const auto sources =
        skipped_sources(facts.guards, conditions, [&](const std::string& step) { return steps.of(step); });
    for (GuardIndex g = 0; g < sources.size(); ++g) questions[facts.guards[g].variable].add(sources[g]);
    facts.guard_domain = GuardDomain(questions, {}, expand::FarmNames(model));
}

// Loops and instances keep their numbers, to which the nodes refer.
void add_loops(const Model& model, const Expansion& expansion, Facts& facts) {
    for (const expand::Instance& instance : expansion.instances)
        facts.instances.push_back({instance.loop, instance.parent});
    for (const expand::Loop& loop : expansion.loops) {
        std::string path = expansion.path_of_scope(loop.scope, model);
        base::append(path, ".", loop.step->id);
        facts.loops.push_back({std::move(path), loop.max_failures});
    }
}

using Events = std::set<std::pair<std::string, std::string>>;  // verb and kind

// Of a list it is the kind of its elements; what has no kind is no event.
void add_event(std::string_view verb, const program::ExprPtr& on, Events& events) {
    const program::Type& type = on->type;
    const program::Type& object = type.element ? *type.element : type;
    if (object.category == program::Type::Category::object) events.emplace(verb, object.names[0]);
}

// The events of a step and of all steps inside of it.
void add_events(const Model& model, const resolve::Block& block, Events& events);
void add_events(const Model& model, const resolve::Step& step, Events& events) {
    if (step.type == resolve::Step::Type::approval && step.on) add_event(program::approve_verb, step.on, events);
    if (step.action)
        for (const auto& event : model.actions[step.action.index()].compiled.does)
            add_event(event.verb, event.object, events);
    if (step.procedure) add_events(model, model.procedures[step.procedure.index()].block, events);
    add_events(model, step.block, events);
}
void add_events(const Model& model, const resolve::Block& block, Events& events) {
    for (const resolve::Step& step : block.steps) add_events(model, step, events);
}

// A step that was left out many times is looked at once.
void add_left_out(const Model& model, const Expansion& expansion, Facts& facts) {
    std::set<const resolve::Step*> steps;
    for (const expand::LeftOut& one : expansion.left_out)
        if (steps.insert(one.step).second) add_events(model, *one.step, facts.left_out_events);
}

// Paths and places are made when a finding asks for them: of a million nodes hardly one is ever named.
void add_callbacks(const Model& model, Expansion& expansion, const Order& order, Facts& facts) {
    const expand::FarmNames names(model);
    facts.path = [&model, &expansion, &order](Index i) { return expansion.path(order.node[i], model); };
    facts.place = [&expansion, &order](Index i) {
        const resolve::Step* step = expansion.scopes[expansion.nodes[order.node[i]].scope].step;
        return step ? step->head : base::Span{};
    };
    facts.finding_at = [&model, &expansion, &order](Index i) { return expansion.finding_at(order.node[i], model); };
    facts.finding_in = [&model, &expansion, &order](Index i, base::Span seen) {
        return expansion.finding_in(expansion.nodes[order.node[i]].scope, seen, model);
    };
    facts.found_between = [&model, &expansion, &order](Index earlier, Index later) {
        expand::FoundBetween found = expansion.found_between(order.node[earlier], order.node[later], model);
        return Facts::Between{std::move(found.place), std::move(found.way_out), found.steps};
    };
    facts.finding_on_failure = [&model, &expansion, &order](Index i) {
        return expansion.finding_on_failure(order.node[i], model);
    };
    facts.object_name = [names](ObjectId id) { return names.id_text(id); };
    facts.attribute = [&model](ObjectId id, const std::string& name) { return expand::attribute_of(model, id, name); };
    facts.list_index = model.list_index;
    facts.unknown_text = [&model, &expansion, &facts](Value::Unknown of) {
        return text_of_unknown(model, expansion, facts, of);
    };
}

}  // namespace

// Nodes are added in the order of their numbers, kinds and objects before them: FactsMaker only appends.
void build(const Model& model, Expansion& expansion, Order& order, Facts& facts, diag::Sink& sink) {
    facts.predecessors = std::move(order.predecessors);
    facts.successors = std::move(order.successors);
    reserve(model, expansion, facts);
    FactsMaker maker(facts);
    add_farm(model, maker);
    add_actions(model, maker);
    Instances instances(model, expansion, maker, sink);
    for (const std::uint32_t node : order.node) instances.add(node);
    check_bodies(model, expansion, sink);
    facts.frames = expansion.frames;
    facts.unknowns = expansion.unknowns;
    add_guards(model, expansion, facts);
    add_loops(model, expansion, facts);
    add_left_out(model, expansion, facts);
    add_callbacks(model, expansion, order, facts);
}

}  // namespace pvsplan::graph
