#include "compiler/graph/build.hpp"

#include <map>
#include <unordered_map>

#include "compiler/expand/codes.hpp"
#include "compiler/expand/env.hpp"
#include "compiler/graph/bodies.hpp"
#include "compiler/resolve/codes.hpp"

namespace pvsplan::graph {
namespace {

using expand::CompileEnv;
using expand::Expansion;
using program::Value;
using resolve::Model;

class Values {
  public:
    explicit Values(std::vector<Value>& out) : out_(out) {}
    ValueIndex index(const Value& value) {
        if (!out_.empty() && out_[last_] == value) return last_;  // neighbours mostly set the same value
        const auto [found, is_new] = known_.try_emplace(value, static_cast<ValueIndex>(out_.size()));
        if (is_new) out_.push_back(value);
        return last_ = found->second;
    }

  private:
    struct Hash {
        std::size_t operator()(const Value& v) const { return v.hash(); }
    };
    std::vector<Value>& out_;
    std::unordered_map<Value, ValueIndex, Hash> known_;
    ValueIndex last_ = 0;
};

void add_locals(const Model& model, Facts& facts, Values& values) {
    std::map<std::string, std::uint32_t> names;
    std::vector<std::vector<std::uint32_t>> names_of_kind;
    for (const resolve::Kind& kind : model.kinds) {
        std::vector<std::uint32_t>& mine = names_of_kind.emplace_back();
        for (const resolve::Attribute& a : kind.state) {
            const auto [found, is_new] =
                names.try_emplace(a.name, static_cast<std::uint32_t>(facts.state_names.size()));
            if (is_new) facts.state_names.push_back(a.name);
            mine.push_back(found->second);
        }
        facts.kinds.push_back(kind.name);
        facts.objects_of_kind.items.insert(facts.objects_of_kind.items.end(), kind.objects.begin(), kind.objects.end());
        facts.objects_of_kind.starts.push_back(static_cast<std::uint32_t>(facts.objects_of_kind.items.size()));
    }
    for (std::size_t i = 0; i < model.farm.objects.size(); ++i) {
        const resolve::Object& object = model.farm.objects[i];
        facts.first_variable.push_back(static_cast<std::uint32_t>(facts.variable_object.size()));
        facts.object_kind.push_back(object.kind.value);
        const std::vector<std::uint32_t>& its_names = names_of_kind[object.kind.index()];
        const std::span<const Value> state = model.state_of(object);
        for (std::size_t a = 0; a < its_names.size(); ++a) {
            const auto variable = static_cast<StateVariable>(facts.variable_object.size());
            facts.initial.push_back(
                values.index(state[a].is_none() ? Value::unknown(resolve::unknown_state_base + variable) : state[a]));
            facts.variable_object.push_back(ObjectId(i));
            facts.variable_attribute.push_back(its_names[a]);
        }
    }
}

class FactsBuilder {
  public:
    FactsBuilder(const Model& model, Expansion& expansion, Facts& facts, diag::Sink& sink)
        : model_(model),
          expansion_(expansion),
          facts_(facts),
          sink_(sink),
          env_(model, expansion),
          values_(facts.values) {
        add_locals(model, facts, values_);
    }

    void add(const expand::Node& node) {
        const Index index = facts_.size();
        const expand::Terms& terms = expansion_.terms[node.terms];
        const bool is_action = node.type == program::Node::Type::action;
        facts_.guard.push_back(terms.guard == expand::none ? no_guard : terms.guard);
        facts_.is_action.push_back(is_action);
        facts_.instance.push_back(terms.instance);
        facts_.on.push_back(node.on);
        facts_.frame.push_back(is_action ? node.content : 0);
        if (is_action) add_action(node, index);
        for (const Value& object : expansion_.approved(node))
            facts_.events.items.push_back({verb(std::string(program::approve_verb)), *object.as_object()});
        facts_.events.starts.push_back(static_cast<std::uint32_t>(facts_.events.items.size()));
        facts_.sets.starts.push_back(static_cast<std::uint32_t>(facts_.sets.items.size()));
    }

  private:
    void add_action(const expand::Node& node, Index index) {
        const resolve::Step& step = *expansion_.scopes[node.scope].step;
        const resolve::Action& action = model_.actions[step.action.index()];
        const std::span<const Value> arguments = expansion_.frames[node.content];
        env_.locals.resize(arguments.size() + 1);
        env_.locals[0] = node.on ? Value::object(node.on) : Value();
        std::copy(arguments.begin(), arguments.end(), env_.locals.begin() + 1);
        for (const auto& event : action.compiled.does)
            if (const auto object = object_of(event.object, node))
                facts_.events.items.push_back({verb(event.verb), *object});
        for (const auto& set : action.compiled.sets) {
            const auto object = object_of(set.object, node);
            if (!object) continue;
            const resolve::Kind& kind = model_.kinds[model_.farm.objects[object->index()].kind.index()];
            const StateVariable variable =
                facts_.first_variable[object->index()] + static_cast<StateVariable>(*kind.state_index(set.attribute));
            facts_.sets.items.push_back({variable, values_.index(env_.evaluate(set.value))});
        }
        if (action.compiled.precondition)
            facts_.requires_.push_back({index, action.requires_span, action.compiled.precondition.get()});
    }

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

