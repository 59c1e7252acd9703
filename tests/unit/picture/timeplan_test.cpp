#include <catch2/catch.hpp>

#include "runtime/picture/timeplan.hpp"

namespace pvsplan::picture {
namespace {

using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // by their target

program::Graph graph(std::uint32_t nodes, const Edges& edges) {
    program::Graph graph;
    for (std::uint32_t i = 0; i < nodes; ++i) graph.nodes.push_back({.id = std::to_string(i)});
    for (const auto& [from, to] : edges) graph.edges.push_back({program::NodeId(from), program::NodeId(to)});
    return graph;
}

constexpr std::int64_t minute = 60'000;

}  // namespace

TEST_CASE("steps stand as early as they can, and what delays the end is critical") {
    // 0 before 1 and 2, both before 3; 1 takes longest.
    const program::Graph diamond = graph(4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}});
    const std::vector<std::int64_t> takes = {10 * minute, 60 * minute, 20 * minute, 10 * minute};
    const Timeplan plan = timeplan_of(diamond, [&](std::uint32_t i) { return takes[i]; });
    CHECK(plan.end == 80 * minute);
    CHECK(plan.expected_ms == plan.end);
    CHECK(plan.longest_chain == 3);
    CHECK(plan.drawn[2] == Stretch{10 * minute, 30 * minute});
    CHECK(plan.latest[2] == 70 * minute);
    CHECK(plan.drawn[3] == Stretch{70 * minute, 80 * minute});
    CHECK(plan.is_critical == std::vector<bool>{true, true, false, true});
    REQUIRE(plan.ticks.size() == 9);
    CHECK((plan.ticks[1].at == 10 * minute && plan.ticks[1].label == "10m"));
}

TEST_CASE("a step that is short, or of which nobody knows, is drawn all the same") {
    const program::Graph chain = graph(3, {{0, 1}, {1, 2}});
    const Timeplan plan = timeplan_of(chain, [](std::uint32_t i) { return i == 1 ? 60 * minute : 0; });
    CHECK(plan.least > 0);
    CHECK(plan.drawn[0] == Stretch{0, plan.least});
    CHECK(plan.end == 60 * minute + 2 * plan.least);
    CHECK(plan.expected_start_ms[2] == 60 * minute);

    const Timeplan unknown = timeplan_of(chain, [](std::uint32_t) { return 0; });
    CHECK(unknown.ticks.empty());
    CHECK(unknown.expected_ms == 0);
    CHECK(unknown.end == 3 * unknown.least);
    CHECK(timeplan_of(graph(0, {}), [](std::uint32_t) { return 0; }).end == 1);
}

TEST_CASE("what is delayed moves all that waits for it, and nothing else") {
    const program::Graph two = graph(4, {{0, 1}, {2, 3}});
    const auto hour = [](std::uint32_t) { return 60 * minute; };
    const Timeplan plan = timeplan_of(two, hour, {{0, 30 * minute}});
    CHECK(plan.drawn[0].from == 30 * minute);
    CHECK(plan.drawn[1].from == 90 * minute);
    CHECK(plan.drawn[2].from == 0);
    CHECK(plan.drawn[3].from == 60 * minute);
}

}  // namespace pvsplan::picture
