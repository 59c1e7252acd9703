#include "runtime/cli/observation.hpp"

namespace pvsplan::cli {

ObservedStates states_of(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed) {
    ObservedStates states;
    for (const engine::ObservedObject& one : observed)
        for (const auto& [attribute, value] : one.state) states[plan.objects[one.object.index()].id][attribute] = value;
    return states;
}

std::vector<Unseen> unseen(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed) {
    const program::PlanNames names(plan);
    std::vector<Unseen> result;
    for (const engine::ObservedObject& one : observed) {
        const program::Object& object = plan.objects[one.object.index()];
        const auto kind = plan.kinds.find(object.kind);
        if (!one.error.empty() || kind == plan.kinds.end()) continue;
        Unseen here{.object = object.id, .attributes = {}, .expected = {}};
        for (const auto& state : kind->second.state) {
            const auto seen = one.state.find(state.name);
            if (seen != one.state.end() && !seen->second.is_none()) continue;
            here.attributes.push_back(state.name);
            const auto expected = object.state.find(state.name);
            if (expected == object.state.end() || expected->second.has_unknown()) continue;
            here.expected +=
                (here.expected.empty() ? "" : ", ") + state.name + " = " + program::to_text(expected->second, names);
        }
        if (!here.attributes.empty()) result.push_back(std::move(here));
    }
    return result;
}

std::vector<Difference> differences(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed) {
    const program::PlanNames names(plan);
    std::vector<Difference> result;
    for (const engine::ObservedObject& one : observed) {
        const program::Object& object = plan.objects[one.object.index()];
        for (const auto& [attribute, value] : one.state) {
            const auto expected = object.state.find(attribute);
            if (expected == object.state.end() || expected->second == value) continue;
            result.push_back(
                {object.id, attribute, program::to_text(expected->second, names), program::to_text(value, names)});
        }
    }
    return result;
}

std::string text_of(const Difference& difference) {
    const auto shown = [](const std::string& value) { return value.empty() ? std::string("\"\"") : value; };
    return difference.object + ": " + difference.attribute + " is " + shown(difference.found) + ", not " +
           shown(difference.expected);
}

}  // namespace pvsplan::cli
