// What single records do to a run, where no whole run would show it.
#include <catch2/catch.hpp>

#include "runtime/journal/replay.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using Is = journal::Record::Is;
using state::Phase;

struct Story {
    Plan of;
    state::RunState run;

    explicit Story(Plan plan_) : of(std::move(plan_)), run(of) { add({.is = Is::began, .value = of.digest}); }

    // Its number is the next one; the words of a misfit, or none.
    std::string add(journal::Record record) {
        record.number = run.records + 1;
        const base::Status applied = journal::apply(run, record);
        return applied ? "" : applied.error().text();
    }
    [[nodiscard]] const state::NodeState& first() const { return run.now_state().nodes[0]; }
    [[nodiscard]] std::string stream() const {
        const auto found = run.farm[0].find("stream");
        return found == run.farm[0].end() ? "unknown" : to_text(found->second, PlanNames(of));
    }
};

Plan with_retries(std::uint32_t times) {
    Plan one = plan(1);
    one.graph.nodes[0].retry.times = times;
    seal(one);
    return one;
}

const std::string step_path = "all[s0].stop";

}  // namespace

TEST_CASE("replay: a record that is missing is named by its number") {
    Story story(plan(1));
    const base::Status applied = journal::apply(story.run, {.number = 3, .is = Is::resumed});
    REQUIRE_FALSE(applied);
    CHECK(applied.error().text().find("number 2 is missing") != std::string::npos);
    CHECK(story.run.records == 1);
}

TEST_CASE("replay: what was observed outside of a step is what is known from then on") {
    Story story(plan(1));
    CHECK(story.stream() == "running");
    state::ObjectStates seen;
    seen[ObjectId(0)]["stream"] = Value::enumerator("stopped");
    CHECK(story.add({.is = Is::observed, .states = journal::encode_states(seen, story.of)}).empty());
    CHECK(story.stream() == "stopped");
}

TEST_CASE("replay: a host that was not reached leaves its step unreached, and nothing begun") {
    Story story(plan(1));
    CHECK(story.add({.is = Is::started, .node = step_path, .attempt = 1}).empty());
    CHECK(story.first().began);
    CHECK(story.add({.is = Is::unreached, .node = step_path, .attempt = 1}).empty());
    CHECK(story.first().phase == Phase::unreached);
    CHECK_FALSE(story.first().began);
}

TEST_CASE("replay: a failure is tried again as often as the step says, and not before its command was issued") {
    Story story(with_retries(1));
    for (std::uint32_t attempt = 1; attempt <= 2; ++attempt) {
        CHECK(story.add({.is = Is::started, .node = step_path, .attempt = attempt}).empty());
        CHECK(story.add({.is = Is::failed, .node = step_path, .attempt = attempt}).empty());
        CHECK(story.first().phase == (attempt == 1 ? Phase::retrying : Phase::failed));
    }
    Story early(with_retries(1));
    CHECK(early.add({.is = Is::failed, .node = step_path, .attempt = 0}).empty());
    CHECK(early.first().phase == Phase::failed);
}

}  // namespace pvsplan::engine::test
