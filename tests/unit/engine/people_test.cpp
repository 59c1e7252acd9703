// What people say: approvals from this process and from others, and who has the lease on the farm.
#include <catch2/catch.hpp>

#include "runtime/engine/messages.hpp"
#include "runtime/store/sqlite.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

program::Plan with_approval(std::vector<std::string> approvers = {}) {
    program::Plan plan = test::plan(1);
    plan.approvers = std::move(approvers);
    Node look{.id = "look", .type = Node::Type::approval, .text = "look at it"};
    plan.graph.nodes.insert(plan.graph.nodes.begin() + 1, look);
    plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}, {.from = NodeId(1), .to = NodeId(2)}};
    seal(plan);
    return plan;
}

}  // namespace

TEST_CASE("a run waits for an approval, and goes on once it is given") {
    const Folder folder;
    const program::Plan plan = with_approval();
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const Ended first = start(farm.environment, plan, encode(plan), {}, nobody);
    CHECK(first.outcome == Outcome::waiting);
    REQUIRE(first.wanted.size() == 1);
    CHECK(first.wanted[0].node == "look");
    CHECK(resume(farm.environment, first.run, {}, {}, nobody).outcome == Outcome::waiting);
    CHECK(approve(farm.environment, first.run, "all[s0].stop", "").outcome == Outcome::usage);
    CHECK(approve(farm.environment, first.run, "look", "fine").outcome == Outcome::done);
    CHECK(resume(farm.environment, first.run, {}, {}, nobody).outcome == Outcome::done);
}

TEST_CASE("an approval is received as a message when another process has locked the farm") {
    const Folder folder;
    const program::Plan plan = with_approval();
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const Ended first = start(farm.environment, plan, encode(plan), {}, nobody);
    // Somebody who is alive: this process, under another name.
    ports::Identity other = farm.environment.me;
    const auto taken =
        farm.store->acquire(plan.farm, {.who = other, .run = first.run, .since = 1}, ports::Take::if_free);
    REQUIRE(taken->lease);
    const Ended said = approve(farm.environment, first.run, "look", "fine", 50);
    CHECK(said.outcome == Outcome::left);
    CHECK(exit_status(said) == 10);
    CHECK(resume(farm.environment, first.run, {}, {}, nobody).outcome == Outcome::held);
    CHECK(farm.store->release(*taken->lease).ok());
    CHECK(resume(farm.environment, first.run, {}, {}, nobody).outcome == Outcome::done);
}

