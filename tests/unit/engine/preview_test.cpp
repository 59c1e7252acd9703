// What is told of a rollback before it is done is what it does: at each point at which it can stop, for what is left.
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "runtime/engine/back_to.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/engine/wanted.hpp"
#include "runtime/state/rollback_program.hpp"
#include "tests/unit/engine/hosts.hpp"

namespace pvsplan::engine::test {
namespace {

using Names = std::set<std::string>;

// Stopped, looked at twice, and started. Nothing is undone of the second look; of the first one only if a condition
// holds that is known in the run, or that never does.
void looks(Plan& plan, const ExprPtr& condition) {
    Graph graph;
    graph.nodes = {plan.graph.nodes[0], plan.graph.nodes[0], plan.graph.nodes[0], plan.graph.nodes[1]};
    for (const std::size_t i : {1U, 2U}) {
        graph.nodes[i] = {.id = "look" + std::to_string(i), .action = "look", .on = ObjectId(0)};
        graph.nodes[i].undo.type = Undo::Type::steps;
        graph.nodes[i].undo.steps.nodes = {{.id = "back", .action = "look", .on = ObjectId(0)}};
    }
    graph.nodes[1].undo.guards = {{.step = "back", .condition = condition}};
    graph.nodes[1].undo.steps.nodes[0].guard = GuardId(0);
    graph.nodes[2].undo.type = Undo::Type::nothing;
    for (std::uint32_t i = 0; i < 3; ++i) graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
    plan.graph = std::move(graph);
    plan.actions["look"] = {.name = "look", .on_kind = "server", .run = {.type = Body::Type::powershell, .text = "…"}};
}

ExprPtr server_is(const char* stream) {
    const ExprPtr server = Expr::literal(Value::object(ObjectId(0)));
    const auto state = std::make_shared<const Expr>(Expr{.op = Expr::Op::state, .name = "stream", .args = {server}});
    return std::make_shared<const Expr>(Expr{.op = Expr::Op::equal, .args = {state, word(stream)}});
}

RollbackPreview preview(const HostStory& story) {
    auto found = preview_rollback(*story.farm->store, story.run);
    REQUIRE(found.ok());
    return std::move(*found);
}

Names steps_of(const RollbackPreview& preview) {
    Names names;
    for (const Node& node : preview.graph.nodes)
        if (node.type == Node::Type::action) names.insert(node.id);
    return names;
}

// "b after a" for each two steps of which one waits for the other, directly or not.
Names orders_of(const RollbackPreview& preview) {
    const std::vector<Node>& nodes = preview.graph.nodes;
    std::vector<std::set<std::size_t>> before(nodes.size());
    Names orders;
    for (const Edge& edge : preview.graph.edges) {  // by where they lead to
        before[edge.to.index()].insert(edge.from.index());
        before[edge.to.index()].insert(before[edge.from.index()].begin(), before[edge.from.index()].end());
    }
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const std::size_t other : before[i])
            if (nodes[i].type == Node::Type::action && nodes[other].type == Node::Type::action)
                orders.insert(nodes[i].id + " after " + nodes[other].id);
    return orders;
}

// What is asked of hosts from here on.
Names asked_since(const HostStory& story, std::size_t from) {
    Names names;
    for (std::size_t i = from; i < story.hosts->jobs.size(); ++i)
        if (story.hosts->jobs[i].type == Job::Type::command) names.insert(story.hosts->jobs[i].step);
    return names;
}

// A run that is over goes back, and the rollback stops at `failing`, if that is a step of it.
void go_back(HostStory& story, const std::string& failing) {
    story.hosts->answer = [failing](const Job& job) {
        return job.type == Job::Type::command && job.ask == Job::Ask::start && job.step == failing
                   ? std::vector<JobEvent>{{.exit_status = 3, .err = "no room"}}
                   : std::vector<JobEvent>{};
    };
    story.back();
    story.hosts->answer = {};
}

}  // namespace

