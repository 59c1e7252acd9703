#include <algorithm>

#include "compiler/diag/display.hpp"
#include "runtime/view/show_text.hpp"

namespace pvsplan::view {
namespace {

using program::Edge;
using program::Node;

std::string escaped(std::string_view text, std::string_view quote) {
    std::string result;
    for (const char c : diag::harmless(text)) {
        if (c == '\\') result += '\\';
        result += c == '"' ? std::string(quote) : std::string(1, c);
    }
    return result;
}

std::string label_of(const program::Plan& plan, const Node& node, std::string_view line_break, std::string_view quote) {
    std::string what = node.type == Node::Type::approval ? "a person approves" : node.action;
    if (!node.on.is_none()) what += " " + plan.objects[node.on.index()].name;
    return escaped(node.id, quote) + (what.empty() ? "" : std::string(line_break) + escaped(what, quote));
}

// A drawing omits an edge that a longer path implies (transitive reduction). Above a size all edges are drawn.
std::vector<const Edge*> drawn(const program::Graph& graph) {
    static constexpr std::size_t most = 3000;
    const std::size_t n = graph.nodes.size();
    std::vector<const Edge*> result;
    if (n > most) {
        for (const Edge& edge : graph.edges) result.push_back(&edge);
        return result;
    }
    std::vector<std::vector<bool>> before(n, std::vector<bool>(n));
    for (std::size_t begin = 0; begin < graph.edges.size();) {
        std::size_t end = begin;
        const std::size_t to = graph.edges[begin].to.index();
        while (end < graph.edges.size() && graph.edges[end].to.index() == to) ++end;
        for (std::size_t i = end; i-- > begin;) {  // sources descending: the nearest first
            const std::size_t from = graph.edges[i].from.index();
            if (before[to][from]) continue;
            result.push_back(&graph.edges[i]);
            before[to][from] = true;
            for (std::size_t k = 0; k < from; ++k)
                if (before[from][k]) before[to][k] = true;
        }
        begin = end;
    }
    std::sort(result.begin(), result.end());
    return result;
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

}  // namespace

std::string show_dot(const program::Plan& plan) {
    std::string out = "digraph \"" + escaped(plan.name, "\\\"") + "\" {\n  rankdir=TB;\n  node [shape=box];\n";
    const auto& nodes = plan.graph.nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        out += "  n" + std::to_string(i) + " [label=\"";
        out += nodes[i].type == Node::Type::join ? "" : label_of(plan, nodes[i], "\\n", "\\\"");
        out += "\"";
        if (nodes[i].type == Node::Type::join) out += ", shape=point";
        if (nodes[i].type == Node::Type::approval) out += ", shape=hexagon";
        if (nodes[i].undo.type == program::Undo::Type::impossible) out += ", style=bold, color=red";
        if (nodes[i].guard) out += ", style=dashed";
        out += "];\n";
    }
    for (const Edge* edge : drawn(plan.graph))
        out += "  n" + std::to_string(edge->from.value) + " -> n" + std::to_string(edge->to.value) +
               " [style=" + std::string(style_of(edge->because)) + "];\n";
    return out + "}\n";
}

std::string show_mermaid(const program::Plan& plan) {
    std::string out = "flowchart TD\n";
    const auto& nodes = plan.graph.nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const std::string id = "  n" + std::to_string(i);
        const std::string label = "\"" + label_of(plan, nodes[i], "<br>", "#quot;") + "\"";
        switch (nodes[i].type) {
            case Node::Type::join: out += id + "((\" \"))\n"; break;
            case Node::Type::approval: out += id + "{{" + label + "}}\n"; break;
            case Node::Type::action: out += id + "[" + label + "]\n"; break;
        }
        if (nodes[i].undo.type == program::Undo::Type::impossible)
            out += "  style n" + std::to_string(i) + " stroke:#c00,stroke-width:3px\n";
    }
    for (const Edge* edge : drawn(plan.graph))
        out += "  n" + std::to_string(edge->from.value) +
               (edge->because == Edge::Because::at_most ? " -.-> n" : " --> n") + std::to_string(edge->to.value) + "\n";
    return out;
}

}  // namespace pvsplan::view