TEST_CASE("what people say ends in the journal, as used or as refused with the reason") {
    const Folder folder;
    program::Plan plan = with_approval();
    plan.graph.nodes.push_back({.id = "later", .type = Node::Type::approval, .text = "look again"});
    plan.graph.nodes.push_back({.id = "end", .type = Node::Type::approval, .text = "look once more"});
    plan.graph.edges.push_back({.from = NodeId(2), .to = NodeId(3)});
    plan.graph.edges.push_back({.from = NodeId(3), .to = NodeId(4)});
    seal(plan);
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const std::string run = start(farm.environment, plan, encode(plan), {}, nobody).run;
    const auto told = [&] {
        std::string text;
        const auto lines = log(*farm.store, run);
        for (const LogLine& line : *lines)
            if (line.kind == "received" || line.kind == "refused" || line.kind == "approved")
                text += line.kind + " " + line.node + ": " + line.text + "\n";
        return text;
    };
    const std::string by = " by " + farm.environment.me.user + " on " + farm.environment.me.host + "\n";
    const auto post = [&](const std::string& node, const std::string& user, const std::string& digest = "") {
        journal::Record message = approval_message(plan, node, "fine", user, "there", 1);
        if (!digest.empty()) message.value = digest;
        REQUIRE(farm.store->post_message(run, journal::encode(message)).ok());
        return message;
    };
    SECTION("before the run has come there it is kept, and used once it has") {
        const Ended said = approve(farm.environment, run, "later", "fine");
        CHECK(said.outcome == Outcome::done);
        CHECK_THAT(said.message, Catch::Contains("is recorded; it is used when the run comes there"));
        CHECK(approve(farm.environment, run, "later", "again").outcome == Outcome::done);
        CHECK(approve(farm.environment, run, "look", "fine").outcome == Outcome::done);
        const Ended ended = resume(farm.environment, run, {}, {}, nobody);
        REQUIRE(ended.wanted.size() == 1);
        CHECK(ended.wanted[0].node == "end");
        CHECK(told() ==
              "received later: approve, fine," + by + "approved look: fine," + by + "approved later: fine," + by);
        CHECK(verify::first_fault(*verify_log(*farm.store, run)) == "");
    }
    SECTION("a message is received once, though the process dies before the inbox is empty") {
        const journal::Record message = post("look", farm.environment.me.user);
        resume(farm.environment, run, {}, {}, nobody);
        REQUIRE(farm.store->post_message(run, journal::encode(message)).ok());
        resume(farm.environment, run, {}, {}, nobody);
        CHECK(told() == "approved look: fine, by " + farm.environment.me.user + " on there\n");
    }
    SECTION("of another plan, of no step, of something that nobody can read") {
        post("look", "otto", "sha256:00");
        post("nothing", "otto");
        REQUIRE(farm.store->post_message(run, "{").ok());
        CHECK(resume(farm.environment, run, {}, {}, nobody).outcome == Outcome::waiting);
        CHECK(told() ==
              "refused look: approve, it approves another compiled plan, by otto on there\n"
              "refused nothing: approve, the run has no approval `nothing`, by otto on there\n"
              "refused : message, a message that cannot be read\n");
    }
    SECTION("what was kept is not used where the run goes back") {
        REQUIRE(approve(farm.environment, run, "end", "fine").outcome == Outcome::done);
        CHECK(rollback(farm.environment, run, {}, {}, nobody).outcome == Outcome::rolled_back);
        CHECK_THAT(told(), Catch::Contains("refused end: approve, the run was rolled back before it came there"));
        CHECK(approve(farm.environment, run, "look", "").outcome == Outcome::usage);
    }
    SECTION("a message that a run did not receive is received by whoever comes next") {
        post("look", farm.environment.me.user);
        const Ended said = approve(farm.environment, run, "later", "fine");
        CHECK(said.outcome == Outcome::done);
        CHECK_THAT(told(), Catch::StartsWith("approved look: fine"));
    }
}

TEST_CASE("a journal of which the last record is missing, or was exchanged, is not gone on with") {
    const Folder folder;
    const program::Plan plan = with_approval();
    std::string run;
    NoObserver nobody;
    {
        Farm farm(open(folder), plan);
        run = start(farm.environment, plan, encode(plan), {}, nobody).run;
        CHECK(verify::first_fault(*verify_log(*farm.store, run)) == "");
    }
    const auto tamper = [&](const std::string& statement) {
        auto database =
            store::Database::open(folder.db(), store::Database::Open::read_write, store::Database::Sync::power);
        REQUIRE(database.ok());
        REQUIRE((*database)->script("DROP TRIGGER records_are_never_deleted;" + statement).ok());
    };
    std::string expected;
    SECTION("the last record is missing") {
        tamper("DELETE FROM records WHERE number = (SELECT max(number) FROM records);");
        expected = "are missing";
    }
    SECTION("and the count was made to fit") {
        tamper(
            "DELETE FROM records WHERE number = (SELECT max(number) FROM records); UPDATE runs SET records = records - "
            "1;");
        expected = "it was exchanged";
    }
    SECTION("the outcome is another one") {
        tamper("UPDATE runs SET outcome = 'failed';");
        expected = "the store says that the run stands as `failed`, its records say `waiting`";
    }
    Farm farm(open(folder), plan);
    CHECK_THAT(verify::first_fault(*verify_log(*farm.store, run)), Catch::Contains(expected));
    for (const Ended& ended :
         {resume(farm.environment, run, {}, {}, nobody), rollback(farm.environment, run, {}, {}, nobody)}) {
        CHECK(ended.outcome == Outcome::wrong);
        CHECK_THAT(ended.message, Catch::Contains("is damaged") && Catch::Contains(expected));
    }
    CHECK(abandon(farm.environment, run, "").outcome == Outcome::done);
}

