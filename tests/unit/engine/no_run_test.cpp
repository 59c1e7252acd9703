// A run that is not there, a farm that is not free, and a store that does not answer when that is asked.
#include <catch2/catch.hpp>

#include "runtime/store/memory_store.hpp"
#include "tests/unit/engine/hosts.hpp"
#include "tests/unit/engine/watched_store.hpp"

namespace pvsplan::engine::test {
namespace {

using CallResult = WatchedStore::CallResult;

void approval_first(Plan& plan) {
    plan.graph.nodes.insert(plan.graph.nodes.begin(), {.id = "look", .type = Node::Type::approval, .text = "look"});
    plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}, {.from = NodeId(1), .to = NodeId(2)}};
}

// The calls of that name fail from now on.
struct Failing {
    WatchedStore* store = nullptr;
    std::unique_ptr<HostStory> story;
    std::string call;

    explicit Failing(const std::function<void(Plan&)>& change = {}, std::size_t servers = 1) {
        auto watched = std::make_unique<WatchedStore>(std::make_unique<store::MemoryStore>());
        store = watched.get();
        store->before = [this](std::string_view name) { return name == call ? CallResult::fails : CallResult::works; };
        story = std::make_unique<HostStory>(change, servers, std::move(watched));
    }
    // Of whom nothing can be told from here.
    void hold(const std::string& run) const {
        ports::Identity who = ports::who_am_i();
        who.space = "pid:[1] ";
        REQUIRE(store->acquire("contoso", {.who = who, .run = run, .since = 1}, ports::Take::if_free)->lease);
    }
};

}  // namespace

TEST_CASE("no run: every command of a run says that there is none") {
    HostStory story;
    const Environment& environment = story.farm->environment;
    NoObserver nobody;
    for (const Ended& ended :
         {resume(environment, "nothing", {}, {}, nobody), rollback(environment, "nothing", {}, {}, nobody),
          abandon(environment, "nothing", ""), approve(environment, "nothing", "look", "")}) {
        CHECK(ended.outcome == Outcome::usage);
        CHECK(ended.message == "there is no run `nothing`");
    }
}

TEST_CASE("no run: what cannot be read is not taken for absent") {
    for (const char* call : {"run", "records", "plan_bytes"}) {
        INFO(call);
        Failing failing(approval_first);
        REQUIRE(failing.story->go().ended.outcome == Outcome::waiting);
        const Environment& environment = failing.story->farm->environment;
        failing.call = call;
        NoObserver nobody;
        const std::string& run = failing.story->run;
        for (const Ended& ended : {resume(environment, run, {}, {}, nobody), rollback(environment, run, {}, {}, nobody),
                                   approve(environment, run, "look", "")}) {
            CHECK(ended.outcome == Outcome::wrong);
            CHECK(has(ended.message, std::string(WatchedStore::reason)));
        }
        failing.call = "";
        CHECK(failing.store->run(run)->value().outcome == "waiting");
        failing.call = call;  // a farm is not locked for ever by what nobody can read
        const Ended given_up = abandon(environment, run, "");
        if (std::string(call) == "run") {
            CHECK(given_up.outcome == Outcome::wrong);
            continue;
        }
        CHECK(given_up.outcome == Outcome::done);
        CHECK(has(given_up.message, "; its journal cannot be read, and was left as it is"));
    }
}

TEST_CASE("no run: a compiled plan of which nobody can tell whether it had its run is not begun") {
    Failing failing;
    failing.call = "runs";
    failing.story->options.use = ports::Runs::Use::single;
    CHECK(failing.story->go().ended.outcome == Outcome::wrong);
    CHECK(failing.story->ended.message == std::string(WatchedStore::reason));
    CHECK(failing.story->hosts->commands() == 0);
}

TEST_CASE("no run: a farm is locked by whoever has it, also where nobody can tell which run that is") {
    Failing failing(approval_first);
    REQUIRE(failing.story->go().ended.outcome == Outcome::waiting);
    failing.hold(failing.story->run);
    const auto refusal = [&] {
        NoObserver nobody;
        Ended ended = rollback(failing.story->farm->environment, failing.story->run, {}, {}, nobody);
        CHECK(ended.outcome == Outcome::held);
        CHECK(ended.other == Standing::Type::out_of_sight);
        return ended;
    };
    CHECK(refusal().run == failing.story->run);
    std::size_t times = 0;  // the third time the row is asked for it is of whoever holds the farm
    failing.store->before = [&](std::string_view name) {
        return name == "run" && ++times == 3 ? CallResult::fails : CallResult::works;
    };
    CHECK(refusal().run.empty());
    CHECK(times == 3);
}

