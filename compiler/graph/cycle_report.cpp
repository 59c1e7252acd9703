#include "compiler/graph/cycle_report.hpp"

#include <algorithm>
#include <unordered_map>

#include "compiler/graph/codes.hpp"
#include "compiler/graph/cycles.hpp"

namespace pvsplan::graph {
namespace {

using expand::Edge;
using expand::Expansion;
using Because = program::Edge::Because;
using Cycle = std::vector<std::uint32_t>;

constexpr std::size_t max_knots = 10;
constexpr std::size_t max_links = 12;

// A path from one step on the cycle to a later one.
struct Link {
    std::uint32_t from;
    std::uint32_t to;
    std::uint32_t origin;   // of the last edge
    std::size_t edges = 1;  // more than one only along groups and loops
};

std::uint64_t key(std::uint32_t from, std::uint32_t to) { return (std::uint64_t{from} << 32U) | to; }

// The origin of every edge of the cycles; among several, the most explicit one.
std::unordered_map<std::uint64_t, std::uint32_t> origins_on(const std::vector<Cycle>& cycles,
                                                            const Expansion& expansion) {
    std::unordered_map<std::uint64_t, std::uint32_t> origins;
    for (const Cycle& around : cycles)
        for (std::size_t i = 0; i < around.size(); ++i)
            origins.emplace(key(around[i], around[(i + 1) % around.size()]), expand::none);
    for (const Edge& edge : expansion.edges) {
        const auto found = origins.find(key(edge.from, edge.to));
        if (found == origins.end()) continue;
        if (found->second == expand::none ||
            expansion.origins[edge.origin].because < expansion.origins[found->second].because)
            found->second = edge.origin;
    }
    return origins;
}

// The plan asks for this order between two steps; other orders follow from its layout.
bool is_asked(Because because) { return because == Because::after || because == Because::data; }

// The cycle, beginning at an edge that the plan asks for; edges that only follow from groups and loops are merged.
std::vector<Link> links_of(const Cycle& around, const std::unordered_map<std::uint64_t, std::uint32_t>& origins,
                           const Expansion& expansion) {
    std::vector<Link> edges;
    for (std::size_t i = 0; i < around.size(); ++i) {
        const std::uint32_t to = around[(i + 1) % around.size()];
        edges.push_back({around[i], to, origins.at(key(around[i], to))});
    }
    const auto asked = [&](const Link& link) { return is_asked(expansion.origins[link.origin].because); };
    std::rotate(edges.begin(), std::find_if(edges.begin(), edges.end(), asked), edges.end());
    std::vector<Link> links;
    for (const Link& edge : edges) {
        if (links.empty() || asked(edge) || asked(links.back())) {
            links.push_back(edge);
        } else {
            links.back().to = edge.to;
            links.back().origin = edge.origin;
            ++links.back().edges;
        }
    }
    return links;
}

// The words beside an edge: why one of the two waits for the other.
std::string words_of(const Link& link, Because because, const std::function<std::string(std::uint32_t)>& path_of_node) {
    const std::string from = "`" + path_of_node(link.from) + "`";
    const std::string to = "`" + path_of_node(link.to) + "`";
    if (link.edges > 1) return to + " comes after " + from + ", " + std::to_string(link.edges) + " steps later";
    switch (because) {
        case Because::sequence: return to + " comes after " + from + " in its group";
        case Because::after: return to + " waits for " + from + " by this `after`";
        case Because::at_most: return to + " waits for the place of " + from + " under this `at_most`";
        case Because::data: return to + " reads an output of " + from + " here";
    }
    return to + " waits for " + from;
}

// A change of any step around may take the cycle away, so a change that does is seen to repair this finding.
std::vector<base::Span> steps_around(const Expansion& expansion, std::uint32_t node) {
    std::vector<base::Span> heads;
    for (std::uint32_t at = expansion.nodes[node].scope; at != expand::none && expansion.scopes[at].step;
         at = expansion.scopes[at].parent)
        heads.push_back(expansion.scopes[at].step->head);
    return heads;
}

}  // namespace

// At most ten cycles with twelve links each: past that a person repairs one and asks again.
void report_cycles(const Expansion& expansion, const std::function<std::string(std::uint32_t)>& path_of_node,
                   diag::Sink& sink) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (const Edge& e : expansion.edges) pairs.emplace_back(e.from, e.to);
    std::vector<Cycle> cycles = find_cycles(static_cast<std::uint32_t>(expansion.nodes.size()), pairs);
    if (cycles.size() > max_knots) cycles.resize(max_knots);
    const auto origins = origins_on(cycles, expansion);
    for (const Cycle& around : cycles) {
        const std::vector<Link> links = links_of(around, origins, expansion);
        const std::size_t shown = std::min(links.size(), max_links);
        std::string text;
        for (std::size_t i = 0; i < shown; ++i)
            text += "`" + path_of_node(links[i].from) + "` → " + (links[i].edges > 1 ? "… → " : "");
        if (links.size() > max_links) text += "… → ";
        text += "`" + path_of_node(links[0].from) + "`";
        const expand::Origin& first = expansion.origins[links[0].origin];
        // Changing any of the edges repairs it, so each edge is a place of the finding, and so are the steps around its
        // nodes.
        diag::Place place(first.span);
        for (const Link& link : links) place.around.push_back(expansion.origins[link.origin].span);
        for (const std::uint32_t node : around)
            for (const base::Span head : steps_around(expansion, node)) place.around.push_back(head);
        auto reported = sink.report(cycle, place, text);
        reported.label(words_of(links[0], first.because, path_of_node));
        bool is_written = first.because == Because::after;
        for (std::size_t i = 1; i < shown; ++i) {
            const expand::Origin& why = expansion.origins[links[i].origin];
            reported.related(why.span, words_of(links[i], why.because, path_of_node));
            is_written = is_written || why.because == Because::after;
        }
        if (is_written) reported.hint("take one of these `after` away");
    }
}

}  // namespace pvsplan::graph
