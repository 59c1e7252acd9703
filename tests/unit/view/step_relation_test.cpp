#include <catch2/catch.hpp>

#include <random>

#include "runtime/view/step_relation.hpp"

namespace pvsplan::view {
namespace {

using StepRelationType = StepRelation::Type;
using Asked = StepRelation::Asked;
using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // by their target

program::Plan plan(const std::vector<std::string>& paths, const Edges& edges) {
    program::Plan plan;
    for (const std::string& path : paths) plan.graph.nodes.push_back({.id = path});
    for (const auto& [from, to] : edges)
        plan.graph.edges.push_back({program::NodeId(from), program::NodeId(to), program::Edge::Because::after});
    return plan;
}

StepRelation relation(const program::Plan& of, const std::string& a, const std::string& b) {
    const StepOrder order = order_of(of);
    return relation_of(order, *order.names.find(a), *order.names.find(b));
}

}  // namespace

TEST_CASE("the relation of two steps does not depend on the order of the question") {
    const program::Plan chain = plan({"a", "b", "c", "d"}, {{0, 1}, {1, 2}});
    const StepRelation there = relation(chain, "a", "c");
    CHECK((there.type == StepRelationType::before && there.asked == Asked::as_it_is));
    CHECK((there.first == 0 && there.second == 2 && there.edges == StepIndices{0, 1}));
    const StepRelation back = relation(chain, "c", "a");
    CHECK((back.type == StepRelationType::before && back.asked == Asked::the_other_way_round));
    CHECK((back.first == 0 && back.second == 2 && back.edges == StepIndices{0, 1}));
    const StepRelation concurrent = relation(chain, "d", "b");
    CHECK((concurrent.type == StepRelationType::overlap && concurrent.first == 3 && concurrent.second == 1));
}

TEST_CASE("groups come before each other, alternate, overlap or are part of each other") {
    const std::vector<std::string> paths = {"a.x", "b.x", "a.y", "b.y"};
    CHECK(relation(plan(paths, {{0, 1}, {1, 2}, {2, 3}}), "a", "b").type == StepRelationType::interleaved);
    const StepRelation turns = relation(plan(paths, {{0, 1}, {1, 2}, {2, 3}}), "b", "a");
    CHECK((turns.type == StepRelationType::interleaved && turns.later_first != turns.first));
    CHECK(relation(plan(paths, {{0, 2}, {1, 3}}), "a", "b").type == StepRelationType::overlap);
    CHECK(relation(plan(paths, {{0, 1}}), "a", "a.y").type == StepRelationType::part);
    CHECK(relation(plan(paths, {{0, 1}}), "a.y", "a").asked == Asked::the_other_way_round);
    const StepRelation all = relation(plan({"a.x", "a.y", "b.x", "b.y"}, {{0, 2}, {1, 2}, {0, 3}, {1, 3}}), "b", "a");
    CHECK((all.type == StepRelationType::before && all.asked == Asked::the_other_way_round && all.first == 1 &&
           all.second == 2));
}

TEST_CASE("the relations of random groups are right") {
    std::mt19937 random(3);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::string> paths;
        for (int i = 0; i < 8; ++i) paths.push_back(std::string(random() % 2 == 0 ? "a." : "b.") + std::to_string(i));
        Edges edges;
        bool reaches[8][8] = {};
        for (std::uint32_t to = 0; to < 8; ++to)
            for (std::uint32_t from = 0; from < to; ++from)
                if (random() % 3 == 0) {
                    edges.emplace_back(from, to);
                    reaches[from][to] = true;
                    for (int i = 0; i < 8; ++i) reaches[i][to] = reaches[i][to] || reaches[i][from];
                }
        const program::Plan of = plan(paths, edges);
        const StepOrder order = order_of(of);
        const auto a = order.names.find("a");
        const auto b = order.names.find("b");
        if (!a || !b) continue;
        const auto all_before = [&](const StepIndices& left, const StepIndices& right) {
            for (const std::uint32_t x : left)
                for (const std::uint32_t y : right)
                    if (!reaches[x][y]) return false;
            return true;
        };
        const StepRelation r = relation_of(order, *a, *b);
        REQUIRE((r.type == StepRelationType::before) == (all_before(*a, *b) || all_before(*b, *a)));
        if (r.type == StepRelationType::before) {
            REQUIRE((r.asked == Asked::as_it_is) == all_before(*a, *b));
            std::uint32_t at = r.first;
            for (const std::uint32_t edge : r.edges) {
                REQUIRE(order.predecessors.items[edge] == at);
                at = order.targets[edge];
            }
            REQUIRE(at == r.second);
        } else if (r.type == StepRelationType::overlap) {
            REQUIRE(paths[r.first].front() != paths[r.second].front());
            REQUIRE((!reaches[r.first][r.second] && !reaches[r.second][r.first]));
        } else {
            REQUIRE((reaches[r.first][r.second] && reaches[r.later_first][r.later_second]));
            REQUIRE(paths[r.first].front() == paths[r.later_second].front());
            REQUIRE(paths[r.second].front() == paths[r.later_first].front());
        }
    }
}

}  // namespace pvsplan::view
