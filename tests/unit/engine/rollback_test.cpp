// What a rollback undoes, in which order, and what stays: over random histories, against what is promised.
#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <set>

#include "runtime/state/rollback_program.hpp"
#include "tests/unit/checks/draws.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using pvsplan::test::Draws;
using state::Phase;

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t steps = 7;

// Steps without order; some cannot be undone, of some there is nothing to undo, some are covered by `recover`.
Plan draw_undone_plan(Draws& draws) {
    Plan all = test::plan(steps);
    Graph graph;
    for (std::size_t i = 0; i < steps; ++i) {
        Node node = all.graph.nodes[2 * i];
        node.id = "step" + std::to_string(i);
        if (draws.chance(10)) node.undo = {.type = Undo::Type::impossible, .why = "why " + node.id, .steps = {}};
        if (draws.chance(10)) node.undo = {.type = Undo::Type::nothing, .why = "nothing", .steps = {}};
        if (draws.chance(10)) node = {.id = node.id, .type = Node::Type::approval, .text = "look"};
        graph.nodes.push_back(std::move(node));
    }
    all.graph = std::move(graph);
    if (!draws.chance(40)) return all;
    // The outer one covers the first four, the inner one of them the first two; or the inner one others.
    for (const std::uint32_t first : {0U, draws.chance(50) ? 0U : 4U}) {
        RecoverSteps recovery{.group = "group" + std::to_string(all.recoveries.size())};
        for (std::uint32_t i = first; i < (all.recoveries.empty() ? 4 : first + 2); ++i)
            recovery.covers.emplace_back(i);
        recovery.steps.nodes = {{.id = "repair", .action = "start", .on = ObjectId(0)}};
        all.recoveries.push_back(std::move(recovery));
    }
    return all;
}

void draw_history(Draws& draws, state::RunState& run) {
    std::vector<std::uint64_t> numbers(3 * steps);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i + 1;
    for (std::size_t i = numbers.size(); i > 1; --i)
        std::swap(numbers[i - 1], numbers[draws.below(static_cast<std::uint32_t>(i))]);
    for (std::size_t i = 0; i < steps; ++i) {
        state::NodeState& at = run.forward.nodes[i];
        if (draws.chance(15)) continue;
        const auto three = numbers.begin() + static_cast<std::ptrdiff_t>(3 * i);
        std::sort(three, three + 3);
        at.began = true;
        at.started_as = three[0];
        at.phase = draws.of<Phase>({Phase::finished, Phase::finished, Phase::finished, Phase::failed, Phase::started,
                                    Phase::in_doubt, Phase::waiting});
        at.left_as = at.ended_as = three[1];
        if (draws.chance(25)) at.ended_as = three[2];  // it was tried again
        if (at.phase == Phase::started && draws.chance(70)) at.left_as = at.ended_as = 0;
        if (at.phase == Phase::finished && draws.chance(10)) {  // a person said so: it was never started
            at.began = false;
            at.started_as = 0;
            at.left_as = at.ended_as;
        }
        if (at.phase == Phase::waiting && draws.chance(50)) at.began = false;  // nothing was done
    }
}

// What is undone as one.
struct Unit {
    std::string undo;  // the step of the rollback
    std::string name;
    const Undo* how = nullptr;
    std::set<std::string> of;
    std::uint64_t start = never;
    std::uint64_t first_end = 0;
    std::uint64_t end = 0;
};

std::vector<Unit> units_of(const Plan& plan, const state::RunState& run) {
    std::map<std::string, Unit> units;
    for (std::size_t i = 0; i < steps; ++i) {
        const Node& node = plan.graph.nodes[i];
        const state::NodeState& at = run.forward.nodes[i];
        if (node.type != Node::Type::action || (at.phase != Phase::finished && !at.began)) continue;
        std::string name = node.id;
        std::string undo = "undo:" + node.id;
        const Undo* how = &node.undo;
        for (const RecoverSteps& recovery : plan.recoveries)
            if (how && std::count(recovery.covers.begin(), recovery.covers.end(), NodeId(i)) != 0) {
                name = recovery.group;
                undo = "recover:" + recovery.group + ".repair";
                how = nullptr;
            }
        Unit& unit = units.try_emplace(name, Unit{.undo = undo, .name = name, .how = how}).first->second;
        unit.of.insert(node.id);
        unit.start = std::min(unit.start, at.started_as != 0 ? at.started_as : at.ended_as);
        unit.first_end = std::max(unit.first_end, at.left_as != 0 ? at.left_as : never);
        const bool may_run = at.ended_as == 0 || at.phase == Phase::started || at.phase == Phase::in_doubt;
        unit.end = std::max(unit.end, may_run ? never : at.ended_as);
    }
    std::vector<Unit> all;
    for (auto& [name, unit] : units) all.push_back(std::move(unit));
    return all;
}

bool reaches(const Graph& graph, NodeId from, NodeId to) {
    if (from == to) return true;
    return std::any_of(graph.edges.begin(), graph.edges.end(),
                       [&](const Edge& edge) { return edge.from == from && reaches(graph, edge.to, to); });
}

}  // namespace

