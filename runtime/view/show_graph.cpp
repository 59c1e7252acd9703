#include <algorithm>
#include <map>
#include <set>

#include "compiler/base/counted.hpp"
#include "compiler/base/utf8.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/view/show_text.hpp"

namespace pvsplan::view {
namespace {

using program::Edge;
using program::Node;

// How a language of drawings writes text within quotes.
struct Language {
    std::string (*quoted)(char c);
    std::string_view line_break;
};

std::string quoted_in_dot(char c) { return c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c); }

// Mermaid makes HTML of a label, so what is none is written as its entities, which begin with `#`.
std::string quoted_in_mermaid(char c) {
    switch (c) {
        case '"': return "#quot;";
        case '#': return "#35;";
        case '&': return "#amp;";
        case '<': return "#lt;";
        case '>': return "#gt;";
        default: return std::string(1, c);
    }
}

constexpr Language dot = {quoted_in_dot, "\\n"};
constexpr Language mermaid = {quoted_in_mermaid, "<br>"};

constexpr std::size_t max_name = 300;  // bytes; of a longer one nobody reads the rest in a box

// Names are a stranger's: whatever a language could take for its own is written so that it is text.
std::string escaped(std::string_view text, const Language& in) {
    const std::string name = diag::harmless(text);
    const std::size_t end = base::cut_before(name, max_name);
    std::string result;
    for (const char c : std::string_view(name).substr(0, end)) result += in.quoted(c);
    return end < name.size() ? result + "\u2026" : result;
}

std::string label_of(const program::Plan& plan, const Node& node, const Language& in) {
    std::string what = node.type == Node::Type::approval ? "a person approves" : node.action;
    if (!node.on.is_none()) what += " " + plan.objects[node.on.index()].name;
    return escaped(node.id, in) + (what.empty() ? "" : std::string(in.line_break) + escaped(what, in));
}

// What is drawn: the plan, or, where that would be more than anybody can look at, with its loops folded.
struct Drawn {
    struct Box {
        std::uint32_t first = 0;  // the node, or the first of those that it stands for
        std::uint32_t nodes = 1;
        std::string loop;        // of which it stands for iterations; empty: it is one node, or a row of them
        std::uint32_t last = 0;  // of a row
        bool stays = false;      // it, or one of those, has no undo
        [[nodiscard]] bool is_row() const { return loop.empty() && nodes > 1; }
        [[nodiscard]] bool is_node() const { return nodes == 1 && loop.empty(); }
    };
    struct Arrow {
        std::uint32_t from = 0;  // boxes
        std::uint32_t to = 0;
        Edge::Because because = Edge::Because::sequence;
    };
    std::vector<Box> boxes;
    std::vector<Arrow> arrows;
};

constexpr std::size_t max_arrows = 400;  // Mermaid draws 500
constexpr std::size_t max_boxes = 250;
constexpr std::size_t max_characters = 49'999;  // Mermaid reads fewer than 50,000
constexpr std::size_t max_unfolded = 3;         // of a folded loop: the first, one for all between, the last

// Without the arrows that a longer path implies (transitive reduction); boxes stand in an order of theirs. A drawing
// with too many boxes is not drawn, and keeps all arrows.
void reduce(Drawn& drawn) {
    const std::size_t n = drawn.boxes.size();
    if (n > max_boxes) return;
    std::sort(drawn.arrows.begin(), drawn.arrows.end(), [](const auto& a, const auto& b) {
        return std::pair(a.to, b.from) < std::pair(b.to, a.from);  // sources descending: the nearest first
    });
    std::vector<std::vector<bool>> before(n, std::vector<bool>(n));
    std::vector<Drawn::Arrow> kept;
    for (const Drawn::Arrow& arrow : drawn.arrows) {
        if (before[arrow.to][arrow.from]) continue;
        kept.push_back(arrow);
        before[arrow.to][arrow.from] = true;
        for (std::size_t k = 0; k < arrow.from; ++k)
            if (before[arrow.from][k]) before[arrow.to][k] = true;
    }
    std::reverse(kept.begin(), kept.end());
    std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.to < b.to; });
    drawn.arrows = std::move(kept);
}

// The outermost iteration around a node, and its loop; empty: none.
std::pair<std::string, std::string> iteration_of(const program::Plan& plan, const Node& node) {
    if (!node.instance) return {};
    program::InstanceId at = node.instance;
    while (plan.instances[at.index()].parent) at = plan.instances[at.index()].parent;
    return {plan.instances[at.index()].loop, plan.instances[at.index()].path};
}