TEST_CASE("preview: a rollback does what was told of it, from wherever it goes on") {
    for (const std::size_t servers : {1U, 2U})
        for (const std::string failing : {"undo:all[s0].start", "undo:all[s0].stop", "undo:all[s1].start"}) {
            if (servers == 1 && failing == "undo:all[s1].start") continue;
            CAPTURE(servers, failing);
            HostStory story({}, servers);
            story.go();
            const RollbackPreview whole = preview(story);
            CHECK_FALSE(whole.has_begun);
            CHECK(steps_of(whole).size() == 2 * servers);
            CHECK(orders_of(whole).contains("undo:all[s0].stop after undo:all[s0].start"));
            go_back(story, failing);
            const RollbackPreview left = preview(story);
            CHECK(left.has_begun);
            CHECK(steps_of(left).contains(failing));
            const std::size_t from = story.hosts->jobs.size();
            story.again();
            CHECK(story.ended.outcome == Outcome::rolled_back);
            CHECK(asked_since(story, from) == steps_of(left));
            CHECK(steps_of(preview(story)).empty());
        }
}

TEST_CASE("preview: what a condition leaves out is not told, and the order goes through it") {
    const Names around = {"undo:all[s0].start", "undo:all[s0].stop"};
    const Names all = {"undo:all[s0].start", "undo:look1", "undo:all[s0].stop"};
    const std::string order = "undo:all[s0].stop after undo:all[s0].start";
    const auto told = [](const ExprPtr& condition) {
        HostStory story([&](Plan& plan) { looks(plan, condition); });
        story.go();
        return preview(story);
    };
    CHECK(steps_of(told(Expr::literal(Value::boolean(true)))) == all);
    CHECK(steps_of(told(Expr::literal(Value::boolean(false)))) == around);
    CHECK(orders_of(told(Expr::literal(Value::boolean(false)))) == Names{order});
    const Graph graph = told(Expr::literal(Value::boolean(false))).graph;
    std::set<std::pair<NodeId, NodeId>> edges;
    for (const Edge& edge : graph.edges) edges.emplace(edge.from, edge.to);
    CHECK(edges.size() == graph.edges.size());
    CHECK(steps_of(told(server_is("running"))) == all);  // it may hold by then
    CHECK(orders_of(told(server_is("running"))).size() == 3);
    // By then the server is stopped: it does not hold, and that is known as soon as it was asked.
    HostStory story([&](Plan& plan) { looks(plan, server_is("running")); });
    story.go();
    go_back(story, "undo:all[s0].stop");
    CHECK(steps_of(preview(story)) == Names{"undo:all[s0].stop"});
}

TEST_CASE("preview: a rollback to a step does what was told of it, and leaves the rest") {
    for (const std::string to : {"all[s0].start", "all[s0]", "all"}) {
        CAPTURE(to);
        HostStory story;
        story.go();
        const auto told = preview_rollback(*story.farm->store, story.run, to);
        REQUIRE(told.ok());
        CHECK(told->back_to == to);
        const bool is_part = to == "all[s0].start";
        CHECK(told->stays == (is_part ? std::vector<std::string>{"all[s0].stop"} : std::vector<std::string>{}));
        CHECK(steps_of(*told) ==
              (is_part ? Names{"undo:all[s0].start"} : Names{"undo:all[s0].start", "undo:all[s0].stop"}));
        const std::size_t from = story.hosts->jobs.size();
        story.ended = rollback(story.farm->environment, story.run, {.back_to = to}, story.options, story.told);
        CHECK(story.ended.outcome == Outcome::rolled_back);
        CHECK(story.ended.message.find("from `" + to + "` on is undone; the rest stays") != std::string::npos);
        CHECK(asked_since(story, from) == steps_of(*told));
        const auto back = [&](const std::string& step) {
            return rollback(story.farm->environment, story.run, {.back_to = step}, story.options, story.told);
        };
        const Ended again = back(to);
        CHECK(again.outcome == Outcome::rolled_back);
        CHECK(again.message.find("went back to before `" + to + "`") != std::string::npos);
        CHECK(story.again().ended.message.find("`pvsplan rollback " + story.run + "` undoes that too") !=
              std::string::npos);
        // Further: what stayed is undone then, and nothing twice.
        const auto rest = preview_rollback(*story.farm->store, story.run);
        REQUIRE(rest.ok());
        CHECK((rest->back_to.empty() && rest->stays.empty()));
        CHECK(steps_of(*rest) == (is_part ? Names{"undo:all[s0].stop"} : Names{}));
        const std::size_t then = story.hosts->jobs.size();
        const Ended whole = back("");
        CHECK(whole.outcome == Outcome::rolled_back);
        CHECK(whole.message == "all that was done is undone");
        CHECK(asked_since(story, then) == steps_of(*rest));
        CHECK(story.fault() == "");
        CHECK(back("").message.find("nothing is left to undo") != std::string::npos);
        CHECK(back(to).message.find("nothing is left to undo") != std::string::npos);
    }
}