TEST_CASE("only approvers approve, and not what they started themselves") {
    const Folder folder;
    const program::Plan plan = with_approval({"anna", ports::who_am_i().user});
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const Ended first = start(farm.environment, plan, encode(plan), {}, nobody);
    const Ended mine = approve(farm.environment, first.run, "look", "");
    CHECK(mine.outcome == Outcome::usage);
    CHECK(mine.message.ends_with("somebody else has to approve"));
    farm.environment.me.account.clear();
    farm.environment.me.user = "otto";
    CHECK(approve(farm.environment, first.run, "look", "").message.starts_with("`otto` may not approve"));
    farm.environment.me.user = "anna";
    CHECK(approve(farm.environment, first.run, "look", "").outcome == Outcome::done);
    const Ended again = approve(farm.environment, first.run, "look", "");
    CHECK(again.outcome == Outcome::done);
    CHECK(again.message == "`look` was approved before");
}

TEST_CASE("one compiled plan starts at most one run, one run at a time locks a farm") {
    const Folder folder;
    const program::Plan plan = test::plan(1);
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const Options once{.use = ports::Runs::Use::single};
    CHECK(start(farm.environment, plan, encode(plan), once, nobody).outcome == Outcome::done);
    CHECK(start(farm.environment, plan, encode(plan), once, nobody).outcome == Outcome::stale);
    const auto taken =
        farm.store->acquire(plan.farm, {.who = farm.environment.me, .run = "other", .since = 1}, ports::Take::if_free);
    REQUIRE(taken->lease);
    const Ended held = start(farm.environment, plan, encode(plan), {}, nobody);
    CHECK(held.outcome == Outcome::held);
    CHECK_THAT(held.message, Catch::Contains("the farm contoso is locked since"));
    CHECK(held.other == Standing::Type::under_way);
}