TEST_CASE("rollback: what ended before another was started is undone after it, and nothing else is ordered") {
    Draws draws(3);
    std::size_t stopped = 0;
    for (int n = 0; n < 500; ++n) {
        const Plan plan = draw_undone_plan(draws);
        state::RunState run(plan);
        draw_history(draws, run);
        std::vector<Unit> units = units_of(plan, run);
        // What cannot be undone bounds the rollback: what ended before it started stays.
        std::map<std::string, std::string> no_return;
        std::uint64_t wall = 0;
        for (const Unit& unit : units)
            if (unit.how && unit.how->type == Undo::Type::impossible) {
                no_return[unit.name] = unit.how->why;
                wall = std::max(wall, unit.start);
            }
        std::set<std::string> stays;
        std::erase_if(units, [&](const Unit& unit) {
            if (no_return.contains(unit.name)) return true;
            if (unit.end >= wall) return false;
            stays.insert(unit.of.begin(), unit.of.end());
            return true;
        });
        const auto back = state::derive_rollback(run);
        INFO("history " << n);
        std::map<std::string, std::string> found;
        std::vector<std::string> left;
        for (const program::NoReturn& one : back->no_return) {
            found[one.node] = one.why;
            left.insert(left.end(), one.stays.begin(), one.stays.end());
        }
        CHECK(found == no_return);
        CHECK(left == std::vector<std::string>(stays.begin(), stays.end()));
        stopped += left.empty() ? 0 : 1;

        std::set<std::string> undone;
        for (const Node& node : back->graph.nodes)
            if (node.type != Node::Type::join) CHECK(undone.insert(node.id).second);
        std::erase_if(units, [](const Unit& unit) { return unit.how && unit.how->type == Undo::Type::nothing; });
        CHECK(undone.size() == units.size());
        for (const Unit& a : units) {
            REQUIRE(back->execution.by_path.contains(a.undo));
            for (const Unit& b : units) {
                if (a.undo == b.undo) continue;
                INFO(a.name << " and " << b.name);
                CHECK(reaches(back->graph, back->execution.by_path.at(b.undo), back->execution.by_path.at(a.undo)) ==
                      (a.first_end < b.start));
            }
        }
        CHECK(std::is_sorted(back->graph.edges.begin(), back->graph.edges.end(), [](const Edge& a, const Edge& b) {
            return std::pair(a.to, a.from) < std::pair(b.to, b.from);
        }));
        CHECK(back->state.nodes.size() == back->graph.nodes.size());
    }
    CHECK(stopped > 15);
}

TEST_CASE("rollback: back to a record, it is the beginning of the whole rollback, and undoes all that ended since") {
    Draws draws(4);
    std::size_t parted = 0;
    std::size_t beyond = 0;
    for (int n = 0; n < 500; ++n) {
        Plan plan = draw_undone_plan(draws);
        for (Node& node : plan.graph.nodes)
            if (node.undo.type != Undo::Type::steps) node.undo = test::plan(1).graph.nodes[0].undo;
        state::RunState run(plan);
        draw_history(draws, run);
        const std::uint64_t from = 1 + draws.below(3 * steps);
        const auto part = state::derive_rollback(run, from);
        const std::set<std::string> stays(part->stays.begin(), part->stays.end());
        const std::set<std::string> beyond_it(part->beyond.begin(), part->beyond.end());
        INFO("history " << n << ", back to record " << from);
        const std::vector<Unit> units = units_of(plan, run);
        std::set<std::string> all_that_stays;
        std::set<std::string> all_beyond;
        for (const Unit& a : units) {
            const bool is_undone = part->execution.by_path.contains(a.undo);
            if (!is_undone) all_that_stays.insert(a.of.begin(), a.of.end());
            if (a.end >= from) CHECK(is_undone);
            bool has_to_be = a.end >= from;
            for (const Unit& b :
                 units) {  // what comes first in the whole rollback is not left behind what it comes before
                if (a.start <= b.first_end || !part->execution.by_path.contains(b.undo)) continue;
                CHECK(is_undone);
                has_to_be = true;
            }
            CHECK(is_undone == has_to_be);
            if (is_undone && a.how == nullptr)
                for (std::size_t i = 0; i < steps; ++i)
                    if (a.of.contains(plan.graph.nodes[i].id) && run.forward.nodes[i].ended_as != 0 &&
                        run.forward.nodes[i].phase != Phase::started && run.forward.nodes[i].phase != Phase::in_doubt &&
                        run.forward.nodes[i].ended_as < from)
                        all_beyond.insert(plan.graph.nodes[i].id);
        }
        CHECK(stays == all_that_stays);
        CHECK(beyond_it == all_beyond);
        CHECK(part->no_return.empty());
        parted += !stays.empty() && part->graph.nodes.size() > 1 ? 1 : 0;
        beyond += all_beyond.empty() ? 0 : 1;
    }
    CHECK(parted > 100);
    CHECK(beyond > 15);
}

