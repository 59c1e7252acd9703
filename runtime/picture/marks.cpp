#include <algorithm>

#include "compiler/base/counted.hpp"
#include "compiler/schedule/reach.hpp"
#include "runtime/picture/drawing.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::picture {
namespace {

using program::Node;
using Type = Mark::Type;

constexpr std::size_t max_gates = 40;  // more approvals than anybody can read are in their lanes only

bool is_step(const Node& node) { return node.type != Node::Type::join; }

// Whether every other step comes before it or after it. By the order alone, and so in every schedule.
bool stops_all(const Drawing& drawing, std::uint32_t node) {
    std::vector<bool> marks(drawing.plan.graph.nodes.size());
    marks[node] = true;
    const std::vector<bool> after = schedule::after_any(drawing.facts, marks);
    const std::vector<bool> before = schedule::before_any(drawing.facts, marks);
    for (std::uint32_t i = 0; i < marks.size(); ++i)
        if (i != node && is_step(drawing.plan.graph.nodes[i]) && !after[i] && !before[i]) return false;
    return true;
}

// Those that other steps run beside are not marked over the full height: they stop only what waits for them.
void add_approvals(const Drawing& drawing, std::vector<Mark>& marks) {
    const auto& nodes = drawing.plan.graph.nodes;
    std::size_t asked = 0;
    for (std::uint32_t i = 0; i < nodes.size(); ++i)
        if (nodes[i].type == Node::Type::approval && ++asked <= max_gates && stops_all(drawing, i))
            marks.push_back({Type::approval, drawing.time.drawn[i], "approval: " + nodes[i].id, nodes[i].text});
}

// From the first to the last step that starts in it, as they are drawn: a window has no place in the expected time.
void add_windows(const Drawing& drawing, std::vector<Mark>& marks) {
    const auto& nodes = drawing.plan.graph.nodes;
    std::map<program::WindowId, Stretch> spans;
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        if (!nodes[i].window) continue;
        const Stretch& drawn = drawing.time.drawn[i];
        const auto [found, is_new] = spans.try_emplace(nodes[i].window, drawn);
        if (!is_new) found->second = {std::min(found->second.from, drawn.from), std::max(found->second.to, drawn.to)};
    }
    for (const auto& [window, when] : spans) {
        const std::string text = program::text_of(drawing.plan.windows[window.index()]);
        marks.push_back({Type::window, when, "window " + text, "What is here starts only from " + text});
    }
}

// The steps before it that change something: done they stay.
std::size_t stranded(const Drawing& drawing, std::uint32_t node) {
    const std::vector<graph::Index> before = schedule::ancestors(drawing.facts, std::vector<graph::Index>{node});
    return static_cast<std::size_t>(std::count_if(
        before.begin(), before.end(), [&](graph::Index i) { return !drawing.plan.graph.nodes[i].sets.empty(); }));
}

std::string no_return_text(const Drawing& drawing, std::uint32_t node) {
    const Node& at = drawing.plan.graph.nodes[node];
    const std::size_t stay = stranded(drawing, node);
    std::string text = "no rollback past `" + at.id + "`: " + at.undo.why;
    if (stay > 0)
        text += (text.ends_with('.') ? " " : "; ") + base::counted(stay, "step") + " before it " +
                (stay == 1 ? "stays" : "stay") + " done";
    return text;
}

// The first forty; the list below the chart has up to a hundred.
void add_points_of_no_return(const Drawing& drawing, std::vector<Mark>& marks) {
    const auto& nodes = drawing.plan.graph.nodes;
    std::size_t told = 0;
    for (std::uint32_t i = 0; i < nodes.size(); ++i)
        if (nodes[i].undo.type == program::Undo::Type::impossible && ++told <= max_gates)
            marks.push_back({Type::no_return, drawing.time.drawn[i], "no rollback past " + nodes[i].id,
                             no_return_text(drawing, i)});
}

// An `always` shows its violation in the count; others at the step that should have been elsewhere.
void add_violations(const Drawing& drawing, std::vector<Mark>& marks) {
    for (std::size_t i = 0; i < drawing.decisions.size(); ++i) {
        const checks::Decision& decision = drawing.decisions[i];
        if (!drawing.is_violated(i) || decision.worst || !decision.step) continue;
        marks.push_back({Type::violation, drawing.time.drawn[*decision.step],
                         "violated: " + drawing.plan.requirements[i].name, decision.reason});
    }
}

}  // namespace

// By their places; of those at the same place in the order above.
std::vector<Mark> marks_of(const Drawing& drawing) {
    std::vector<Mark> marks;
    add_approvals(drawing, marks);
    add_windows(drawing, marks);
    add_points_of_no_return(drawing, marks);
    add_violations(drawing, marks);
    std::stable_sort(marks.begin(), marks.end(),
                     [](const Mark& a, const Mark& b) { return a.when.from < b.when.from; });
    return marks;
}

std::vector<std::string> no_return_of(const Drawing& drawing) {
    static constexpr std::size_t max_marks = 100;
    std::vector<std::string> all;
    for (std::uint32_t i = 0; i < drawing.plan.graph.nodes.size() && all.size() < max_marks; ++i)
        if (drawing.plan.graph.nodes[i].undo.type == program::Undo::Type::impossible)
            all.push_back(no_return_text(drawing, i));
    return all;
}

}  // namespace pvsplan::picture
