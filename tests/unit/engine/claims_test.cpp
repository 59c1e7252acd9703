// Claims on hosts: who is asked for one, which answers count, and whose claim gives way.
#include <catch2/catch.hpp>

#include "tests/unit/engine/hosts.hpp"

namespace pvsplan::engine::test {
namespace {

std::size_t count(const HostStory& story, Job::Type is) {
    return static_cast<std::size_t>(std::count_if(story.hosts->jobs.begin(), story.hosts->jobs.end(),
                                                  [&](const Job& job) { return job.type == is; }));
}

void over(Plan& plan, const char* name) {
    for (Object& object : plan.objects) object.connect = {{"over", Value::enumerator(name)}};
}

}  // namespace

TEST_CASE("claims: where a host can keep none, none is asked for") {
    for (const char* name : {"ssh", "odbc", "simulated"}) {
        INFO(name);
        HostStory story([&](Plan& plan) {
            over(plan, name);
            if (std::string(name) == "simulated")
                for (Object& object : plan.objects) object.connect.clear();
        });
        story.farm->environment.transports["odbc"] = story.hosts.get();
        story.farm->environment.transports["simulated"] = story.hosts.get();
        CHECK(story.go().ended.outcome == Outcome::done);
        const std::size_t claims = std::string(name) == "ssh" ? 1 : 0;
        CHECK(count(story, Job::Type::claim) == claims);
        CHECK(count(story, Job::Type::release) == claims);
    }
    HostStory nobody;  // who says nothing of himself claims nothing
    nobody.farm->environment.owner = "";
    CHECK(nobody.go().ended.outcome == Outcome::done);
    CHECK(count(nobody, Job::Type::claim) + count(nobody, Job::Type::release) == 0);
}

TEST_CASE("claims: a host that is not reached at once is waited for, and its answer counts") {
    HostStory story;
    story.hosts->answer = [](const Job& job) -> std::vector<JobEvent> {
        if (job.type != Job::Type::claim) return {};
        return {{.type = JobEventType::unreachable, .text = "no route"},
                {.key = "nobody's", .type = JobEventType::claimed, .text = "/elsewhere"},
                {.type = JobEventType::held, .err = "/jobs/claim", .text = "other 9 {}"}};
    };
    CHECK(story.go().ended.outcome == Outcome::held);
    CHECK(story.hosts->commands() == 0);
}

TEST_CASE("claims: a claim gives way once; where another one is there by then, the run is refused") {
    int asked = 0;
    HostStory story;
    story.hosts->answer = [&](const Job& job) {
        const bool is_held = job.type == Job::Type::claim && ++asked < 10;
        return is_held ? std::vector<JobEvent>{{.type = JobEventType::held,
                                                .err = "/jobs/claim",
                                                .text = "run-" + std::to_string(asked) + " 4 {}"}}
                       : std::vector<JobEvent>{};
    };
    story.farm->environment.take_over_because = "nobody is there";
    CHECK(story.go().ended.outcome == Outcome::held);
    CHECK(asked == 2);
    CHECK(has(story.ended.message, "is locked by the run run-2"));
}

}  // namespace pvsplan::engine::test