TEST_CASE("no run: where nothing can be recorded any more, what runs on hosts is left alone") {
    Failing failing({}, 2);
    failing.story->hosts->answer = [&](const Job& job) -> std::vector<JobEvent> {
        if (job.type != Job::Type::command) return {};
        failing.call = "append";
        return job.step == first_step ? std::vector<JobEvent>{{.key = "nobody's"}} : std::vector<JobEvent>{};
    };
    CHECK(failing.story->go().ended.outcome == Outcome::wrong);
    CHECK(has(failing.story->ended.message, "the journal cannot be written, so nothing further was started"));
    CHECK(failing.story->hosts->forgotten == 1);
}

TEST_CASE("no run: a simulated farm is put back only where no run has it, and where that works") {
    Failing failing(approval_first);
    const auto reset = [&] { return reset_simulated(failing.story->farm->environment, "contoso"); };
    CHECK(reset().outcome == Outcome::done);
    CHECK_FALSE(failing.store->held("contoso")->has_value());
    failing.call = "reset_simulated";
    CHECK(reset().outcome == Outcome::wrong);
    CHECK(reset().message == std::string(WatchedStore::reason));
    CHECK_FALSE(failing.store->held("contoso")->has_value());
    failing.call = "";
    REQUIRE(failing.story->go().ended.outcome == Outcome::waiting);
    CHECK(reset().outcome == Outcome::held);
    std::size_t times = 0;  // a run that comes to be while the farm is taken
    failing.store->before = [&](std::string_view name) {
        return name == "runs" && ++times == 1 ? CallResult::fails : CallResult::works;
    };
    CHECK(reset().outcome == Outcome::wrong);
    failing.store->before = nullptr;
    failing.hold("another");
    CHECK(reset().outcome == Outcome::held);
}

TEST_CASE("no run: on a farm that another run has changed since it was observed") {
    HostStory story;
    const Environment& here = story.farm->environment;
    NoObserver nobody;
    const auto begun = [&](FarmRuns before) {
        return start(here, story.plan, encode(story.plan), {.observed_after = std::move(before)}, nobody);
    };
    REQUIRE(story.go().ended.outcome == Outcome::done);
    const FarmRuns now = *runs_of_farm(*here.store, "contoso");
    REQUIRE(now.size() == 1);
    const std::string& run = now.begin()->first;
    for (const FarmRuns& before : {FarmRuns{}, FarmRuns{{run, now.at(run) - 1}}}) {
        const Ended refused = begun(before);
        CHECK(refused.outcome == Outcome::stale);
        CHECK(has(refused.message, "the run " + run + " has changed the farm contoso since it was observed"));
        CHECK_FALSE(here.store->held("contoso")->has_value());
    }
    const Ended after = begun({{run, now.at(run)}, {"archived-since", 9}});
    INFO(after.message);
    CHECK(after.outcome == Outcome::done);
    CHECK(begun(now).outcome == Outcome::stale);
}

TEST_CASE("no run: a run of another farm locks this one not") {
    HostStory story(approval_first);
    REQUIRE(story.go().ended.outcome == Outcome::waiting);
    Plan other = story.plan;
    other.farm = "another";
    seal(other);
    CHECK(held_by_run(*story.farm->store, "contoso")->outcome == Outcome::held);
    CHECK_FALSE(held_by_run(*story.farm->store, "another"));
    NoObserver nobody;
    CHECK(start(story.farm->environment, other, encode(other), {}, nobody).outcome == Outcome::waiting);
}

TEST_CASE("no run: an approval that was left for a run of which then nothing can be read is left, not refused") {
    Failing failing(approval_first);
    REQUIRE(failing.story->go().ended.outcome == Outcome::waiting);
    failing.hold(failing.story->run);
    failing.store->after = [&](std::string_view name) {
        if (name == "post_message") failing.call = "records";
    };
    const Ended ended = approve(failing.story->farm->environment, failing.story->run, "look", "fine");
    CHECK(ended.outcome == Outcome::left);
    CHECK(has(ended.message, "was left for the run, and nobody can tell whether it has taken it: the disk has gone"));
}

}  // namespace pvsplan::engine::test