bool has_no_undo(const Node& node) { return node.undo.type == program::Undo::Type::impossible; }

enum class Folds : std::uint8_t { nothing, between, loops };  // between: of a loop all but its first and last iteration

// Boxes keep the order of the plan, and arrows lead forward only: so reduce() can go by their numbers. An iteration
// within another one is folded with the outer one.
Drawn drawn_with(const program::Plan& plan, Folds folds) {
    const auto& nodes = plan.graph.nodes;
    std::map<std::string, std::vector<std::string>> instances;  // by loop, in the order of the plan
    std::set<std::string> seen;
    for (const Node& node : nodes) {
        const auto [loop, path] = iteration_of(plan, node);
        if (loop.empty()) continue;
        if (seen.insert(path).second) instances[loop].push_back(path);
    }
    const auto is_folded = [&](const std::string& loop, const std::string& path) {
        if (folds == Folds::nothing || loop.empty()) return false;
        const std::vector<std::string>& all = instances[loop];
        return all.size() > max_unfolded && (folds == Folds::loops || (path != all.front() && path != all.back()));
    };
    Drawn drawn;
    std::vector<std::uint32_t> box_of(nodes.size());
    std::map<std::string, std::uint32_t> folded;  // by loop
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        const auto [loop, path] = iteration_of(plan, nodes[i]);
        const auto next = static_cast<std::uint32_t>(drawn.boxes.size());
        if (!is_folded(loop, path)) {
            box_of[i] = next;
            drawn.boxes.push_back({.first = i, .stays = has_no_undo(nodes[i])});
            continue;
        }
        const auto [found, is_new] = folded.try_emplace(loop, next);
        if (is_new) drawn.boxes.push_back({.first = i, .nodes = 0, .loop = loop});
        box_of[i] = found->second;
        Drawn::Box& box = drawn.boxes[found->second];
        ++box.nodes;
        box.stays = box.stays || has_no_undo(nodes[i]);
    }
    std::set<std::pair<std::uint32_t, std::uint32_t>> known;
    for (const Edge& edge : plan.graph.edges) {
        const std::uint32_t from = box_of[edge.from.index()];
        const std::uint32_t to = box_of[edge.to.index()];
        // What comes back out of folded iterations to an earlier one says nothing that can be seen.
        if (from < to && known.emplace(from, to).second) drawn.arrows.push_back({from, to, edge.because});
    }
    reduce(drawn);
    return drawn;
}

// At most so many boxes: neighbours in the order of the plan become rows. Arrows lead forward, so they do between rows.
Drawn in_rows(const Drawn& whole, std::size_t boxes) {
    const std::size_t length = (whole.boxes.size() + boxes - 1) / boxes;
    Drawn drawn;
    for (std::size_t i = 0; i < whole.boxes.size(); ++i) {
        const Drawn::Box& box = whole.boxes[i];
        if (i % length == 0) {
            drawn.boxes.push_back(box);
            continue;
        }
        Drawn::Box& row = drawn.boxes.back();
        row.loop.clear();
        row.nodes += box.nodes;
        row.last = box.first;
        row.stays = row.stays || box.stays;
    }
    std::set<std::pair<std::uint32_t, std::uint32_t>> known;
    for (const Drawn::Arrow& arrow : whole.arrows) {
        const auto from = static_cast<std::uint32_t>(arrow.from / length);
        const auto to = static_cast<std::uint32_t>(arrow.to / length);
        if (from != to && known.emplace(from, to).second) drawn.arrows.push_back({from, to, arrow.because});
    }
    reduce(drawn);
    return drawn;
}

// With as little folded as can be looked at: loops, then rows of steps, the fewer the longer their names are. One box
// always fits.
std::string drawn_as(const program::Plan& plan, std::string (*text_of)(const program::Plan&, const Drawn&)) {
    const auto fits = [&](const Drawn& drawn) -> std::string {
        if (drawn.boxes.size() > max_boxes || drawn.arrows.size() > max_arrows) return "";
        std::string text = text_of(plan, drawn);
        return text.size() <= max_characters ? text : "";
    };
    for (const Folds folds : {Folds::nothing, Folds::between})
        if (std::string text = fits(drawn_with(plan, folds)); !text.empty()) return text;
    const Drawn folded = drawn_with(plan, Folds::loops);
    std::string text = fits(folded);
    for (std::size_t boxes = max_boxes; text.empty() && boxes > 0; boxes /= 2) text = fits(in_rows(folded, boxes));
    return text;
}

