// The process dies at every durable write in turn, and another one goes on: the same end, and no step run twice.
#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "runtime/journal/record.hpp"
#include "tests/unit/engine/farm.hpp"
#include "tests/unit/engine/watched_store.hpp"

namespace pvsplan::engine::test {
namespace {

enum class When : std::uint8_t { before, after };

// Ends the process before or after the n-th write.
std::unique_ptr<ports::Store> mortal(std::unique_ptr<ports::Store> inner, int writes, When when) {
    auto store = std::make_unique<WatchedStore>(std::move(inner));
    const auto is_write = [](std::string_view call) {
        return call == "create_run" || call == "append" || call == "release" || call == "change_simulated";
    };
    const auto left = std::make_shared<int>(writes);
    store->before = [=](std::string_view call) {
        if (is_write(call) && --*left == 0 && when == When::before) ::_exit(77);
        return WatchedStore::CallResult::works;
    };
    store->after = [=](std::string_view call) {
        if (is_write(call) && *left == 0) ::_exit(77);
    };
    return store;
}

// In a process of its own; its exit status.
template <class Act>
int elsewhere(const Act& act) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(act());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

int run_in(const Folder& folder, const Plan& plan, int writes, When when, transport::SimulatedOptions options = {}) {
    return elsewhere([&] {
        Farm farm(mortal(open(folder), writes, when), plan, std::move(options));
        NoObserver nobody;
        return exit_status(start(farm.environment, plan, encode(plan), {}, nobody));
    });
}

void check_story(const Folder& folder, const Plan& plan, const std::string& expected) {
    Farm farm(open(folder), plan);
    CHECK(states(farm.environment, plan) == expected);
    const auto rows = farm.store->runs();
    for (const ports::RunRow& row : *rows) {
        const auto verified = verify_log(*farm.store, row.id);
        REQUIRE(verified.ok());
        CHECK(verify::first_fault(*verified).empty());
        std::map<std::string, int> finished;
        const auto lines = log(*farm.store, row.id);
        for (const LogLine& line : *lines)
            if (line.kind == "finished") ++finished[line.node];
        for (const auto& [node, times] : finished) CHECK(times == 1);
    }
}

// How a run stands, and how often each step failed.
struct Stands {
    std::string outcome;
    std::string states;
    std::map<std::string, int> failed;
    bool operator==(const Stands&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Stands& stands) {
    out << stands.outcome << ": " << stands.states;
    for (const auto& [node, times] : stands.failed) out << node << " failed " << times << " times ";
    return out;
}
Stands how_it_stands(Farm& farm, const Plan& plan) {
    const ports::RunRow row = farm.store->runs()->back();
    Stands stands{.outcome = row.outcome, .states = states(farm.environment, plan), .failed = {}};
    const auto lines = log(*farm.store, row.id);
    for (const LogLine& line : *lines)
        if (line.kind == "failed") ++stands.failed[line.node];
    return stands;
}

// One after the other.
Plan in_iterations(std::size_t servers, std::uint32_t max_failures) {
    Plan plan = test::plan(servers);
    for (std::uint32_t i = 0; i < servers; ++i) {
        plan.instances.push_back(
            {.path = "all[s" + std::to_string(i) + "]", .loop = "all", .max_failures = max_failures});
        plan.graph.nodes[2 * i].instance = plan.graph.nodes[2 * i + 1].instance = InstanceId(i);
        if (i > 0) plan.graph.edges.push_back({.from = NodeId(2 * i - 1), .to = NodeId(2 * i)});
    }
    seal(plan);
    return plan;
}

// The whole run in one process, and killed at every write in turn and resumed: both stand alike.
void check_that_it_stands_alike(const Plan& plan, const transport::SimulatedOptions& options) {
    Stands expected;
    {
        const Folder folder;
        REQUIRE(run_in(folder, plan, 1'000'000, When::after, options) != 77);
        Farm farm(open(folder), plan);
        expected = how_it_stands(farm, plan);
    }
    for (const auto when : {When::before, When::after})
        for (int writes = 1;; ++writes) {
            const Folder folder;
            if (run_in(folder, plan, writes, when, options) != 77) break;
            INFO("died at write " << writes << (when == When::before ? ", before" : ", after"));
            Farm farm(open(folder), plan, options);
            const auto rows = farm.store->runs();
            if (rows->empty()) continue;  // it never began
            NoObserver nobody;
            if (rows->back().outcome.empty()) resume(farm.environment, rows->back().id, {}, {}, nobody);
            CHECK(how_it_stands(farm, plan) == expected);
            CHECK(verify::first_fault(*verify_log(*farm.store, rows->back().id)) == "");
        }
}

}  // namespace

TEST_CASE("a run that fails ends the same, killed or not") {
    using Fault = transport::SimulatedFault;
    SECTION("halted") {
        check_that_it_stands_alike(in_iterations(2, 0),
                                   {.faults = {{.step = "all[s0].start", .when = Fault::When::before}}});
    }
    SECTION("rolled back, though another step goes on for longer") {
        Plan plan = test::plan(2);
        for (Node& node : plan.graph.nodes) node.on_failure = OnFailure::rollback;
        seal(plan);
        for (const auto when : {Fault::When::before, Fault::When::halfway, Fault::When::after})
            check_that_it_stands_alike(plan, {.faults = {{.step = "all[s0].stop", .when = when}}, .step_ms = 3});
    }
    SECTION("an iteration is abandoned") {
        check_that_it_stands_alike(in_iterations(3, 1),
                                   {.faults = {{.step = "all[s1].start", .when = Fault::When::before}}});
    }
    SECTION("more iterations fail than may be abandoned") {
        check_that_it_stands_alike(in_iterations(3, 1),
                                   {.faults = {{.step = "all[s0].stop", .when = Fault::When::before},
                                               {.step = "all[s1].start", .when = Fault::When::before}}});
    }
    SECTION("it waits for an approval") {
        Plan plan = test::plan(1);
        plan.graph.nodes.push_back({.id = "look", .type = Node::Type::approval, .text = "look at it"});
        plan.graph.edges.push_back({.from = NodeId(1), .to = NodeId(2)});
        seal(plan);
        check_that_it_stands_alike(plan, {});
    }
}

TEST_CASE("a person who asks for a rollback is not forgotten by a process that dies") {
    const Plan plan = test::plan(2);
    for (int writes = 1;; ++writes) {
        const Folder folder;
        REQUIRE(run_in(folder, plan, 1'000'000, When::after) == 0);
        const int status = elsewhere([&] {
            Farm farm(mortal(open(folder), writes, When::after), plan);
            NoObserver nobody;
            return exit_status(rollback(farm.environment, farm.store->runs()->back().id, {}, {}, nobody));
        });
        if (status != 77) break;
        INFO("died at write " << writes);
        Farm farm(open(folder), plan);
        const ports::RunRow row = farm.store->runs()->back();
        NoObserver nobody;
        if (row.outcome.empty()) resume(farm.environment, row.id, {}, {}, nobody);
        CHECK(farm.store->runs()->back().outcome == "rolled back");
        CHECK(verify::first_fault(*verify_log(*farm.store, row.id)) == "");
    }
}

TEST_CASE("killed at every write in turn and resumed, a run ends like one that was never interrupted") {
    const Plan plan = test::plan(2);
    for (const auto when : {When::before, When::after})
        for (int writes = 1;; ++writes) {
            const Folder folder;
            const int first = run_in(folder, plan, writes, when);
            INFO("died at write " << writes << (when == When::before ? ", before" : ", after"));
            if (first == 0) break;
            REQUIRE(first == 77);
            Farm farm(open(folder), plan);
            const auto rows = farm.store->runs();
            if (rows->empty()) continue;  // it never began
            NoObserver nobody;
            const Ended ended = resume(farm.environment, rows->back().id, {}, {}, nobody);
            CHECK(ended.outcome == Outcome::done);
            check_story(folder, plan, "running running ");
        }
}

TEST_CASE("failed at every step in every way and rolled back, the farm is as it was") {
    using Fault = transport::SimulatedFault;
    const Plan plan = test::plan(2);
    for (const Node& node : plan.graph.nodes)
        for (const auto when : {Fault::When::before, Fault::When::halfway, Fault::When::after}) {
            const Folder folder;
            const transport::SimulatedOptions options{.faults = {{.step = node.id, .when = when}}};
            INFO(node.id << " fails, " << static_cast<int>(when));
            CHECK(run_in(folder, plan, 1'000'000, When::after, options) == 4);
            // The process dies at every write of the rollback, too.
            for (int writes = 1; writes < 40; ++writes) {
                const int status = elsewhere([&] {
                    Farm farm(mortal(open(folder), writes, When::after), plan);
                    NoObserver nobody;
                    return exit_status(rollback(farm.environment, farm.store->runs()->back().id, {}, {}, nobody));
                });
                if (status == 0) break;
                REQUIRE(status == 77);
            }
            Farm farm(open(folder), plan);
            CHECK(farm.store->runs()->back().outcome == "rolled back");
            check_story(folder, plan, "running running ");
        }
}

TEST_CASE("resumed after a failure, the step is tried again and the others go on") {
    const Plan plan = test::plan(3);
    for (const Node& node : plan.graph.nodes) {
        const Folder folder;
        CHECK(run_in(folder, plan, 1'000'000, When::after,
                     {.faults = {{.step = node.id, .when = transport::SimulatedFault::When::before}}}) == 4);
        Farm farm(open(folder), plan);
        NoObserver nobody;
        CHECK(resume(farm.environment, farm.store->runs()->back().id, {}, {}, nobody).outcome == Outcome::done);
        check_story(folder, plan, "running running running ");
    }
}

}  // namespace pvsplan::engine::test
