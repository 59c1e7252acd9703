#include <algorithm>
#include <map>

#include "runtime/view/plan_diff.hpp"
#include "runtime/view/plan_order.hpp"
#include "runtime/view/state_figures.hpp"

namespace pvsplan::view {
namespace {

using program::Node;
using program::Plan;
using Unit = Figure::Unit;

std::int64_t count(const Plan& plan, bool (*is_one)(const Node&)) {
    return std::count_if(plan.graph.nodes.begin(), plan.graph.nodes.end(), is_one);
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

// The figures of one version, each as if it were the one after. A figure is known by its name; of two that would have
// the same one the first is told. What nobody knows is left out.
std::vector<Figure> figures_of(const diff::Version& version) {
    std::vector<Figure> figures;
    const auto add = [&](std::string name, std::optional<std::int64_t> value, Unit unit = Unit::number,
                         bool is_of_group = false) {
        const bool is_told =
            std::any_of(figures.begin(), figures.end(), [&](const Figure& figure) { return figure.name == name; });
        if (value && !is_told) figures.push_back({std::move(name), {}, value, unit, is_of_group});
    };
    const Plan& plan = version.plan;
    add("steps", count(plan, [](const Node& node) { return node.type != Node::Type::join; }));
    add("approvals", count(plan, [](const Node& node) { return node.type == Node::Type::approval; }));
    add("points of no return",
        count(plan, [](const Node& node) { return node.undo.type == program::Undo::Type::impossible; }));
    const ExpectedTimes times = expected_times(plan);
    add("expected time", times.end, Unit::milliseconds);
    const std::vector<StateFigures> states = state_figures(version, times);
    for (const StateFigures& one : states) add(one.state + ", all added up", one.expected_ms, Unit::milliseconds);
    for (const program::Requirement& one : plan.requirements) {
        if (one.demand.form != program::Demand::Form::always || !one.demand.state) continue;
        const bool is_least = one.demand.bound == program::Demand::Bound::at_least;
        std::string name = (is_least ? "fewest " : "most ") + one.demand.state->text + " at once";
        if (one.demand.per) name += ", per " + program::to_text(*one.demand.per, program::PlanNames(plan));
        add(std::move(name), reached(version, one));
    }
    for (const StateFigures& one : states) {
        if (one.max_at_once.size() < 2) continue;  // the row before says it
        for (const auto& [group, most] : one.max_at_once)
            add("most " + one.state + " at once in " + group, most, Unit::number, true);
    }
    return figures;
}

}  // namespace

// In the order of the newer version; what only the older one has comes last.
std::vector<Figure> figures_of(const PlanDiff& diff) {
    std::vector<Figure> figures = diff.after == nullptr ? std::vector<Figure>() : figures_of(*diff.after);
    if (diff.before == nullptr) return figures;
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < figures.size(); ++i) known[figures[i].name] = i;
    for (Figure& figure : figures_of(*diff.before)) {
        std::swap(figure.before, figure.after);
        if (const auto same = known.find(figure.name); same != known.end())
            figures[same->second].before = figure.before;
        else
            figures.push_back(std::move(figure));
    }
    return figures;
}

// A group in which nothing changed, or that only one side has, is not counted as left out: nobody would look for it.
ShownFigures figures_shown(const PlanDiff& diff, DiffShows shows) {
    static constexpr std::size_t max_groups = 4;
    ShownFigures shown;
    std::size_t groups = 0;
    for (Figure& figure : figures_of(diff)) {
        const bool is_same = !figure.before || !figure.after || figure.before == figure.after;
        if (shows == DiffShows::worst && figure.is_of_group && (is_same || ++groups > max_groups)) {
            shown.left_out += is_same ? 0 : 1;
            continue;
        }
        shown.figures.push_back(std::move(figure));
    }
    return shown;
}

// A time of 0 is one that nobody knows, and not one that is short.
std::string text_of(const std::optional<std::int64_t>& value, Unit unit) {
    if (!value) return "-";
    if (unit == Unit::number) return std::to_string(*value);
    return *value == 0 ? "nobody knows" : duration_for_people(*value);
}

}  // namespace pvsplan::view
