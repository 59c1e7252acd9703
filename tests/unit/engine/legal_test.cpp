// The engine and the verification of journals both say what a run may do next, and share no code. Here they are
// compared for every record that could come next in random runs of random plans.
#include "runtime/verify/legal.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "runtime/engine/next.hpp"
#include "runtime/journal/replay.hpp"
#include "runtime/state/rollback_program.hpp"
#include "tests/unit/checks/draws.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using journal::Record;
using pvsplan::test::Draws;
using state::Phase;
using RecordType = Record::Type;

Plan draw_plan(Draws& draws) {
    Plan plan = test::plan(1);
    plan.graph = {};
    const std::uint32_t guards = draws.below(3);
    for (std::uint32_t i = 0; i < guards; ++i)
        plan.guards.push_back(
            {.step = "g" + std::to_string(i),
             .condition = draws.chance(10) ? nullptr : Expr::literal(Value::boolean(draws.chance(50))),
             .parent = i > 0 && draws.chance(50) ? GuardId(draws.below(i)) : GuardId()});
    const std::uint32_t iterations = draws.below(4);
    for (std::uint32_t i = 0; i < iterations; ++i)
        plan.instances.push_back({.path = "l[" + std::to_string(i) + "]",
                                  .loop = draws.chance(80) ? "l" : "m",
                                  .max_failures = draws.below(3),
                                  .parent = i > 1 && draws.chance(50) ? InstanceId(draws.below(i)) : InstanceId()});
    for (std::uint32_t i = 0; i < 2 + draws.below(7); ++i) {
        Node node = step("n" + std::to_string(i), "stop", "stopped", "start", "running", ObjectId(0));
        const std::uint32_t kind = draws.below(8);
        if (kind < 2) node = {.id = node.id, .type = kind == 0 ? Node::Type::approval : Node::Type::join};
        if (guards > 0 && draws.chance(30)) node.guard = GuardId(draws.below(guards));
        if (iterations > 0 && draws.chance(50)) node.instance = InstanceId(draws.below(iterations));
        node.retry.times = draws.below(2);
        for (std::uint32_t from = 0; from < i; ++from)
            if (draws.chance(25)) plan.graph.edges.push_back({.from = NodeId(from), .to = NodeId(i)});
        plan.graph.nodes.push_back(std::move(node));
    }
    plan.digest = "sha256:1";
    return plan;
}

template <class T>
bool has(const std::vector<T>& all, T one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

// Every record that might come next, legal or not, as far as the fold of records would take it.
std::vector<Record> candidates(const state::RunState& run) {
    std::vector<Record> all;
    const state::ExecutionGraph& execution = run.now();
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const Node& node = execution.graph->nodes[i];
        const std::uint32_t attempt = run.now_state().nodes[i].attempt;
        const Phase phase = run.now_state().nodes[i].phase;
        const bool may_begin = phase == Phase::waiting || phase == Phase::retrying;
        if (node.type == Node::Type::approval && may_begin)
            all.push_back({.type = RecordType::approved, .node = node.id, .by = "anna"});
        if (node.type != Node::Type::action) continue;
        for (std::uint32_t next = attempt + 1; may_begin && next < attempt + 3; ++next)
            all.push_back({.type = RecordType::started, .node = node.id, .attempt = next});
        for (const RecordType is :
             {RecordType::finished, RecordType::failed, RecordType::unreached, RecordType::doubted})
            if (attempt > 0) all.push_back({.type = is, .node = node.id, .attempt = attempt});
        if (may_begin) all.push_back({.type = RecordType::failed, .node = node.id});
        for (const char* value : {"finished", "again", "untouched"})
            all.push_back({.type = RecordType::reconciled, .node = node.id, .value = value});
    }
    for (std::size_t i = 0; i < execution.guards->size(); ++i)
        for (const char* value : {"holds", "fails"})
            if (run.now_state().guards[i] == state::Decision::open)
                all.push_back({.type = RecordType::decided, .node = (*execution.guards)[i].step, .value = value});
    for (std::size_t i = 0; i < execution.instances->size(); ++i) {
        const bool was_abandoned = run.now_state().abandoned[i] != 0;
        all.push_back({.type = was_abandoned ? RecordType::readmitted : RecordType::abandoned,
                       .node = (*execution.instances)[i].path});
    }
    all.push_back({.type = RecordType::stopped, .value = "rollback", .text = "asked"});
    if (!run.back) all.push_back({.type = RecordType::rollback_began});
    for (const char* value : {"done", "rolled back", "failed", "interrupted"})
        all.push_back({.type = RecordType::halted, .value = value});
    return all;
}

bool has_abandoned(const state::RunState& run) {
    const state::ExecutionGraph& execution = run.now();
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const Node& node = execution.graph->nodes[i];
        const bool is_skipped =
            node.guard && state::decision_of(execution, run.now_state(), node.guard) == state::Decision::fails;
        if (node.type != Node::Type::join && !is_skipped && run.now_state().nodes[i].phase != Phase::finished &&
            state::abandoned_around(execution, run.now_state(), node.instance))
            return true;
    }
    return false;
}

