// Steps that wait: how long, for what, and what comes of one that is interrupted.
#include <catch2/catch.hpp>

#include "tests/unit/engine/one_step.hpp"

namespace pvsplan::engine::test {
namespace {

struct Interrupted final : ports::Signals {
    int times = 0;
    [[nodiscard]] int count() const override { return times; }
    [[nodiscard]] int number() const override { return 2; }
};

}  // namespace

TEST_CASE("waiting: a wait that nothing tells of ends at its time, and says why") {
    const auto text_of = [](HostStory& story) {
        CHECK(story.ended.outcome == Outcome::failed);
        REQUIRE(story.ended.wanted.size() == 1);
        return story.ended.wanted[0].text;
    };
    HostStory unseen(one_wait);
    unseen.observation({no_route}).go();
    CHECK(text_of(unseen) == "server/s0 could not be observed: no route");
    CHECK(unseen.hosts->observations() == 11);
    HostStory untold(one_wait);
    untold.observation({{.out = "{}"}}).go();
    CHECK(text_of(untold) ==
          "what it waits for did not come in time, and nobody can tell whether it will: `on.stream == stopped`: "
          "server/s0.stream is not known: no observation tells it");
    // What holds whatever is seen waits all the same until it is seen.
    HostStory any([](Plan& plan) {
        one_wait(plan);
        plan.graph.nodes[0].sets.clear();
        plan.actions["stop"].run.until = Expr::literal(Value::boolean(true));
    });
    any.observation({no_route}).go();
    CHECK(text_of(any) == "server/s0 could not be observed: no route");
    any.hosts->answer = nullptr;
    CHECK(any.again().ended.outcome == Outcome::done);
    // An earlier observation is not what is known at the end.
    HostStory stale(one_wait);
    stale.hosts->answer = [&](const Job& job) {
        const bool is_late = job.type == Job::Type::observation && stale.clock.steady() > 1'005'000;
        return is_late ? std::vector<JobEvent>{no_route} : std::vector<JobEvent>{};
    };
    stale.go();
    CHECK(text_of(stale) == "server/s0 could not be observed: no route");
    CHECK(stale.last("failed").find("stream") == std::string::npos);
    // One that failed is forgotten once another comes.
    HostStory late(one_wait);
    late.hosts->streams[ObjectId(0)] = "stopped";
    late.hosts->answer = [&](const Job& job) {
        const bool is_early = job.type == Job::Type::observation && late.clock.steady() < 1'005'000;
        return is_early ? std::vector<JobEvent>{no_route} : std::vector<JobEvent>{};
    };
    CHECK(late.go().ended.outcome == Outcome::done);
}

TEST_CASE("waiting: a wait has the time that it says, else that of its step, else all of it") {
    const auto ends_after = [](std::int64_t at_most_ms, std::int64_t timeout_ms) {
        HostStory story([&](Plan& plan) {
            one_wait(plan);
            plan.actions["stop"].run.at_most_ms = at_most_ms;
            plan.graph.nodes[0].timeout_ms = timeout_ms;
        });
        const auto looks = std::make_shared<int>(0);
        story.hosts->answer = [&story, looks](const Job& job) {
            if (job.type == Job::Type::observation && ++*looks == 500) story.hosts->streams[ObjectId(0)] = "stopped";
            return std::vector<JobEvent>{};
        };
        story.go();
        CHECK(story.ended.outcome == (*looks == 500 ? Outcome::done : Outcome::failed));
        return story.clock.steady() - 1'000'000;
    };
    CHECK(ends_after(3000, 5000) == 3000);
    CHECK(ends_after(0, 5000) == 5000);
    CHECK(ends_after(0, 0) == 499'000);
}

TEST_CASE("waiting: a wait for nothing, on no object, is over at once") {
    HostStory story([](Plan& plan) {
        one_wait(plan);
        plan.actions["stop"].run.until = nullptr;
        plan.graph.nodes[0].on = {};
        plan.graph.nodes[0].sets.clear();
    });
    CHECK(story.go().ended.outcome == Outcome::done);
    CHECK(story.hosts->observations() == 0);
    CHECK(story.clock.steady() == 1'000'000);
}

// Ctrl-C twice while a step waits: it is looked at again, and nobody is asked what became of it.
TEST_CASE("waiting: a wait that was interrupted begins again, or a person says that it has come") {
    for (const Body::Type is : {Body::Type::wait, Body::Type::none})
        for (const bool is_said : {false, true}) {
            HostStory story([&](Plan& plan) {
                one_wait(plan);
                plan.actions["stop"].run.type = is;
            });
            Interrupted interrupted;
            story.farm->environment.signals = &interrupted;
            story.hosts->answer = [&](const Job& job) {
                if (job.type != Job::Type::observation) return std::vector<JobEvent>{};
                interrupted.times = 2;
                return std::vector<JobEvent>{{.type = JobEventType::output, .text = "…"}};
            };
            REQUIRE(story.go().ended.outcome == Outcome::interrupted);
            CHECK(story.ended.signal == 2);
            CHECK(story.hosts->forgotten == 0);
            interrupted.times = 0;
            story.hosts->answer = nullptr;
            story.hosts->streams[ObjectId(0)] = "stopped";
            if (is_said)
                story.again({{OperatorDecision::Type::done, first_step, "seen", {}}});
            else
                story.again();
            CHECK(story.ended.outcome == Outcome::done);
            CHECK(story.last("reconciled")
                      .starts_with(is_said ? "finished, seen" : "untouched, it had not begun; it runs again"));
            CHECK(story.hosts->commands() + story.hosts->commands(Job::Ask::look) +
                      story.hosts->commands(Job::Ask::attach) ==
                  0);
            CHECK(story.fault() == "");
        }
}

}  // namespace pvsplan::engine::test
