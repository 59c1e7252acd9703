#include <algorithm>

#include "runtime/view/plan_diff.hpp"
#include "runtime/view/plan_order.hpp"
#include "runtime/view/show_text.hpp"

namespace pvsplan::view {
namespace {

using program::Node;
using program::Plan;
using Unit = Figure::Unit;

std::int64_t count(const Plan& plan, const std::function<bool(const Node&)>& is_one) {
    return std::count_if(plan.graph.nodes.begin(), plan.graph.nodes.end(), is_one);
}

// Along the critical path, as the actions say.
std::int64_t expected_time_ms(const Plan& plan) {
    const auto takes = [&](std::uint32_t i) { return expected_ms(plan, {}, i); };
    std::int64_t sum = 0;
    for (const std::uint32_t i : longest_chain(plan.graph, takes)) sum += takes(i);
    return sum;
}

// How many objects are at worst in the state that an `always` speaks of, as it was proved.
std::optional<std::int64_t> reached(const diff::Version& version, const program::Requirement& requirement) {
    for (std::size_t i = 0; i < version.plan.requirements.size() && i < version.decisions.size(); ++i) {
        const program::Requirement& one = version.plan.requirements[i];
        if (one.name != requirement.name || !one.demand.state || one.demand.bound != requirement.demand.bound) continue;
        if (version.decisions[i].reached >= 0) return version.decisions[i].reached;
    }
    return std::nullopt;
}

}  // namespace

std::vector<Figure> figures_of(const PlanDiff& diff) {
    std::vector<Figure> figures;
    const auto add = [&](std::string name, auto&& value, Unit unit = Unit::number) {
        Figure figure{std::move(name), {}, {}, unit};
        if (diff.before != nullptr) figure.before = value(*diff.before);
        if (diff.after != nullptr) figure.after = value(*diff.after);
        if (figure.before || figure.after) figures.push_back(std::move(figure));
    };
    const auto counted = [&](std::string name, const std::function<bool(const Node&)>& is_one) {
        add(std::move(name), [&](const diff::Version& version) { return count(version.plan, is_one); });
    };
    counted("steps", [](const Node& node) { return node.type != Node::Type::join; });
    counted("approvals", [](const Node& node) { return node.type == Node::Type::approval; });
    counted("points of no return", [](const Node& node) { return node.undo.type == program::Undo::Type::impossible; });
    add(
        "expected time", [](const diff::Version& version) { return expected_time_ms(version.plan); },
        Unit::milliseconds);
    for (const diff::Version* version : {diff.after, diff.before}) {
        if (version == nullptr) continue;
        for (const program::Requirement& one : version->plan.requirements) {
            if (one.demand.form != program::Demand::Form::always || !one.demand.state) continue;
            const bool is_least = one.demand.bound == program::Demand::Bound::at_least;
            std::string name = (is_least ? "fewest " : "most ") + one.demand.state->text + " at once";
            if (one.demand.per) name += ", per " + program::to_text(*one.demand.per, program::PlanNames(version->plan));
            const bool is_told =
                std::any_of(figures.begin(), figures.end(), [&](const Figure& figure) { return figure.name == name; });
            if (!is_told) add(std::move(name), [&](const diff::Version& in) { return reached(in, one); });
        }
    }
    return figures;
}

std::string text_of(const std::optional<std::int64_t>& value, Unit unit) {
    if (!value) return "-";
    if (unit == Unit::number) return std::to_string(*value);
    return *value == 0 ? "nobody knows" : duration_for_people(*value);
}

}  // namespace pvsplan::view