TEST_CASE("an abandoned iteration does not hold up the others, yet the run is not done without it") {
    // Each server is an instance of one loop that goes on without one of them; a last step comes after all.
    program::Plan plan = test::plan(3);
    for (std::uint32_t i = 0; i < 3; ++i) {
        plan.instances.push_back({.path = "all[s" + std::to_string(i) + "]", .loop = "all", .max_failures = 1});
        plan.graph.nodes[2 * i].instance = plan.graph.nodes[2 * i + 1].instance = InstanceId(i);
    }
    plan.graph.nodes.push_back({.id = "last", .type = Node::Type::join});
    for (std::uint32_t i = 0; i < 3; ++i) plan.graph.edges.push_back({.from = NodeId(2 * i + 1), .to = NodeId(6)});
    seal(plan);
    using Fault = transport::SimulatedFault;
    const transport::SimulatedOptions one_fails{.faults = {{.step = "all[s1].start", .when = Fault::When::before}}};
    const auto state_of = [](const ports::Store& store, const std::string& run, const std::string& node) {
        const auto found = status(store, run);
        for (const NodeStatus& one : found->nodes)
            if (one.node == node) return one.state;
        return std::string("no such step");
    };
    NoObserver nobody;
    const Folder folder;
    std::string run;
    {
        Farm farm(open(folder), plan, one_fails);
        const Ended first = start(farm.environment, plan, encode(plan), {}, nobody);
        run = first.run;
        CHECK(first.outcome == Outcome::failed);
        CHECK(exit_status(first) == 4);
        CHECK(first.message ==
              "`all[s1]` was left where it failed, all others are done; the run is halted (simulated)");
        REQUIRE(first.wanted.size() == 1);
        CHECK(first.wanted[0].node == "all[s1].start");
        CHECK_FALSE(first.wanted[0].text.empty());
        CHECK(states(farm.environment, plan) == "running stopped running ");
        CHECK(state_of(*farm.store, run, "all[s2].start") == "finished");
        CHECK(farm.store->run(run)->value().outcome == "failed");
    }
    SECTION("resumed, it is tried again") {
        Farm farm(open(folder), plan);
        CHECK(resume(farm.environment, run, {}, {}, nobody).outcome == Outcome::done);
        CHECK(states(farm.environment, plan) == "running running running ");
    }
    SECTION("resumed while it still fails, it is abandoned again") {
        Farm farm(open(folder), plan, one_fails);
        CHECK(resume(farm.environment, run, {}, {}, nobody).outcome == Outcome::failed);
        const auto attempts = status(*farm.store, run);
        for (const NodeStatus& one : attempts->nodes)
            if (one.node == "all[s1].start") CHECK(one.attempts == 2);  // once a resume
    }
    SECTION("it is done only if it can be seen") {
        const ResumeOptions by_hand{.decisions = {{OperatorDecision::Type::done, "all[s1].start", "by hand"}}};
        {
            Farm farm(open(folder), plan);
            CHECK(resume(farm.environment, run, by_hand, {}, nobody).outcome == Outcome::usage);
            const ports::SimulatedChange started{.sets = {{"server/s1", "stream", "{\"enum\": \"running\"}"}}};
            REQUIRE(farm.store->change_simulated(plan.farm, started).ok());
        }
        Farm farm(open(folder), plan);
        const Ended ended = resume(farm.environment, run, by_hand, {}, nobody);
        CHECK(ended.message == "all steps are done (simulated)");
    }
    SECTION("or told to be done again") {
        Farm farm(open(folder), plan);
        CHECK(resume(farm.environment, run, {.decisions = {{OperatorDecision::Type::redo, "all[s1].start", ""}}}, {},
                     nobody)
                  .outcome == Outcome::done);
    }
    SECTION("rolled back, the farm is as it was") {
        Farm farm(open(folder), plan);
        CHECK(rollback(farm.environment, run, {}, {}, nobody).outcome == Outcome::rolled_back);
        CHECK(states(farm.environment, plan) == "running running running ");
    }
}

TEST_CASE("more failures than a loop may have halt the run and are all named") {
    program::Plan plan = test::plan(3);
    for (std::uint32_t i = 0; i < 3; ++i) {
        plan.instances.push_back({.path = "all[s" + std::to_string(i) + "]", .loop = "all", .max_failures = 1});
        plan.graph.nodes[2 * i].instance = plan.graph.nodes[2 * i + 1].instance = InstanceId(i);
    }
    seal(plan);
    using Fault = transport::SimulatedFault;
    const Folder folder;
    Farm farm(open(folder), plan,
              {.faults = {{.step = "all[s0].stop", .when = Fault::When::before},
                          {.step = "all[s2].stop", .when = Fault::When::before}}});
    NoObserver nobody;
    const Ended ended = start(farm.environment, plan, encode(plan), {}, nobody);
    CHECK(ended.outcome == Outcome::failed);
    CHECK(ended.message == "a step failed; the run is halted (simulated)");
    CHECK(ended.wanted.size() == 2);
}

