// The engine keeps the answer of next() up to date step by step; the two are held against each other on random runs.
#include <catch2/catch.hpp>

#include <random>

#include "runtime/engine/ready.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using state::Phase;

program::Plan random_plan(std::mt19937& random) {
    program::Plan plan{.name = "random", .farm = "f"};
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    const std::uint32_t guards = below(3);
    for (std::uint32_t i = 0; i < guards; ++i)
        plan.guards.push_back({.step = "g" + std::to_string(i),
                               .parent = i > 0 && below(2) ? program::GuardId(below(i)) : program::GuardId()});
    const std::uint32_t instances = below(4);
    for (std::uint32_t i = 0; i < instances; ++i)
        plan.instances.push_back({.path = "l[" + std::to_string(i) + "]",
                                  .loop = "l",
                                  .max_failures = below(2),
                                  .parent = i > 1 && below(2) ? program::InstanceId(below(i)) : program::InstanceId()});
    const std::uint32_t nodes = 1 + below(10);
    for (std::uint32_t i = 0; i < nodes; ++i) {
        Node node{.id = "n" + std::to_string(i)};
        const std::uint32_t kind = below(8);
        node.type = kind == 0 ? Node::Type::approval : kind == 1 ? Node::Type::join : Node::Type::action;
        if (guards > 0 && below(3) == 0) node.guard = program::GuardId(below(guards));
        if (instances > 0 && below(2) == 0) node.instance = program::InstanceId(below(instances));
        if (below(4) == 0) node.on_failure = OnFailure::rollback;
        plan.graph.nodes.push_back(node);
        for (std::uint32_t from = 0; from < i; ++from)
            if (below(4) == 0) plan.graph.edges.push_back({.from = NodeId(from), .to = NodeId(i)});
    }
    return plan;
}

bool same(const Next& a, const Next& b) {
    return a.stop == b.stop && a.start == b.start && a.approve == b.approve && a.decide == b.decide && a.over == b.over;
}

}  // namespace

TEST_CASE("what may start next is the same whether it is looked up or kept up to date") {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        std::mt19937 random(seed);
        const program::Plan plan = random_plan(random);
        const state::ExecutionGraph execution = state::execution_graph_of(plan);
        state::ExecutionState state;
        state.nodes.resize(execution.size());
        state.guards.resize(plan.guards.size());
        state.abandoned.resize(plan.instances.size());
        state.readmitted.resize(plan.instances.size());
        if (random() % 3 == 0) {
            state.held.resize(execution.size());
            state.held[random() % execution.size()] = 1;
        }
        Ready ready(execution, state);
        for (int turn = 0; turn < 40; ++turn) {
            const Next expected = next(execution, state);
            INFO("seed " << seed << ", turn " << turn);
            REQUIRE(same(ready.snapshot(), expected));
            std::vector<std::pair<NodeId, Phase>> moves;
            for (const NodeId node : expected.start) moves.emplace_back(node, Phase::started);
            for (const NodeId node : expected.approve) moves.emplace_back(node, Phase::finished);
            for (std::size_t i = 0; i < execution.size(); ++i)
                if (state.nodes[i].phase == Phase::started)
                    for (const Phase after : {Phase::finished, Phase::finished, Phase::failed, Phase::retrying,
                                              Phase::unreached, Phase::in_doubt})
                        moves.emplace_back(NodeId(i), after);
            const std::size_t choices = moves.size() + expected.decide.size();
            if (choices == 0) break;
            const std::size_t chosen = random() % choices;
            if (chosen < moves.size()) {
                state.nodes[moves[chosen].first.index()].phase = moves[chosen].second;
                if (moves[chosen].second == Phase::failed || moves[chosen].second == Phase::unreached) {
                    const Consequence follows = consequence_of(execution, state, moves[chosen].first);
                    if (follows.abandons) state.abandoned[follows.abandons.index()] = 1;
                    if (follows.stop == HaltReason::roll_back) state.rollback_because = follows.because;
                }
                ready.changed(moves[chosen].first);
            } else {
                const program::GuardId guard = expected.decide[chosen - moves.size()];
                state.guards[guard.index()] = random() % 2 == 0 ? state::Decision::holds : state::Decision::fails;
                ready.decided(guard);
            }
        }
    }
}

}  // namespace pvsplan::engine::test