TEST_CASE("rollback: the steps of an undo keep their order, read what was before, and follow their new names") {
    Plan plan = test::plan(1);
    Node& node = plan.graph.nodes[0];
    node.source = {"plan.yaml", 7, 3};
    const ExprPtr first_says = program::make_expr({.op = Expr::Op::output, .name = "file", .step = "first"});
    const ExprPtr other_says = program::make_expr({.op = Expr::Op::output, .name = "file", .step = "elsewhere"});
    const ExprPtr before = program::make_expr({.op = Expr::Op::before, .name = "stream", .step = node.id});
    node.undo.steps.nodes = {
        {.id = "first", .action = "start", .on = node.on, .with = {before}, .on_failure = OnFailure::carry_on},
        {.id = "second",
         .action = "stop",
         .on = node.on,
         .with = {first_says, other_says, program::make_expr({.op = Expr::Op::list, .args = {first_says, before}})},
         .sets = {{node.on, "stream", before}},
         .source = {"module.yaml", 1, 1}}};
    node.undo.steps.edges = {{.from = NodeId(0), .to = NodeId(1)}};
    state::RunState run(plan);
    state::NodeState& at = run.forward.nodes[0];
    at.phase = Phase::finished;
    at.began = true;
    at.started_as = 2;
    at.ended_as = at.left_as = 3;
    at.before[node.on]["stream"] = Value::enumerator("running");
    const auto back = state::derive_rollback(run);
    const std::string name = "undo:" + node.id;
    REQUIRE((back->execution.by_path.contains(name + ".first") && back->execution.by_path.contains(name + ".second")));
    const NodeId first = back->execution.by_path.at(name + ".first");
    const NodeId second = back->execution.by_path.at(name + ".second");
    CHECK(reaches(back->graph, first, second));
    const PlanNames names(plan);
    const Node& one = back->graph.nodes[first.index()];
    const Node& two = back->graph.nodes[second.index()];
    CHECK(one.with[0]->value == Value::enumerator("running"));
    CHECK(one.on_failure == OnFailure::halt);
    CHECK(one.source == node.source);
    CHECK(two.source == Place{"module.yaml", 1, 1});
    CHECK(two.with[0]->step == name + ".first");
    CHECK(two.with[1]->step == "elsewhere");
    REQUIRE(two.with[2]->args.size() == 2);
    CHECK(two.with[2]->args[0]->step == name + ".first");
    CHECK(two.with[2]->args[1]->value == Value::enumerator("running"));
    CHECK(two.sets[0].value->value == Value::enumerator("running"));
}

TEST_CASE("rollback: the conditions of each recovery stay its own") {
    Plan plan = test::plan(2);
    for (std::uint32_t i = 0; i < 2; ++i) {
        RecoverSteps recovery{
            .group = i == 0 ? "" : "second", .covers = {NodeId(2 * i)}, .source = {"plan.yaml", i, 1}};
        recovery.guards = {
            {.step = "outer", .condition = program::make_expr({.op = Expr::Op::started, .step = "all[s0].stop"})},
            {.step = "inner",
             .condition = program::make_expr({.op = Expr::Op::done, .step = "nothing"}),
             .parent = GuardId(0)}};
        recovery.steps.nodes = {{.id = "a", .action = "start", .on = ObjectId(0)},
                                {.id = "b", .action = "start", .on = ObjectId(0), .guard = GuardId(1)}};
        plan.recoveries.push_back(std::move(recovery));
    }
    state::RunState run(plan);
    for (std::uint32_t i = 0; i < 2; ++i) {
        state::NodeState& at = run.forward.nodes[2 * i];
        at.phase = Phase::finished;
        at.began = true;
        at.started_as = 2 * i + 2;
        at.ended_as = at.left_as = 2 * i + 3;
    }
    const auto back = state::derive_rollback(run);
    REQUIRE(back->guards.size() == 4);
    const std::string prefixes[] = {"recover:second.", "recover:restart."};  // what ran last first
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(back->guards[2 * i].step == prefixes[i] + "outer");
        CHECK_FALSE(back->guards[2 * i].parent);
        CHECK(back->guards[2 * i].condition->value == Value::boolean(true));
        CHECK(back->guards[2 * i + 1].step == prefixes[i] + "inner");
        CHECK(back->guards[2 * i + 1].parent == GuardId(2 * i));
        CHECK(back->guards[2 * i + 1].condition->value == Value::boolean(false));
        const Node& a = back->graph.nodes[back->execution.by_path.at(prefixes[i] + "a").index()];
        const Node& b = back->graph.nodes[back->execution.by_path.at(prefixes[i] + "b").index()];
        CHECK_FALSE(a.guard);
        CHECK(b.guard == GuardId(2 * i + 1));
        CHECK(a.source == plan.recoveries[1 - i].source);
    }
    CHECK(back->state.guards.size() == 4);
}

}  // namespace pvsplan::engine::test