TEST_CASE("preview: a run goes back step by step, and never forth") {
    HostStory story([](Plan&) {}, 2);
    story.go();
    const auto back = [&](const std::string& step) {
        return rollback(story.farm->environment, story.run, {.back_to = step}, story.options, story.told);
    };
    const std::string last = "all[s1].start";
    const std::size_t from = story.hosts->jobs.size();
    REQUIRE(back(last).outcome == Outcome::rolled_back);
    const Ended refused = back("all[s9]");
    CHECK(refused.outcome == Outcome::usage);
    CHECK(back("all[s1].stop").outcome == Outcome::rolled_back);
    const Ended forth = back(last);
    CHECK(forth.outcome == Outcome::usage);
    CHECK(forth.message == "what ran from `" + last +
                               "` on is undone already: the run went back to before "
                               "`all[s1].stop`");
    CHECK(story.farm->store->run(story.run)->value().outcome == "rolled back");
    REQUIRE(back("").outcome == Outcome::rolled_back);
    const Names all = {"undo:all[s0].start", "undo:all[s0].stop", "undo:all[s1].start", "undo:all[s1].stop"};
    CHECK(asked_since(story, from) == all);
    CHECK(story.hosts->jobs.size() > from);
    CHECK(story.fault() == "");
}

TEST_CASE("preview: a rollback that goes further and fails is gone on with as it then was to go") {
    HostStory story;
    story.go();
    REQUIRE(
        rollback(story.farm->environment, story.run, {.back_to = "all[s0].start"}, story.options, story.told).outcome ==
        Outcome::rolled_back);
    story.hosts->answer = [](const Job& job) {
        return job.type == Job::Type::command && job.ask == Job::Ask::start
                   ? std::vector<JobEvent>{{.exit_status = 3, .err = "no room"}}
                   : std::vector<JobEvent>{};
    };
    const Ended failed = rollback(story.farm->environment, story.run, {}, story.options, story.told);
    CHECK(failed.outcome == Outcome::in_doubt);
    CHECK(fault_of_back_to(*story.farm->store->run(story.run).value(), *load(*story.farm->store, story.run)->state,
                           "all[s0].start")
              .starts_with("the run is being rolled back already, to its beginning"));
    story.hosts->answer = {};
    CHECK(story.again().ended.message == "all that was done is undone");
    CHECK(story.fault() == "");
}

