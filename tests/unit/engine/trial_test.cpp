// What is offered at a stop was tried: on a copy of the run, without any host.
#include <catch2/catch.hpp>

#include "runtime/engine/trial.hpp"
#include "tests/unit/engine/hosts.hpp"

namespace pvsplan::engine::test {
namespace {

using Answer = Trial::Answer;
using DecisionType = OperatorDecision::Type;

// Each server in an iteration of its own; the end of its first step is not heard of, and the second server fails.
void lose_first(HostStory& story) {
    story.hosts->answer = [](const Job& job) {
        const bool starts = job.type == Job::Type::command && job.ask != Job::Ask::look;
        if (starts && job.step == first_step)
            return std::vector<JobEvent>{{.type = JobEvent::Type::lost, .text = "gone"}};
        const bool fails = starts && job.step == "all[s1].stop";
        return fails ? std::vector<JobEvent>{{.exit_status = 1, .err = "no"}} : std::vector<JobEvent>{};
    };
}
void iterate(Plan& plan, program::OnFailure on_failure) {
    for (std::uint32_t i = 0; i < 2; ++i) {
        plan.instances.push_back({.path = "all[s" + std::to_string(i) + "]", .loop = "all"});
        for (const std::uint32_t node : {2 * i, 2 * i + 1}) {
            plan.graph.nodes[node].instance = InstanceId(i);
            plan.graph.nodes[node].on_failure = on_failure;
        }
    }
}

base::Status holds(const state::RunState&, const Unknowns&) { return base::Done{}; }
base::Status breaks(const state::RunState&, const Unknowns&) { return base::Error{"two are down"}; }

Answer answer(HostStory& story, DecisionType is, const std::string& of, const ProveAgain& prove = holds) {
    const base::Result<StoredRun> stored = stored_run(*story.farm->store, story.run);
    REQUIRE(stored.ok());
    return Trial(*stored, prove).answer_to({{.type = is, .node = of, .because = "…"}});
}

std::string offered(HostStory& story) {
    const base::Result<RunStatus> seen = status(*story.farm->store, story.run, std::nullopt, holds);
    REQUIRE(seen.ok());
    std::string text;
    for (const Offer& offer : seen->next) text += offer.command + "\n";
    return text;
}

}  // namespace

TEST_CASE("trial: what the proof of what is left refuses, and what nobody could prove") {
    HostStory story([](Plan& plan) { iterate(plan, program::OnFailure::halt); }, 2);
    lose_first(story);
    REQUIRE(story.go().ended.outcome == Outcome::in_doubt);
    const auto records = story.farm->store->records(story.run)->size();
    const std::size_t jobs = story.hosts->jobs.size();
    CHECK(answer(story, DecisionType::skip, "all[s0]") == Answer::accepted);
    CHECK(answer(story, DecisionType::done, first_step) == Answer::accepted);
    CHECK(answer(story, DecisionType::redo, first_step) == Answer::accepted);
    CHECK(answer(story, DecisionType::skip, "all[s0]", breaks) == Answer::refused);
    CHECK(answer(story, DecisionType::done, first_step, breaks) == Answer::refused);
    CHECK(answer(story, DecisionType::done, first_step, {}) == Answer::not_tried);
    CHECK(answer(story, DecisionType::skip, "all[s7]") == Answer::refused);
    CHECK(answer(story, DecisionType::done, "all[s0].start") == Answer::refused);  // before it one is in doubt
    CHECK(story.farm->store->records(story.run)->size() == records);
    CHECK(story.hosts->jobs.size() == jobs);
}

TEST_CASE("trial: once a run is to be rolled back, nobody is told to go on without an iteration") {
    HostStory story([](Plan& plan) { iterate(plan, program::OnFailure::rollback); }, 2);
    lose_first(story);
    REQUIRE(story.go().ended.outcome == Outcome::in_doubt);
    CHECK(answer(story, DecisionType::skip, "all[s0]") == Answer::refused);
    CHECK(answer(story, DecisionType::done, "all[s1].stop") == Answer::refused);
    const std::string text = offered(story);
    CHECK(text.find("--done 'all[s0].stop'") != std::string::npos);
    CHECK(text.find("--skip") == std::string::npos);
    // And what is offered is not refused.
    story.hosts->streams[ObjectId(0)] = "stopped";
    CHECK(story.again({{DecisionType::done, first_step, "by hand", {}}}).ended.outcome != Outcome::usage);
}

}  // namespace pvsplan::engine::test