std::string label_of(const program::Plan& plan, const Drawn::Box& box, const Language& in) {
    const auto& nodes = plan.graph.nodes;
    if (box.is_node()) return label_of(plan, nodes[box.first], in);
    if (box.is_row())
        return escaped(nodes[box.first].id, in) + std::string(in.line_break) + "to " + escaped(nodes[box.last].id, in) +
               std::string(in.line_break) + base::counted(box.nodes, "step");
    return escaped(box.loop, in) + std::string(in.line_break) + std::to_string(box.nodes) +
           " steps of iterations alike";
}

std::string_view style_of(Edge::Because because) {
    switch (because) {
        case Edge::Because::sequence: return "solid";
        case Edge::Because::after: return "bold";
        case Edge::Because::at_most: return "dashed";
        case Edge::Because::data: return "dotted";
    }
    return "solid";
}

// Numbers are the names of the boxes; what a plan calls them stands in labels alone.
std::string dot_of(const program::Plan& plan, const Drawn& drawn) {
    std::string out =
        "digraph \"" + escaped(plan.name, dot) + "\" {\n  rankdir=TB;\n  node [shape=box, fontname=\"Helvetica\"];\n";
    std::map<std::string, std::vector<std::uint32_t>> clusters;  // by iteration, else by loop or procedure
    for (std::uint32_t i = 0; i < drawn.boxes.size(); ++i) {
        const Drawn::Box& box = drawn.boxes[i];
        const Node& node = plan.graph.nodes[box.first];
        out += "  n" + std::to_string(i) + " [label=\"";
        const bool is_join = node.type == Node::Type::join && box.is_node();
        out += is_join ? "" : label_of(plan, box, dot);
        out += "\"";
        if (is_join) out += ", shape=point";
        if (!box.is_node()) out += ", shape=box3d";
        if (box.is_node() && node.type == Node::Type::approval) out += ", shape=hexagon";
        if (box.stays) out += ", style=bold, color=red";
        if (box.is_node() && node.guard) out += ", style=dashed";
        out += "];\n";
        const std::size_t end = node.id.find('.', node.id.find(']') == std::string::npos ? 0 : node.id.find(']'));
        if (!is_join && box.is_node() && end != std::string::npos) clusters[node.id.substr(0, end)].push_back(i);
    }
    std::size_t number = 0;
    for (const auto& [name, members] : clusters) {
        out += "  subgraph cluster_" + std::to_string(number++) + " {\n    label=\"" + escaped(name, dot) +
               "\"; color=gray;\n    ";
        for (const std::uint32_t member : members) out += "n" + std::to_string(member) + "; ";
        out += "\n  }\n";
    }
    for (const Drawn::Arrow& arrow : drawn.arrows)
        out += "  n" + std::to_string(arrow.from) + " -> n" + std::to_string(arrow.to) +
               " [style=" + std::string(style_of(arrow.because)) + "];\n";
    return out + "}\n";
}

// A join is a dot without a name; what has no undo is drawn with a red border.
std::string mermaid_of(const program::Plan& plan, const Drawn& drawn) {
    std::string out = "flowchart TD\n";
    for (std::uint32_t i = 0; i < drawn.boxes.size(); ++i) {
        const Drawn::Box& box = drawn.boxes[i];
        const Node& node = plan.graph.nodes[box.first];
        const std::string id = "  n" + std::to_string(i);
        const std::string label = "\"" + label_of(plan, box, mermaid) + "\"";
        if (!box.is_node())
            out += id + "[[" + label + "]]\n";
        else if (node.type == Node::Type::join)
            out += id + "((\" \"))\n";
        else
            out += id + (node.type == Node::Type::approval ? "{{" + label + "}}\n" : "[" + label + "]\n");
        if (box.stays) out += "  style n" + std::to_string(i) + " stroke:#c00,stroke-width:3px\n";
    }
    for (const Drawn::Arrow& arrow : drawn.arrows)
        out += "  n" + std::to_string(arrow.from) + (arrow.because == Edge::Because::at_most ? " -.-> n" : " --> n") +
               std::to_string(arrow.to) + "\n";
    return out;
}

}  // namespace

std::string show_dot(const program::Plan& plan) { return drawn_as(plan, dot_of); }
std::string show_mermaid(const program::Plan& plan) { return drawn_as(plan, mermaid_of); }

}  // namespace pvsplan::view