// What the engine would do; nothing where it does not say.
std::optional<bool> would_be_done(const state::RunState& run, const Record& record) {
    const state::ExecutionGraph& execution = run.now();
    const Next next = engine::next(execution, run.now_state());
    const auto node = execution.by_path.find(record.node);
    const auto phase = [&](NodeId id) { return run.now_state().nodes[id.index()].phase; };
    switch (record.type) {
        case RecordType::started:
            return has(next.start, node->second) &&
                   record.attempt == run.now_state().nodes[node->second.index()].attempt + 1;
        case RecordType::failed:
            if (record.attempt != 0) return std::nullopt;
            return has(next.start, node->second);
        case RecordType::approved: return has(next.approve, node->second);
        case RecordType::decided: {
            const GuardId guard = execution.guard_by_step.at(record.node);
            for (std::size_t i = 0; i < execution.size(); ++i)  // where a person has said something of a step under it
                for (auto at = execution.graph->nodes[i].guard; at; at = (*execution.guards)[at.index()].parent)
                    if (at == guard && phase(NodeId(i)) != Phase::waiting) return std::nullopt;
            const ExprPtr& condition = (*execution.guards)[guard.index()].condition;
            return has(next.decide, guard) &&
                   (!condition || *condition->value.as_boolean()) == (record.value == "holds");
        }
        case RecordType::readmitted: return next.is_complete(execution);
        case RecordType::rollback_began: {
            bool runs = false;
            for (std::size_t i = 0; i < execution.size(); ++i)
                runs = runs || phase(NodeId(i)) == Phase::started || phase(NodeId(i)) == Phase::in_doubt;
            return run.forward.rollback_because.has_value() && !runs;
        }
        case RecordType::halted:
            if (record.value == "done") return !run.back && next.is_complete(execution) && !has_abandoned(run);
            if (record.value == "rolled back") return run.back && next.is_complete(execution);
            return true;
        default: return std::nullopt;
    }
}

// An iteration is abandoned for a failure within it only, and no more of them than may be.
bool may_be_abandoned(const state::RunState& run, InstanceId iteration) {
    const state::ExecutionGraph& execution = run.now();
    const Instance& one = (*execution.instances)[iteration.index()];
    bool has_failed = false;
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const Phase phase = run.now_state().nodes[i].phase;
        for (auto at = execution.graph->nodes[i].instance; at; at = (*execution.instances)[at.index()].parent)
            has_failed = has_failed || (at == iteration && (phase == Phase::failed || phase == Phase::unreached));
    }
    std::uint32_t others = 0;
    for (std::size_t i = 0; i < execution.instances->size(); ++i) {
        const Instance& other = (*execution.instances)[i];
        if (run.now_state().abandoned[i] != 0 && other.loop == one.loop && other.parent == one.parent) ++others;
    }
    return has_failed && others < one.max_failures;
}

// The engine says in one record what follows from a failure.
void check_consequences(const state::RunState& run, verify::Legal& legal) {
    const state::ExecutionGraph& execution = run.now();
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const Phase phase = run.now_state().nodes[i].phase;
        if (phase != Phase::failed && phase != Phase::unreached) continue;
        const Consequence follows = consequence_of(execution, run.now_state(), NodeId(i));
        if (!follows.abandons) continue;
        const std::string& path = (*execution.instances)[follows.abandons.index()].path;
        CHECK(legal.fault({.type = RecordType::abandoned, .node = path}).empty());
    }
}

}  // namespace

TEST_CASE("legal: the engine would do what may be done, and nothing else") {
    std::size_t refused = 0;
    std::size_t rolled_back = 0;
    for (std::uint32_t seed = 0; seed < 400; ++seed) {
        Draws draws(seed);
        const Plan plan = draw_plan(draws);
        state::RunState run(plan);
        verify::Legal legal(run);
        const auto add = [&](Record record) {
            record.number = run.records + 1;
            if (!journal::apply(run, record)) return;
            legal.applied(record);
        };
        add({.type = RecordType::began, .value = plan.digest, .by = "anna"});
        if (seed % 4 == 0)
            add({.type = RecordType::until, .node = plan.graph.nodes[seed % plan.graph.nodes.size()].id, .by = "anna"});
        for (int turn = 0; turn < 25; ++turn) {
            std::vector<Record> all = candidates(run);
            std::vector<Record> good;
            for (Record& record : all) {
                const std::string fault = legal.fault(record);
                INFO("seed " << seed << ", turn " << turn << ": " << journal::name_of(record.type) << " " << record.node
                             << " " << record.value << " " << record.attempt << ": " << fault);
                refused += fault.empty() ? 0 : 1;
                if (const std::optional<bool> expected = would_be_done(run, record))
                    REQUIRE(fault.empty() == *expected);
                if (record.type == RecordType::abandoned)
                    REQUIRE(fault.empty() == may_be_abandoned(run, run.now().iteration_by_path.at(record.node)));
                const bool is_rest =
                    record.type == RecordType::halted || (record.type == RecordType::stopped && draws.chance(90));
                if (fault.empty() && !is_rest) good.push_back(std::move(record));
            }
            check_consequences(run, legal);
            if (good.empty()) break;
            // What starts and finishes comes more often than what goes wrong.
            const auto one = std::find_if(good.begin(), good.end(), [&](const Record& record) {
                return (record.type == RecordType::started || record.type == RecordType::rollback_began ||
                        record.type == RecordType::decided) &&
                       draws.chance(30);
            });
            add(one != good.end() ? *one : draws.of(good));
        }
        rolled_back += run.back ? 1 : 0;
    }
    CHECK(refused > 30'000);
    CHECK(rolled_back > 15);
}

}  // namespace pvsplan::engine::test