    std::uint32_t verb(const std::string& name) {
        const auto [found, is_new] = verbs_.try_emplace(name, static_cast<std::uint32_t>(facts_.verbs.size()));
        if (is_new) facts_.verbs.push_back(name);
        return found->second;
    }

    const Model& model_;
    Expansion& expansion_;
    Facts& facts_;
    diag::Sink& sink_;
    CompileEnv env_;
    Values values_;
    std::map<std::string, std::uint32_t> verbs_;
};

// Reserves the memory of all facts at once: an array that grows by doubling would need twice as much.
void reserve(const Model& model, const Expansion& expansion, Facts& facts) {
    std::size_t events = 0;
    std::size_t sets = 0;
    std::size_t conditions = 0;
    for (const expand::Node& node : expansion.nodes) {
        if (node.type != program::Node::Type::action) continue;
        const program::Action& action = model.actions[expansion.scopes[node.scope].step->action.index()].compiled;
        events += action.does.size();
        sets += action.sets.size();
        conditions += action.precondition ? 1 : 0;
    }
    facts.is_action.reserve(expansion.nodes.size());
    facts.on.reserve(expansion.nodes.size());
    facts.frame.reserve(expansion.nodes.size());
    facts.events.starts.reserve(expansion.nodes.size() + 1);
    facts.events.items.reserve(events);
    facts.sets.starts.reserve(expansion.nodes.size() + 1);
    facts.sets.items.reserve(sets);
    facts.requires_.reserve(conditions);
}

std::string text_of_unknown(const Model& model, const Expansion& expansion, const Facts& facts, std::uint32_t id) {
    if (id < resolve::unknown_state_base) return "the parameter `" + model.parameters.at(id).name + "`";
    if (id < resolve::unknown_other_base) {
        const StateVariable variable = id - resolve::unknown_state_base;
        return "the state `" + facts.state_names[facts.variable_attribute[variable]] + "` of `" +
               facts.object_name(facts.variable_object[variable]) + "`";
    }
    return "`" + *expansion.unknowns->text_of(id) + "`";
}

}  // namespace

void build(const Model& model, Expansion& expansion, Order& order, Facts& facts, diag::Sink& sink) {
    facts.predecessors = std::move(order.predecessors);
    facts.successors = std::move(order.successors);
    reserve(model, expansion, facts);
    FactsBuilder builder(model, expansion, facts, sink);
    for (const std::uint32_t node : order.node) builder.add(expansion.nodes[node]);
    check_bodies(model, expansion, sink);
    facts.frames = expansion.frames;
    for (const expand::Guard& guard : expansion.guards)
        facts.guards.push_back({.variable = guard.variable,
                                .value = guard.value,
                                .parent = guard.parent == expand::none ? no_guard : guard.parent,
                                .text = program::to_text(*guard.condition, expand::FarmNames(model)),
                                .condition = guard.condition,
                                .place = guard.span});
    facts.guard_variables = expansion.guard_variables;
    std::vector<GuardQuestion> questions(expansion.guard_variables);
    for (const expand::Guard& guard : expansion.guards)
        questions[guard.variable] = {program::question_of(guard.condition).asked, std::to_string(guard.scope)};
    facts.guard_domain = GuardDomain(questions, {}, expand::FarmNames(model));
    for (const expand::Instance& instance : expansion.instances)
        facts.instances.push_back({instance.loop, instance.parent});
    for (const expand::Loop& loop : expansion.loops) {
        std::string path = expansion.path_of_scope(loop.scope, model);
        path += (path.empty() ? "" : ".") + loop.step->id;
        facts.loops.push_back({std::move(path), loop.max_failures});
    }
    const expand::FarmNames names(model);
    facts.path = [&model, &expansion, &order](Index i) { return expansion.path(order.node[i], model); };
    facts.place = [&expansion, &order](Index i) {
        const resolve::Step* step = expansion.scopes[expansion.nodes[order.node[i]].scope].step;
        return step ? step->head : base::Span{};
    };
    facts.finding_at = [&model, &expansion, &order](Index i) { return expansion.finding_at(order.node[i], model); };
    facts.found_between = [&model, &expansion, &order](Index earlier, Index later) {
        expand::FoundBetween found = expansion.found_between(order.node[earlier], order.node[later], model);
        return Facts::Between{std::move(found.place), std::move(found.way_out)};
    };
    facts.finding_on_failure = [&model, &expansion, &order](Index i) {
        return expansion.finding_on_failure(order.node[i], model);
    };
    facts.object_name = [names](ObjectId id) { return names.id_text(id); };
    facts.attribute = [&model](ObjectId id, const std::string& name) { return expand::attribute_of(model, id, name); };
    facts.unknown_text = [&model, &expansion, &facts](std::uint32_t id) {
        return text_of_unknown(model, expansion, facts, id);
    };
}

}  // namespace pvsplan::graph