TEST_CASE("exactly as many iterations are abandoned as a loop may lose; one more halts the run") {
    using Fault = transport::SimulatedFault;
    for (std::uint32_t may = 0; may <= 3; ++may)
        for (std::uint32_t fails = 0; fails <= 4; ++fails) {
            CAPTURE(may, fails);
            program::Plan plan = test::plan(4);
            transport::SimulatedOptions options;
            for (std::uint32_t i = 0; i < 4; ++i) {
                const std::string path = "all[s" + std::to_string(i) + "]";
                plan.instances.push_back({.path = path, .loop = "all", .max_failures = may});
                plan.graph.nodes[2 * i].instance = plan.graph.nodes[2 * i + 1].instance = InstanceId(i);
                if (i < fails) options.faults.push_back({.step = path + ".stop", .when = Fault::When::before});
            }
            seal(plan);
            const Folder folder;
            Farm farm(open(folder), plan, options);
            NoObserver nobody;
            const Ended ended = start(farm.environment, plan, encode(plan), {}, nobody);
            CHECK(ended.outcome == (fails == 0 ? Outcome::done : Outcome::failed));
            const bool is_halted = ended.message.find("a step failed; the run is halted") != std::string::npos;
            CHECK(is_halted == (fails > may));
            std::size_t abandoned = 0;
            const auto lines = log(*farm.store, ended.run);
            for (const LogLine& line : *lines) abandoned += line.kind == "abandoned" ? 1 : 0;
            CHECK(abandoned == std::min(fails, may));
            CHECK(verify::first_fault(*verify_log(*farm.store, ended.run)).empty());
        }
}

// Four servers one after the other, of which one may be abandoned, as `at_most: 1` is compiled.
TEST_CASE("what was abandoned stays so while a halted run tries again what halted it") {
    program::Plan plan = test::plan(4);
    for (std::uint32_t i = 0; i < 4; ++i) {
        plan.instances.push_back({.path = "all[s" + std::to_string(i) + "]", .loop = "all", .max_failures = 1});
        plan.graph.nodes[2 * i].instance = plan.graph.nodes[2 * i + 1].instance = InstanceId(i);
    }
    plan.graph.edges.clear();
    for (std::uint32_t i = 0; i + 1 < 8; ++i) plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
    seal(plan);
    using Fault = transport::SimulatedFault;
    const Folder folder;
    NoObserver nobody;
    std::string run;
    {
        Farm farm(open(folder), plan,
                  {.faults = {{.step = "all[s0].start", .when = Fault::When::before},
                              {.step = "all[s1].start", .when = Fault::When::before}}});
        run = start(farm.environment, plan, encode(plan), {}, nobody).run;
        CHECK(states(farm.environment, plan) == "stopped stopped running running ");
    }
    SECTION("the rest goes on behind it, and it is tried last") {
        Farm farm(open(folder), plan);
        CHECK(resume(farm.environment, run, {}, {}, nobody).outcome == Outcome::done);
        const auto lines = log(*farm.store, run);
        std::vector<std::string> started;
        for (const LogLine& line : *lines)
            if (line.kind == "started") started.push_back(line.node);
        const std::vector<std::string> expected = {"all[s0].stop",  "all[s0].start",  // fails
                                                   "all[s1].stop",  "all[s1].start",  // fails: halted
                                                   "all[s1].start", "all[s2].stop",  "all[s2].start",
                                                   "all[s3].stop",  "all[s3].start", "all[s0].start"};
        CHECK(started == expected);
    }
    SECTION("no other starts where it fails once more") {
        Farm farm(open(folder), plan, {.faults = {{.step = "all[s1].start", .when = Fault::When::before}}});
        CHECK(resume(farm.environment, run, {}, {}, nobody).outcome == Outcome::failed);
        CHECK(states(farm.environment, plan) == "stopped stopped running running ");
    }
    SECTION("rolled back, all is as it was") {
        Farm farm(open(folder), plan);
        CHECK(rollback(farm.environment, run, {}, {}, nobody).outcome == Outcome::rolled_back);
        CHECK(states(farm.environment, plan) == "running running running running ");
    }
}

