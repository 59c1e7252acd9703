// A person's word that a step is done counts only where all that comes before it is over; what stands between the two
// may be a join, a step that is skipped, or one whose iteration was left.
#include <catch2/catch.hpp>

#include "tests/unit/engine/hosts.hpp"

namespace pvsplan::engine::test {
namespace {

using DecisionType = OperatorDecision::Type;

enum class Between : std::uint8_t { join, skipped, guarded, passed };

Node stop(const char* id, ObjectId on) {
    Node node{.id = id, .action = "stop", .on = on, .sets = {{on, "stream", word("stopped")}}};
    return node;
}

void chain(Plan& plan, std::size_t length) {
    plan.graph.edges.clear();
    for (std::uint32_t i = 0; i + 1 < length; ++i) plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
}

// `first`, what is between, and `last`, one after the other; what is between is on a server of its own.
void three(Plan& plan, Between between) {
    plan.actions["stop"].precondition = nullptr;
    plan.graph.nodes = {stop("first", ObjectId(0)), stop("middle", ObjectId(1)), stop("last", ObjectId(0))};
    Node& middle = plan.graph.nodes[1];
    switch (between) {
        case Between::join: middle = {.id = "middle", .type = Node::Type::join}; break;
        case Between::skipped:
        case Between::guarded:
            plan.guards = {{.step = "middle", .condition = Expr::literal(Value::boolean(between == Between::guarded))}};
            middle.guard = GuardId(0);
            break;
        case Between::passed:
            plan.instances = {{.path = "all[s1]", .loop = "all", .max_failures = 1}};
            middle.id = "all[s1].middle";
            middle.instance = InstanceId(0);
            break;
    }
    chain(plan, 3);
}

// Nothing fails any more, and these servers are stopped.
void see_stopped(HostStory& story, const std::vector<ObjectId>& servers) {
    story.hosts->answer = nullptr;
    for (const ObjectId server : servers) story.hosts->streams[server] = "stopped";
}

// These steps fail.
void fail(HostStory& story, std::vector<std::string> steps) {
    story.hosts->answer = [steps = std::move(steps)](const Job& job) {
        const bool fails = job.type == Job::Type::command && job.ask == Job::Ask::start &&
                           std::find(steps.begin(), steps.end(), job.step) != steps.end();
        return fails ? std::vector<JobEvent>{{.exit_status = 1, .err = "no"}} : std::vector<JobEvent>{};
    };
}

Ended say_done(HostStory& story, const std::vector<std::string>& steps) {
    std::vector<OperatorDecision> decisions;
    for (const std::string& step : steps) decisions.push_back({DecisionType::done, step, "by hand", {}});
    return story.again(std::move(decisions)).ended;
}

}  // namespace

TEST_CASE("before: a step is not done before what comes before it, whatever is between them") {
    struct Row {
        Between between;
        const char* fails;
        const char* refused;  // empty: what was said counts
    };
    const Row rows[] = {
        {Between::join, "first", "`last` comes after `first`, which is failed"},
        {Between::join, "last", ""},
        {Between::skipped, "first", "`last` comes after `middle`, which is waiting"},
        {Between::skipped, "last", ""},
        {Between::guarded, "middle", "`last` comes after `middle`, which is failed"},
        {Between::guarded, "last", ""},
        {Between::passed, "first", "`last` comes after `all[s1].middle`, which is waiting"},
        {Between::passed, "all[s1].middle", ""},
    };
    for (const auto& [between, fails, refused] : rows) {
        INFO(static_cast<int>(between) << " " << fails);
        HostStory story([between = between](Plan& plan) { three(plan, between); }, 2);
        fail(story, {fails, "last"});
        REQUIRE(story.go().ended.outcome == Outcome::failed);
        see_stopped(story, {ObjectId(0)});
        const std::size_t records = story.farm->store->records(story.run)->size();
        const Ended ended = say_done(story, {"last"});
        if (*refused) {
            CHECK(ended.outcome == Outcome::usage);
            CHECK(ended.message == std::string(refused) + ": decide in the same call what became of that");
            CHECK(story.farm->store->records(story.run)->size() == records);
        } else {
            CHECK(ended.outcome == Outcome::done);
        }
        CHECK(story.fault() == "");
    }
}

TEST_CASE("before: an iteration that was left passes for those outside of it alone") {
    // `inner` fails in the iteration; `last` is in it too, and comes after `outer` as well.
    const auto change = [](Plan& plan) {
        three(plan, Between::passed);
        plan.graph.nodes[0].id = "outer";
        plan.graph.nodes[2].id = "all[s1].last";
        plan.graph.nodes[2].instance = InstanceId(0);
        plan.graph.edges = {{.from = NodeId(0), .to = NodeId(2)}, {.from = NodeId(1), .to = NodeId(2)}};
    };
    HostStory within(change, 2);
    fail(within, {"all[s1].middle"});
    REQUIRE(within.go().ended.outcome == Outcome::failed);
    see_stopped(within, {ObjectId(0), ObjectId(1)});
    CHECK(has(say_done(within, {"all[s1].last"}).message,
              "`all[s1].last` comes after `all[s1].middle`, which is failed"));
    CHECK(say_done(within, {"all[s1].last", "all[s1].middle"}).outcome == Outcome::done);
    HostStory outside(change, 2);
    fail(outside, {"all[s1].middle", "outer"});
    REQUIRE(outside.go().ended.outcome == Outcome::failed);
    see_stopped(outside, {ObjectId(0), ObjectId(1)});
    CHECK(has(say_done(outside, {"all[s1].last", "all[s1].middle"}).message,
              "`all[s1].last` comes after `outer`, which is failed"));
}

TEST_CASE("before: what comes before by very many ways is looked at once") {
    constexpr std::uint32_t layers = 40;  // of two joins each
    HostStory story(
        [](Plan& plan) {
            three(plan, Between::join);
            plan.graph.nodes = {plan.graph.nodes[0]};
            plan.graph.edges.clear();
            for (std::uint32_t i = 0; i < layers; ++i)
                for (std::uint32_t j = 0; j < 2; ++j) {
                    const auto id = static_cast<std::uint32_t>(plan.graph.nodes.size());
                    plan.graph.nodes.push_back({.id = "met" + std::to_string(id), .type = Node::Type::join});
                    for (std::uint32_t k = 0; k < (i == 0 ? 1U : 2U); ++k)
                        plan.graph.edges.push_back({.from = NodeId(i == 0 ? 0 : 2 * i - 1 + k), .to = NodeId(id)});
                }
            plan.graph.nodes.push_back(stop("last", ObjectId(0)));
            for (std::uint32_t k = 0; k < 2; ++k)
                plan.graph.edges.push_back({.from = NodeId(2 * layers - 1 + k), .to = NodeId(2 * layers + 1)});
        },
        2);
    fail(story, {"last"});
    REQUIRE(story.go().ended.outcome == Outcome::failed);
    see_stopped(story, {ObjectId(0)});
    CHECK(say_done(story, {"last"}).outcome == Outcome::done);
}

}  // namespace pvsplan::engine::test