TEST_CASE("preview: how far a rollback goes back is said once, of what has begun") {
    HostStory story;
    story.go();
    const auto why = [&](const std::string& to) {
        const auto told = preview_rollback(*story.farm->store, story.run, to);
        const Ended ended = rollback(story.farm->environment, story.run, {.back_to = to}, story.options, story.told);
        REQUIRE_FALSE(told.ok());
        CHECK(ended.outcome == Outcome::usage);
        CHECK(ended.message == told.error().message);
        return ended.message;
    };
    CHECK(why("none") == "there is no step `none`");
    story.hosts->answer = [](const Job& job) {
        return job.type == Job::Type::command && job.ask == Job::Ask::start && job.step == "undo:all[s0].start"
                   ? std::vector<JobEvent>{{.exit_status = 3, .err = "no room"}}
                   : std::vector<JobEvent>{};
    };
    story.ended = rollback(story.farm->environment, story.run, {.back_to = "all[s0].start"}, story.options, story.told);
    CHECK(story.ended.outcome == Outcome::in_doubt);
    CHECK(
        why("all[s0].stop") ==
        "the run is being rolled back already, to before `all[s0].start`; once it has come there it can be rolled back "
        "further");
    story.hosts->answer = {};
    const Ended on =
        rollback(story.farm->environment, story.run, {.back_to = "all[s0].start"}, story.options, story.told);
    CHECK(on.outcome == Outcome::rolled_back);
}

TEST_CASE("preview: there is none of a run that there is not") {
    HostStory story;
    CHECK_FALSE(preview_rollback(*story.farm->store, "none").ok());
}

TEST_CASE("preview: how far a run goes back is said once, and what a `recover` undoes with it is named") {
    Plan plan = test::plan(3);
    plan.graph.edges.clear();
    for (std::uint32_t i = 0; i + 1 < 6; ++i) plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
    program::RecoverSteps recovery{.group = "all", .covers = {}};
    for (std::uint32_t i = 0; i < 6; ++i) recovery.covers.push_back(NodeId(i));
    recovery.steps.nodes = {step("repair", "start", "running", "stop", "stopped", ObjectId(0))};
    plan.recoveries.push_back(recovery);
    seal(plan);
    const ports::RunRow row{.id = "R", .outcome = "failed"};
    state::RunState run(plan);
    for (std::uint32_t i = 0; i < 6; ++i) {
        state::NodeState& at = run.forward.nodes[i];
        at = {.phase = state::Phase::finished, .began = true, .started_as = 2 * i + 1, .ended_as = 2 * i + 2};
        at.left_as = at.ended_as;
    }
    const std::string all = "the plan's `recover` undoes `all[s0].stop`, `all[s0].start`, `all[s1].stop`";
    CHECK(fault_of_back_to(row, run, "all[s1].start")
              .starts_with(all + " together with what ran from `all[s1].start` on"));
    CHECK(fault_of_back_to(row, run, "all[s2].start").starts_with(all + " and 2 more together"));
    CHECK(fault_of_back_to(row, run, "all[s0].stop").empty());
    CHECK(fault_of_back_to(row, run, "").empty());
    run.forward.rollback_because = "a step failed";
    CHECK(fault_of_back_to(row, run, "all[s0].stop") == "the run is being rolled back already, to its beginning");
    run.back = state::derive_rollback(run);
    run.forward.rollback_because.reset();
    CHECK(fault_of_back_to(row, run, "all[s0].stop") == "the run is being rolled back already, to its beginning");
    run.back_to = "all[s1]";
    CHECK(fault_of_back_to(row, run, "all[s1]").empty());
    CHECK(fault_of_back_to(row, run, "all[s0]") ==
          "the run is being rolled back already, to before `all[s1]`; once it has come there it can be rolled back "
          "further");
}

TEST_CASE("preview: what stays is a sentence that goes on, or one that ends") {
    program::NoReturn point{.node = "s", .why = "It serves.", .stays = {}};
    CHECK(what_stays(point) == "It serves.");
    point.stays = {"a", "b"};
    CHECK(what_stays(point) == "It serves; what came before it stays as well: a, b");
    point.why = "it serves";
    CHECK(what_stays(point) == "it serves; what came before it stays as well: a, b");
}

}  // namespace pvsplan::engine::test
