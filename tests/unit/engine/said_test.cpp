// What a person says of a step: with what it agrees, by what it is excused, and when nobody could look.
#include <catch2/catch.hpp>

#include "tests/unit/engine/trace.hpp"

namespace pvsplan::engine::test {
namespace {

using DecisionType = OperatorDecision::Type;

// Somebody wants to stop, the moment it is asked for the n-th time.
struct Late final : ports::Signals {
    int at = 0;
    mutable int times = 0;
    [[nodiscard]] int count() const override { return ++times >= at ? 1 : 0; }
    [[nodiscard]] int number() const override { return 15; }
};

// Nobody knows what became of the first step.
std::unique_ptr<HostStory> in_doubt(const std::function<void(Plan&)>& change = {}) {
    auto story = std::make_unique<HostStory>(change);
    story->command({{.type = JobEventType::lost, .text = "gone"}}).go();
    REQUIRE(story->ended.outcome == Outcome::in_doubt);
    story->hosts->answer = nullptr;
    return story;
}

OperatorDecision says(DecisionType is, const std::string& step = first_step) { return {is, step, "I saw it", {}}; }

// The commands of these steps fail.
std::function<std::vector<JobEvent>(const Job&)> failing(std::vector<std::string> names) {
    return [names = std::move(names)](const Job& job) {
        const bool fails = job.type == Job::Type::command && job.ask == Job::Ask::start &&
                           std::find(names.begin(), names.end(), job.step) != names.end();
        return fails ? std::vector<JobEvent>{{.exit_status = 1, .err = "no"}} : std::vector<JobEvent>{};
    };
}

void plain(Plan& plan) {
    for (auto& [name, one] : plan.actions) one.precondition = nullptr;
    plan.graph.edges.clear();
    for (Node& node : plan.graph.nodes) node.undo = {};
}

}  // namespace

TEST_CASE("said: the same twice is said once, and what is ended may be said to be done") {
    for (const DecisionType second : {DecisionType::done, DecisionType::kill}) {
        const auto story = in_doubt();
        story->hosts->streams[ObjectId(0)] = "stopped";
        CHECK(story->again({says(DecisionType::done), says(second)}).ended.outcome == Outcome::done);
        CHECK(story->hosts->commands() == 2);
        CHECK(story->fault() == "");
    }
    const auto story = in_doubt();
    CHECK(has(story->again({says(DecisionType::done), says(DecisionType::redo)}).ended.message,
              "is decided to be done and to be done again"));
}

TEST_CASE("said: another step excuses what is seen only where it is said to be done, and sets that very attribute") {
    const auto story_of = [](const char* action_of_other, const char* attribute, const char* to) {
        auto story = std::make_unique<HostStory>([&](Plan& plan) {
            plan.kinds["server"].state.push_back({"drain", Type::enumeration({"running", "stopped"}), std::nullopt});
            plan.graph.nodes.push_back({.id = "other",
                                        .action = action_of_other,
                                        .on = ObjectId(0),
                                        .sets = {{ObjectId(0), attribute, word(to)}}});
            plain(plan);
        });
        story->hosts->answer = failing({first_step, "all[s0].start", "other"});
        story->go();
        REQUIRE(story->ended.outcome == Outcome::failed);
        story->hosts->answer = [](const Job& job) {
            return job.type == Job::Type::observation
                       ? std::vector<JobEvent>{{.out = R"({"stream": "running", "drain": "running"})"}}
                       : std::vector<JobEvent>{};
        };
        return story;
    };
    const std::string refused = "`all[s0].stop` is not done: server/s0.stream is running, not stopped";
    const auto both = [&](HostStory& story, DecisionType second) {
        return story.again({says(DecisionType::done), says(second, "other")}).ended;
    };
    CHECK(both(*story_of("start", "stream", "running"), DecisionType::redo).message == refused);
    CHECK(both(*story_of("start", "drain", "running"), DecisionType::done).message == refused);
    const auto excused = story_of("start", "stream", "running");
    (void)both(*excused, DecisionType::done);
    CHECK(status(*excused->farm->store, excused->run)->nodes[0].state == "finished");
}

TEST_CASE("said: what is seen while another step may change it is not recorded as what that step left") {
    Trace trace([](Plan& plan) {
        plan.graph.nodes.push_back(
            {.id = "other", .action = "stop", .on = ObjectId(0), .sets = {{ObjectId(0), "stream", word("stopped")}}});
        plain(plan);
        plan.graph.nodes.erase(plan.graph.nodes.begin() + 1);
    });
    trace.fails(first_step);
    trace.answers("start other", {{.type = JobEventType::lost, .text = "gone"}});
    trace.go();
    trace.is(ObjectId(0), "stopped");
    trace.again({says(DecisionType::done)});
    trace.expect("said of a step beside one in doubt");
}

TEST_CASE("said: a step that was never begun was not done twice, though nobody can see its object") {
    HostStory story;
    story.command({{.type = JobEventType::never_started, .text = "no route"}}).go();
    REQUIRE(story.ended.outcome == Outcome::failed);
    story.observation({{.exit_status = 1}});
    std::vector<NodeId> twice = {NodeId(7)};
    const auto prove = [&](const state::RunState&, const Unknowns& unknown) -> base::Status {
        twice = unknown.may_have_happened;
        return base::Error{"no further"};
    };
    const Ended ended = resume(story.farm->environment, story.run,
                               {.decisions = {says(DecisionType::redo)}, .prove_again = prove}, {}, story.told);
    CHECK(ended.outcome == Outcome::refused);
    CHECK(twice.empty());
}

TEST_CASE("said: what remains is proved again where that has changed, and nowhere else") {
    std::size_t asked = 0;
    const auto prove = [&](const auto&, const auto&) -> base::Status {
        ++asked;
        return base::Done{};
    };
    const auto story = in_doubt();
    const auto again = [&](std::vector<OperatorDecision> decisions) {
        return resume(story->farm->environment, story->run, {.decisions = std::move(decisions), .prove_again = prove},
                      {}, story->told);
    };
    story->hosts->answer = [](const Job& job) {
        return job.ask == Job::Ask::attach ? std::vector<JobEvent>{{.type = JobEventType::lost}}
                                           : std::vector<JobEvent>{};
    };
    CHECK(again({}).outcome == Outcome::in_doubt);
    CHECK(asked == 0);
    story->hosts->answer = failing({"undo:all[s0].stop", "all[s0].start"});
    CHECK(again({says(DecisionType::redo)}).outcome == Outcome::failed);
    CHECK(asked == 1);
    CHECK(story->back().ended.outcome == Outcome::in_doubt);  // its own undo fails
    const auto stands = status(*story->farm->store, story->run);
    REQUIRE(stands->rollback.size() == 1);
    CHECK(stands->rollback[0].state == "failed");
    story->hosts->answer = nullptr;
    CHECK(again({says(DecisionType::redo, stands->rollback[0].node)}).outcome == Outcome::rolled_back);
    CHECK(asked == 1);
    CHECK(story->fault() == "");
}

TEST_CASE("said: a step under a condition that holds, one that is a join, and an approval that was given") {
    HostStory story([](Plan& plan) {
        plan.guards = {{.step = "both", .condition = Expr::literal(Value::boolean(true))}};
        plan.graph.nodes[0].guard = plan.graph.nodes[1].guard = GuardId(0);
        plan.graph.nodes.insert(plan.graph.nodes.begin(), {{.id = "look", .type = Node::Type::approval, .text = "look"},
                                                           {.id = "met", .type = Node::Type::join}});
        for (std::uint32_t i = 0; i < 3; ++i) plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
        plan.graph.edges.erase(plan.graph.edges.begin());
    });
    story.hosts->answer = failing({first_step});
    REQUIRE(story.go().ended.outcome == Outcome::waiting);
    REQUIRE(approve(story.farm->environment, story.run, "look", "").outcome == Outcome::done);
    REQUIRE(story.again().ended.outcome == Outcome::failed);
    CHECK(story.again({says(DecisionType::done, "look")}).ended.message ==
          "`look` is finished: there is nothing to decide about it");
    CHECK(story.again({says(DecisionType::done, "met")}).ended.message == "the run has no step `met`");
    CHECK(has(story.again({says(DecisionType::done, "all[s0].start")}).ended.message,
              "`all[s0].start` comes after `all[s0].stop`, which is failed"));
    CHECK(story.again({says(DecisionType::done), says(DecisionType::done, "all[s0].start")}).ended.outcome ==
          Outcome::done);
    CHECK(story.fault() == "");
}

TEST_CASE("said: before a rollback begins only a step in doubt can be decided, and within it its own steps") {
    HostStory story(
        [](Plan& plan) {
            for (Node& node : plan.graph.nodes) node.on_failure = OnFailure::rollback;
        },
        2);
    const auto fails = failing({"all[s1].stop"});
    story.hosts->answer = [fails](const Job& job) {
        const bool is_lost = job.type == Job::Type::command && job.step == first_step && job.ask != Job::Ask::look;
        return is_lost ? std::vector<JobEvent>{{.type = JobEventType::lost, .text = "gone"}} : fails(job);
    };
    REQUIRE(story.go().ended.outcome == Outcome::in_doubt);
    for (const DecisionType is : {DecisionType::redo, DecisionType::done})
        CHECK(
            story.again({says(is, "all[s1].stop")}).ended.message ==
            "the run is to be rolled back (`all[s1].stop` failed), whatever is decided about `all[s1].stop`; `resume` "
            "without it goes on with that");
    story.hosts->streams[ObjectId(0)] = "stopped";
    bool was_asked = false;
    story.hosts->answer = [&](const Job& job) {
        const bool fails_once =
            job.type == Job::Type::command && job.step.starts_with("undo:") && !std::exchange(was_asked, true);
        return fails_once ? std::vector<JobEvent>{{.exit_status = 1, .err = "no"}} : std::vector<JobEvent>{};
    };
    CHECK(story.again({says(DecisionType::done)}).ended.outcome == Outcome::in_doubt);
    const auto stands = status(*story.farm->store, story.run);
    REQUIRE(stands->rollback.size() == 1);
    CHECK(stands->rollback[0].state == "failed");
    story.hosts->streams[ObjectId(0)] = "running";
    CHECK(story.again({says(DecisionType::done, stands->rollback[0].node)}).ended.outcome == Outcome::rolled_back);
    CHECK(story.fault() == "");
}

TEST_CASE("said: a step in doubt may be done again though an iteration beside it was left") {
    // Two loops in one iteration of another: of the inner one an iteration fails, then a step of the outer one fails,
    // and of a third nobody knows what became of it.
    HostStory story(
        [](Plan& plan) {
            plain(plan);
            plan.instances = {
                {.path = "outer[a]", .loop = "outer", .max_failures = 1},
                {.path = "outer[a].inner[b]", .loop = "inner", .max_failures = 1, .parent = InstanceId(0)}};
            for (Node& node : plan.graph.nodes) node.instance = InstanceId(0);
            plan.graph.nodes[0].instance = InstanceId(1);
            plan.graph.nodes.pop_back();
            plan.graph.edges = {};
        },
        2);
    const auto fails = failing({first_step, "all[s0].start"});
    story.hosts->answer = [fails](const Job& job) {
        const bool is_lost = job.type == Job::Type::command && job.step == "all[s1].stop" && job.ask != Job::Ask::look;
        return is_lost ? std::vector<JobEvent>{{.type = JobEventType::lost, .text = "gone"}} : fails(job);
    };
    REQUIRE(story.go().ended.outcome == Outcome::in_doubt);
    CHECK(
        has(story.again({says(DecisionType::redo)}).ended.message, "is not tried again, since an iteration within it"));
    story.hosts->answer = fails;
    CHECK(story.again({says(DecisionType::redo, "all[s1].stop")}).ended.outcome == Outcome::failed);
    CHECK(story.fault() == "");
}

TEST_CASE("said: whoever wants to stop at any moment while it is looked has decided nothing") {
    struct Row {
        DecisionType is;
        JobEventType look;  // what its host would say
    };
    // Its server is as it was.
    const Row rows[] = {{DecisionType::done, JobEventType::no_record},
                        {DecisionType::redo, JobEventType::running},
                        {DecisionType::kill, JobEventType::running}};
    for (const auto& [is, look] : rows) {
        bool was_asked_in_time = false;
        for (int moment = 1; !was_asked_in_time; ++moment) {
            const auto story = in_doubt();
            INFO(static_cast<int>(is) << " at " << moment);
            Late signals;
            signals.at = moment;
            story->farm->environment.signals = &signals;
            story->hosts->answer = [look = look](const Job& job) -> std::vector<JobEvent> {
                if (job.ask == Job::Ask::look) return {{.type = look, .text = "it is"}};
                if (job.ask == Job::Ask::kill) return {{.type = JobEventType::lost, .text = "no answer"}};
                return {};
            };
            const Ended ended = story->again({says(is)}).ended;
            was_asked_in_time = signals.times < moment;
            CHECK(ended.outcome == (was_asked_in_time ? Outcome::usage : Outcome::interrupted));
            CHECK(exit_status(ended) == (was_asked_in_time ? 2 : 143));
            CHECK(story->last("reconciled") == "(none)");
            CHECK(story->hosts->commands() == 1);
            CHECK(story->fault() == "");
        }
    }
}

TEST_CASE("said: a host that is no longer asked is told so") {
    const auto story = in_doubt();
    Late signals;
    signals.at = 1 << 20;
    story->farm->environment.signals = &signals;
    story->hosts->answer = [&](const Job& job) -> std::vector<JobEvent> {
        if (job.ask != Job::Ask::look) return {};
        signals.at = 0;
        return {{.key = "nobody's"}};
    };
    const Ended ended = story->again({says(DecisionType::redo)}).ended;
    CHECK(ended.message == "nobody can tell whether `all[s0].stop` still runs: interrupted");
    CHECK(story->hosts->forgotten == 1);
}

TEST_CASE("said: what a proof refuses is refused, though somebody wanted to stop meanwhile") {
    const auto story = in_doubt();
    Late signals;
    signals.at = 1 << 20;
    story->farm->environment.signals = &signals;
    const auto prove = [&](const auto&, const auto&) -> base::Status {
        signals.at = 0;
        return base::Error{"no further"};
    };
    const Ended ended = resume(story->farm->environment, story->run,
                               {.decisions = {says(DecisionType::redo)}, .prove_again = prove}, {}, story->told);
    CHECK(exit_status(ended) == 3);
    CHECK(ended.message == "no further");
}

TEST_CASE("said: nothing is decided of a step on a host to which there is no way") {
    for (const DecisionType is : {DecisionType::done, DecisionType::redo, DecisionType::kill}) {
        const auto story = in_doubt();
        story->farm->environment.transports.erase("ssh");
        const Ended ended = story->again({says(is)}).ended;
        CHECK(ended.outcome == Outcome::usage);
        CHECK(has(ended.message, "there is no way to reach `ssh`"));
        CHECK(story->last("reconciled") == "(none)");
    }
}

TEST_CASE("said: only the answer that was asked for counts, and only the last one") {
    const auto story = in_doubt();
    story->hosts->answer = [](const Job& job) -> std::vector<JobEvent> {
        if (job.ask == Job::Ask::look)
            return {{.key = "nobody's", .type = JobEventType::running}, {.type = JobEventType::no_record}};
        if (job.ask == Job::Ask::kill)
            return {{.type = JobEventType::output, .text = "half"}, {.type = JobEventType::killed}};
        if (job.type == Job::Type::observation)
            return {{.key = "nobody's", .exit_status = 1},
                    {.type = JobEventType::unreachable, .text = "no route"},
                    {.out = R"({"stream": "running"})"}};
        return {};
    };
    const Ended killed = story->again({says(DecisionType::kill), says(DecisionType::redo)}).ended;
    CHECK(killed.message == "a step failed; the run is halted");  // it was begun again, and what is seen stays
    CHECK(story->hosts->commands() == 2);
    CHECK(story->hosts->forgotten == 0);
}

}  // namespace pvsplan::engine::test
