// What others do to the farm while a run is halted: it is seen, recorded and proved before anything starts.
#include <catch2/catch.hpp>

#include "tests/unit/engine/hosts.hpp"

namespace pvsplan::engine::test {
namespace {

const ObjectId other(1);

// The first step of one server has failed; somebody may have done something to the other one since.
struct Halted {
    HostStory story{[](Plan& plan) {
                        for (auto& [name, one] : plan.actions) one.precondition = nullptr;
                    },
                    2};
    std::string left;  // how the run left the other server
    std::size_t asked = 0;
    std::string farm_of_other;  // as the proof had it
    Unknowns unknown;
    base::Status verdict = base::Done{};

    Halted() {
        story.hosts->answer = [](const Job& job) {
            const bool fails = job.type == Job::Type::command && job.step == first_step;
            return fails ? std::vector<JobEvent>{{.exit_status = 1, .err = "no"}} : std::vector<JobEvent>{};
        };
        story.go();
        REQUIRE(story.ended.outcome == Outcome::failed);
        story.hosts->answer = nullptr;
        story.hosts->jobs.clear();
        const auto stream = story.hosts->streams.find(other);
        left = stream == story.hosts->streams.end() ? "running" : stream->second;
    }
    std::string change() { return story.hosts->streams[other] = left == "running" ? "stopped" : "running"; }
    Ended resumed(std::vector<OperatorDecision> decisions = {}) {
        const auto prove = [&](const state::RunState& run, const Unknowns& these) -> base::Status {
            ++asked;
            farm_of_other = *run.farm[other.index()].at("stream").as_enumerator();
            unknown = these;
            return verdict;
        };
        return resume(story.farm->environment, story.run, {.decisions = std::move(decisions), .prove_again = prove}, {},
                      story.told);
    }
    [[nodiscard]] std::vector<LogLine> journal() const { return *log(*story.farm->store, story.run); }
    [[nodiscard]] std::size_t observed() const {
        const std::vector<LogLine> lines = journal();
        return static_cast<std::size_t>(
            std::count_if(lines.begin(), lines.end(), [](const LogLine& line) { return line.kind == "observed"; }));
    }
    void other_is_away() {
        story.hosts->answer = [](const Job& job) {
            const bool is_it = job.type == Job::Type::observation && job.host->name == "s1";
            return is_it ? std::vector<JobEvent>{{.type = JobEventType::never_started, .text = "no route"}}
                         : std::vector<JobEvent>{};
        };
    }
};

}  // namespace

TEST_CASE("drift: a farm that is as the run left it is looked at, and not proved again") {
    Halted halted;
    std::size_t commands_before = 9;  // when the other server was first looked at
    halted.story.hosts->answer = [&](const Job& job) {
        if (job.type == Job::Type::observation && job.host->name == "s1")
            commands_before = std::min(commands_before, halted.story.hosts->commands());
        return std::vector<JobEvent>{};
    };
    CHECK(halted.resumed().outcome == Outcome::done);
    CHECK(halted.asked == 0);
    CHECK(halted.observed() == 0);
    CHECK(commands_before == 0);
}

TEST_CASE("drift: what others have changed is proved before anything starts, and a refusal records nothing") {
    Halted halted;
    const std::string now = halted.change();
    halted.verdict = base::Error{"no further", {"two are down"}};
    const std::size_t records = halted.journal().size();
    const Ended ended = halted.resumed();
    CHECK(ended.outcome == Outcome::refused);
    REQUIRE(ended.causes.size() == 3);
    CHECK(ended.causes[0] == "server/s1: stream is " + now + ", and the run left it " + halted.left);
    CHECK(ended.causes[1] == "put that right, and `resume` goes on; else:");
    CHECK(ended.causes[2] == "two are down");
    CHECK(halted.farm_of_other == now);
    CHECK(halted.story.hosts->commands() == 0);
    CHECK(halted.journal().size() == records);
    halted.story.hosts->streams[other] = halted.left;
    CHECK(halted.resumed().outcome == Outcome::done);
    CHECK(halted.asked == 1);
    CHECK(halted.story.fault() == "");
}

TEST_CASE("drift: what breaks nothing is recorded and told, and the run goes on") {
    Halted halted;
    const std::string now = halted.change();
    CHECK(halted.resumed().outcome == Outcome::done);
    CHECK(halted.asked == 1);
    CHECK(halted.observed() == 1);
    const std::vector<Event>& told = halted.story.told.all;
    CHECK(std::any_of(told.begin(), told.end(), [&](const Event& event) {
        return event.type == Event::Type::note &&
               event.text == "server/s1: stream is " + now + ", and the run left it " + halted.left;
    }));
    CHECK(halted.story.fault() == "");
}

TEST_CASE("drift: an object that does not answer is unknown to the proof") {
    Halted halted;
    halted.other_is_away();
    halted.verdict = base::Error{"no further"};
    const Ended ended = halted.resumed();
    CHECK(ended.outcome == Outcome::refused);
    CHECK(halted.unknown.away == std::vector<ObjectId>{other});
    REQUIRE(!ended.causes.empty());
    CHECK(ended.causes[0].starts_with("server/s1 cannot be observed: "));
    CHECK(halted.story.hosts->commands() == 0);
}

TEST_CASE("drift: what an unfinished step sets is for resuming to judge, also where its host is away") {
    Halted halted;
    SECTION("somebody has done by hand what had failed") {
        halted.story.hosts->streams[ObjectId(0)] = "stopped";
        CHECK(halted.resumed().outcome == Outcome::in_doubt);
        CHECK(halted.resumed({{.type = OperatorDecision::Type::done, .node = first_step}}).outcome == Outcome::done);
        CHECK(halted.asked == 1);  // of the decision
        CHECK(halted.unknown.away.empty());
    }
    SECTION("its host is away") {
        halted.story.hosts->answer = [](const Job& job) {
            const bool is_it = job.type == Job::Type::observation && job.host->name == "s0";
            return is_it ? std::vector<JobEvent>{{.type = JobEventType::never_started, .text = "no route"}}
                         : std::vector<JobEvent>{};
        };
        CHECK(halted.resumed().outcome != Outcome::refused);
        CHECK(halted.asked == 0);
    }
    CHECK(halted.observed() == 0);
}

TEST_CASE("drift: a rollback is not proved, and nobody looks for it") {
    Halted halted;
    halted.change();
    halted.story.hosts->answer = [](const Job& job) {
        const bool fails = job.type == Job::Type::command && job.step.starts_with("undo:");
        return fails ? std::vector<JobEvent>{{.exit_status = 1, .err = "no"}} : std::vector<JobEvent>{};
    };
    (void)halted.story.back();
    (void)halted.resumed();
    CHECK(halted.asked == 0);
    CHECK(halted.observed() == 0);
}

TEST_CASE("drift: who stops the look has done nothing") {
    struct Stopped final : ports::Signals {
        [[nodiscard]] int count() const override { return 1; }
        [[nodiscard]] int number() const override { return 2; }
    } stopped;
    Halted halted;
    const std::size_t records = halted.journal().size();
    halted.story.farm->environment.signals = &stopped;
    const Ended ended = halted.resumed();
    CHECK(ended.outcome == Outcome::interrupted);
    CHECK(halted.story.hosts->commands() == 0);
    CHECK(halted.journal().size() == records);
}

}  // namespace pvsplan::engine::test