TEST_CASE("a process that has lost its lease on the farm cannot write another record") {
    const Folder folder;
    const program::Plan plan = with_approval();
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const Ended first = start(farm.environment, plan, encode(plan), {}, nobody);
    const auto records = farm.store->records(first.run);
    // Somebody of this machine whose process is no more (a pid that no Linux gives).
    ports::Identity dead = farm.environment.me;
    dead.pid = 1 << 30;
    const auto lost = farm.store->acquire(plan.farm, {.who = dead, .run = first.run, .since = 1}, ports::Take::if_free);
    REQUIRE(lost->lease);
    const auto taken = farm.store->acquire(plan.farm, {.who = farm.environment.me, .run = first.run, .since = 2},
                                           ports::Take::if_free);
    REQUIRE(taken->lease);
    CHECK(taken->lease->token > lost->lease->token);
    const ports::RecordRow row{.number = records->size() + 1, .bytes = "{}", .hash = std::string(64, '0')};
    const base::Status refused = farm.store->append(*lost->lease, first.run, {row}, "done", 3);
    REQUIRE_FALSE(refused.ok());
    CHECK_THAT(refused.error().text(), Catch::Contains("lost its hold"));
    CHECK(farm.store->records(first.run)->size() == records->size());
    CHECK(farm.store->run(first.run)->value().outcome == "waiting");
    CHECK(farm.store->release(*lost->lease).ok());  // a late release is nobody's
    CHECK(farm.store->held(plan.farm)->has_value());
}

TEST_CASE("a step that wants it rolls the run back by itself") {
    const Folder folder;
    program::Plan plan = test::plan(2);
    for (Node& node : plan.graph.nodes) node.on_failure = OnFailure::rollback;
    seal(plan);
    Farm farm(open(folder), plan,
              {.faults = {{.step = "all[s1].start", .when = transport::SimulatedFault::When::halfway}}});
    NoObserver nobody;
    CHECK(start(farm.environment, plan, encode(plan), {}, nobody).outcome == Outcome::rolled_back);
    CHECK(states(farm.environment, plan) == "running running ");
}

TEST_CASE("a point of no return says what stays as it is, itself and what came before it") {
    const Folder folder;
    program::Plan plan = test::plan(1);
    plan.graph.nodes[1].undo = {.type = Undo::Type::impossible, .why = "it has begun to serve"};
    plan.graph.nodes.push_back(step("again", "stop", "stopped", "start", "running", ObjectId(0)));
    plan.graph.edges.push_back({.from = NodeId(1), .to = NodeId(2)});
    seal(plan);
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const Ended first = start(farm.environment, plan, encode(plan), {}, nobody);
    REQUIRE(first.outcome == Outcome::done);
    for (int i = 0; i < 2; ++i) {  // asked again, it says so again
        const Ended back = rollback(farm.environment, first.run, {}, {}, nobody);
        CHECK(back.outcome == Outcome::in_doubt);
        REQUIRE(back.wanted.size() == 1);
        CHECK(back.wanted[0].node == "all[s0].start");
        CHECK(back.wanted[0].text == "it has begun to serve; what came before it stays as well: all[s0].stop");
        CHECK(states(farm.environment, plan) == "running ");
    }
}

TEST_CASE("a step is tried again as often as it says") {
    const Folder folder;
    program::Plan plan = test::plan(1);
    plan.graph.nodes[0].retry = {.times = 2, .delay_ms = 1};
    seal(plan);
    NoObserver nobody;
    using Fault = transport::SimulatedFault;
    Farm farm(open(folder), plan, {.faults = {{.step = "all[s0].stop", .when = Fault::When::before, .attempts = 2}}});
    CHECK(start(farm.environment, plan, encode(plan), {}, nobody).outcome == Outcome::done);
    const Folder another;
    Farm worse(open(another), plan, {.faults = {{.step = "all[s0].stop", .when = Fault::When::before, .attempts = 3}}});
    CHECK(start(worse.environment, plan, encode(plan), {}, nobody).outcome == Outcome::failed);
}

}  // namespace pvsplan::engine::test
