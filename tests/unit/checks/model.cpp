#include "tests/unit/checks/model.hpp"

#include <algorithm>
#include <map>

#include "compiler/base/check.hpp"

namespace pvsplan::test {
namespace {

using program::Value;

std::optional<int> small(const Value& value) {
    if (const std::string* name = value.as_enumerator()) return toy_value(*name);
    if (const bool* truth = value.as_boolean()) return *truth ? 1 : 0;
    return std::nullopt;
}

std::size_t variable_of(program::ObjectId object, const std::string& state) {
    return object.index() * toy_states + static_cast<std::size_t>(toy_state(state));
}

void add_objects(const program::Plan& plan, Model& model) {
    for (const program::Object& object : plan.objects) {
        const auto site = object.attributes.find("site");
        model.objects.push_back(
            {object.kind, object.name, site == object.attributes.end() ? "" : *site->second.as_string()});
        std::vector<std::optional<int>> states(toy_states, 0);
        for (const program::Attribute& attribute : plan.kinds.at(object.kind).state) {
            const auto known = object.state.find(attribute.name);
            states[static_cast<std::size_t>(toy_state(attribute.name))] =
                known == object.state.end() ? std::nullopt : small(known->second);
        }
        model.initial.insert(model.initial.end(), states.begin(), states.end());
    }
}

struct Wanted {
    std::uint32_t is_true = 0;  // variables
    std::uint32_t is_false = 0;
};

// Guards with the same text share a variable, also behind a `not`; a guard is true only if its parents are.
std::vector<Wanted> guard_sets(const program::Plan& plan, Model& model) {
    const program::PlanNames names(plan);
    std::vector<Wanted> sets;
    for (const program::Guard& guard : plan.guards) {
        std::string text = program::to_text(*guard.condition, names);
        bool is_not = false;
        for (; text.starts_with("not "); text.erase(0, 4)) is_not = !is_not;
        for (const auto& [other, plain] : {std::pair(" != ", " == "), std::pair(" not in ", " in ")})
            if (const std::size_t at = text.find(other); at != std::string::npos) {
                text.replace(at, std::string_view(other).size(), plain);
                is_not = !is_not;
            }
        const auto known = std::find(model.variable_texts.begin(), model.variable_texts.end(), text);
        const auto variable = static_cast<std::size_t>(known - model.variable_texts.begin());
        if (known == model.variable_texts.end()) model.variable_texts.push_back(text);
        Wanted wanted = guard.parent ? sets[guard.parent.index()] : Wanted{};
        (is_not ? wanted.is_false : wanted.is_true) |= 1U << variable;
        sets.push_back(wanted);
    }
    model.variables = static_cast<std::uint32_t>(model.variable_texts.size());
    return sets;
}

}  // namespace

// A value that is compared with texts takes each of them, and one that is none of them.
bool Model::can_be(std::uint32_t truths) const {
    std::map<std::string, std::uint32_t> by_subject;
    for (std::uint32_t v = 0; v < variables; ++v)
        for (const char* const comparison : {" == ", " in "})
            if (const std::size_t at = variable_texts[v].find(comparison); at != std::string::npos)
                by_subject[variable_texts[v].substr(0, at)] |= 1U << v;
    return std::all_of(by_subject.begin(), by_subject.end(), [&](const auto& subject) {
        const std::vector<std::string> values = {"\"a\"", "\"b\"", "\"else\""};
        return std::any_of(values.begin(), values.end(), [&](const std::string& value) {
            std::uint32_t met = 0;
            for (std::uint32_t v = 0; v < variables; ++v)
                if (variable_texts[v].find(value) != std::string::npos) met |= 1U << v;
            return ((met ^ truths) & subject.second) == 0;
        });
    });
}

std::optional<Model> model_of(const program::Plan& plan) {
    Model model;
    if (plan.graph.nodes.size() > 32 || plan.instances.size() > 32 || plan.guards.size() > 31) return std::nullopt;
    add_objects(plan, model);
    const std::vector<Wanted> guards = guard_sets(plan, model);
    std::map<std::pair<int, std::string>, std::size_t> loops;
    for (const program::Instance& instance : plan.instances) {
        const int parent = instance.parent ? static_cast<int>(instance.parent.index()) : -1;
        const std::size_t loop = loops.try_emplace({parent, instance.loop}, loops.size()).first->second;
        model.instances.push_back({loop, parent, instance.max_failures});
    }
    for (const program::Node& node : plan.graph.nodes) {
        Model::Node own{.id = node.id, .is_action = node.type == program::Node::Type::action};
        if (node.guard)
            own.guards = guards[node.guard.index()].is_true, own.refused = guards[node.guard.index()].is_false;
        if (node.instance) own.instance = static_cast<int>(node.instance.index());
        for (const program::Event& event : node.does) own.events.push_back({event.verb, event.object.index()});
        for (const program::Setting& set : node.sets) {
            const std::optional<int> value =
                set.value->op == program::Expr::Op::literal ? small(set.value->value) : std::nullopt;
            base::check(value.has_value(), "every action of the module toy sets a value that is written there");
            own.sets.push_back({variable_of(set.object, set.attribute), *value});
        }
        if (const auto need = toy_need(node.action)) {
            own.need_local = node.on.index() * toy_states + static_cast<std::size_t>(need->state);
            own.need_value = need->value;
        }
        model.nodes.push_back(std::move(own));
    }
    for (const program::Edge& edge : plan.graph.edges) model.nodes[edge.to.index()].before |= 1U << edge.from.index();
    return model;
}

}  // namespace pvsplan::test
