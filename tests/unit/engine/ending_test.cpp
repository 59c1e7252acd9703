// What ends: for each way in which a command, an observation or a wait can turn out, what is recorded and what comes of
// it.
#include <catch2/catch.hpp>

#include "tests/unit/engine/one_step.hpp"

namespace pvsplan::engine::test {
namespace {

// Two steps of one server that nothing orders: `stop`, and `rest`, which sets `attribute`.
void two_at_once(Plan& plan, const char* attribute) {
    one_step(plan);
    plan.kinds["server"].state.push_back({"level", Type::enumeration({"running", "high"}), std::nullopt});
    plan.actions["rest"] = {.name = "rest",
                            .on_kind = "server",
                            .sets = {{on_local(), attribute, word("running")}},
                            .run = {.type = Body::Type::powershell, .text = "…"}};
    plan.graph.nodes.push_back(step("rest", "rest", "running", "stop", "stopped", ObjectId(0)));
    plan.graph.nodes[1].sets[0].attribute = attribute;
    plan.graph.nodes[1].undo = {};
}

}  // namespace

TEST_CASE("ending: only what a step sets is observed, and only where it can be") {
    HostStory nothing([](Plan& plan) {
        one_step(plan);
        plan.graph.nodes[0].sets.clear();
    });
    CHECK(nothing.observation({no_route}).go().ended.outcome == Outcome::done);
    CHECK(nothing.hosts->observations() == 0);
    HostStory believed([](Plan& plan) {
        one_step(plan);
        plan.kinds["server"].observe = {};
    });
    CHECK(believed.go().ended.outcome == Outcome::done);
    CHECK(believed.hosts->observations() == 0);
}

TEST_CASE("ending: a step whose object cannot even be asked is in doubt, with the reason") {
    HostStory far(
        [](Plan& plan) {
            plan.graph.nodes.resize(1);
            plan.graph.edges.clear();
            plan.graph.nodes[0].sets.push_back({ObjectId(1), "stream", word("stopped")});
            plan.objects[1].connect["over"] = Value::enumerator("winrm");
        },
        2);
    CHECK(far.go().ended.outcome == Outcome::in_doubt);
    CHECK(far.last("doubted").starts_with(
        "its command succeeded, but server/s1 could not be observed: there is no way to reach it"));
    HostStory mute([](Plan& plan) {
        one_step(plan);
        const auto on =
            std::make_shared<const Expr>(Expr{.op = Expr::Op::attribute, .name = "port", .args = {on_local()}});
        plan.kinds["server"].observe = {.type = Body::Type::command, .arguments = {on}};
    });
    CHECK(mute.go().ended.outcome == Outcome::in_doubt);
    CHECK(
        mute.last("doubted").starts_with("its command succeeded, but server/s0 could not be observed: an argument of "
                                         "its observation has no value: "));
}

TEST_CASE("ending: people are told that a host is not reached while it is observed, and not what it prints") {
    HostStory story(one_step);
    story
        .observation({{.type = JobEventType::output, .text = "line"},
                      {.type = JobEventType::unreachable, .text = "no route"},
                      {.type = JobEventType::reachable, .text = "again"},
                      {.out = R"({"stream": "stopped"})"}})
        .go();
    CHECK(story.ended.outcome == Outcome::done);
    CHECK(story.told.text_of(Event::Type::step_output) == "(none)");
    CHECK(story.told.text_of(Event::Type::step_unreachable) == "no route");
    CHECK(story.told.text_of(Event::Type::step_reachable) == "again");
    CHECK(story.told.text_of(Event::Type::step_finished).empty());
}

TEST_CASE("ending: what nobody awaits, or has come before, changes nothing") {
    HostStory story(
        [](Plan& plan) {
            plan.graph.nodes.resize(1);
            plan.graph.edges.clear();
            plan.graph.nodes[0].sets.push_back({ObjectId(1), "stream", word("stopped")});
        },
        2);
    std::vector<std::string> keys = {"nobody"};
    story.hosts->answer = [&](const Job& job) {
        const auto of = [](const std::string& key) {
            return JobEvent{.key = key, .type = JobEventType::lost, .text = "late"};
        };
        std::vector<JobEvent> events;
        for (const std::string& key : keys) events.push_back(of(key));
        keys.push_back(job.key);
        if (job.type == Job::Type::observation) events.push_back({.out = R"({"stream": "stopped"})"});
        if (job.type == Job::Type::command) events.push_back({});
        if (job.type == Job::Type::claim || job.type == Job::Type::release) events.clear();
        return events;
    };
    story.go();
    // The command has ended, and so has the first of two observations, when `lost` is said of them once more.
    CHECK(story.hosts->observations() == 2);
    CHECK(story.ended.outcome == Outcome::done);
    CHECK(story.last("finished").find("late") == std::string::npos);
}

TEST_CASE("ending: what only looks is looked at again by whoever resumes, and is done if all is there by then") {
    for (const Body::Type is : {Body::Type::wait, Body::Type::none}) {
        HostStory story([&](Plan& plan) {
            one_wait(plan);
            plan.actions["stop"].run.type = is;
        });
        CHECK(story.go().ended.outcome == Outcome::failed);
        story.hosts->streams[ObjectId(0)] = "stopped";
        CHECK(story.again().ended.outcome == Outcome::done);
        CHECK(story.fault() == "");
    }
}

TEST_CASE("ending: only output of which some was cut off is no text of its own") {
    const std::string mark = "[7" + std::string(ports::dropped_mark) + "\n";
    const auto ends = [&](const JobEvent& event) {
        HostStory story([](Plan& plan) {
            one_step(plan);
            plan.actions["stop"].outputs["text"] = std::make_shared<const Expr>(Expr{.op = Expr::Op::stdout_text});
            plan.actions["stop"].output_types["text"] = Type::of(Type::Category::string);
        });
        return story.command({event}).go().ended.outcome;
    };
    CHECK(ends({.out = "told"}) == Outcome::done);
    CHECK(ends({.out = mark}) == Outcome::done);  // it printed that itself
    CHECK(ends({.out = "told", .err = mark, .dropped = 7}) == Outcome::done);
    CHECK(ends({.out = mark, .dropped = 7}) == Outcome::failed);
}

// Whoever resumes runs a failed step again only where that can do no harm.
TEST_CASE("ending: a failed step is tried again unless it may have been done") {
    struct Row {
        JobEvent event;
        const char* stream;  // after it; empty: it sets none
        bool asks;           // unless it is repeatable
    };
    const JobEvent good = {}, bad = {.exit_status = 1}, killed = {.type = JobEventType::killed};
    const std::vector<Row> rows = {{good, "running", false},   {good, "paused", true},    {bad, "running", false},
                                   {bad, "paused", false},     {bad, "stopped", true},    {bad, "", false},
                                   {killed, "running", false}, {killed, "paused", false}, {killed, "stopped", true},
                                   {killed, "", false}};
    for (const Row& row : rows)
        for (const bool is_repeatable : {false, true}) {
            HostStory story([&](Plan& plan) {
                one_step(plan);
                plan.actions["stop"].repeatable = is_repeatable;
                if (*row.stream == '\0') plan.graph.nodes[0].sets.clear();
            });
            story.command({row.event});
            story.hosts->does = false;
            story.hosts->streams[ObjectId(0)] = row.stream;
            INFO(static_cast<int>(row.event.type)
                 << " " << row.event.exit_status << " " << row.stream << " " << is_repeatable);
            CHECK(story.go().ended.outcome == Outcome::failed);
            const bool asks = row.asks && !is_repeatable;
            CHECK(story.last("failed").starts_with("ask first") == asks);
            story.hosts->does = true;
            CHECK(story.again().ended.outcome == (asks ? Outcome::in_doubt : Outcome::done));
            CHECK(story.hosts->commands() == (asks ? 1 : 2));
            if (!asks) CHECK(story.last("reconciled").starts_with("again, it is tried again"));
            CHECK(story.fault() == "");
        }
}

TEST_CASE("ending: a retry begins when its time has come, and not before") {
    HostStory story([](Plan& plan) {
        one_step(plan);
        plan.graph.nodes[0].retry = {.times = 1, .delay_ms = 700};
    });
    std::vector<ports::Millis> began;
    story.hosts->answer = [&](const Job& job) {
        if (job.type != Job::Type::command) return std::vector<JobEvent>{};
        began.push_back(story.clock.steady() - 1'000'000);
        return began.size() == 1 ? std::vector<JobEvent>{{.exit_status = 1}} : std::vector<JobEvent>{};
    };
    CHECK(story.go().ended.outcome == Outcome::done);
    CHECK(began == std::vector<ports::Millis>{0, 700});
}

TEST_CASE("ending: a host that there is no way to reach was not reached; what began there is in doubt") {
    HostStory far([](Plan& plan) {
        one_step(plan);
        plan.objects[0].connect["over"] = Value::enumerator("winrm");
    });
    CHECK(far.go().ended.outcome == Outcome::failed);
    CHECK(far.last("unreached") == "there is no way to reach `winrm`");
    CHECK(far.told.text_of(Event::Type::step_unreached) == "there is no way to reach `winrm`");

    HostStory story(one_step);
    story.command({{.type = JobEventType::lost}}).go();
    REQUIRE(story.ended.outcome == Outcome::in_doubt);
    story.farm->environment.transports.erase("ssh");
    story.again();
    CHECK(story.ended.outcome == Outcome::in_doubt);
    for (const Event& event : story.told.all)
        if (event.type == Event::Type::run_resumed) CHECK(event.running == 1);
    CHECK(story.last("doubted").starts_with("there is no way to reach `ssh`"));
}

TEST_CASE("ending: what became of a step that nobody saw the end of, going on and going back") {
    struct Row {
        JobEvent job;        // of the host that is asked for it
        const char* stream;  // then; empty: it cannot be observed
        bool is_repeatable;
        const char* forward;  // the last record of the step when the run is resumed
        const char* back;     // and when it is rolled back
    };
    const JobEvent begun_never = {.type = JobEventType::never_started, .text = "refused"};
    const JobEvent gone = {.type = JobEventType::no_record, .text = "no such job"};
    const JobEvent unclear = {.type = JobEventType::lost, .text = "no answer"};
    const JobEvent silent = {.type = JobEventType::lost};
    const char* again = "again, nothing of it is there; it runs again";
    const char* repeats = "again, doing it again changes nothing; it runs again";
    const char* finished = "finished, all that it sets is there";
    const char* fresh = "untouched, it had not begun; it runs again";
    const char* untouched = "untouched, it changed nothing";
    const char* begun = "begun, it may have begun";
    const char* paused = "server/s0.stream is paused, not stopped";
    const char* blind = "server/s0 could not be observed: no route";
    const std::vector<Row> rows = {
        {begun_never, "running", false, fresh, untouched},
        {begun_never, "stopped", false, fresh, untouched},
        {begun_never, "", true, fresh, untouched},
        {gone, "running", false, again, untouched},
        {gone, "stopped", false, finished, finished},
        {gone, "paused", false, paused, begun},
        {gone, "", false, blind, begun},
        {gone, "running", true, again, untouched},
        {gone, "stopped", true, repeats, begun},
        {gone, "paused", true, repeats, begun},
        {gone, "", true, repeats, begun},
        {unclear, "running", false, "no answer; server/s0.stream is running, not stopped", nullptr},
        {unclear, "stopped", false, finished, finished},
        {unclear, "paused", false, "no answer; server/s0.stream is paused, not stopped", nullptr},
        {unclear, "", false, "no answer; server/s0 could not be observed: no route", nullptr},
        {silent, "paused", false, paused, nullptr},
        {unclear, "running", true, again, "no answer; server/s0.stream is running, not stopped"},
        {unclear, "paused", true, repeats, "no answer; server/s0.stream is paused, not stopped"},
    };
    for (const Row& row : rows)
        for (const bool goes_back : {false, true}) {
            INFO(row.job.text << " " << row.stream << " " << row.is_repeatable << " " << goes_back);
            HostStory story([&](Plan& plan) {
                one_step(plan);
                plan.actions["stop"].repeatable = row.is_repeatable;
            });
            story.command({{.type = JobEventType::lost}}).go();
            REQUIRE(story.ended.outcome == Outcome::in_doubt);
            CHECK(story.last("doubted").starts_with("nobody knows how its command ended"));
            story.hosts->streams[ObjectId(0)] = row.stream;
            story.hosts->answer = [&](const Job& job) {
                if (job.ask == Job::Ask::attach) return std::vector<JobEvent>{row.job};
                const bool is_blind = job.type == Job::Type::observation && *row.stream == '\0' &&
                                      story.hosts->commands(Job::Ask::start) == 1;
                return is_blind ? std::vector<JobEvent>{no_route} : std::vector<JobEvent>{};
            };
            const std::string expected = !goes_back ? row.forward : row.back ? row.back : row.forward;
            const bool is_doubt = expected.starts_with("server/") || expected.starts_with("no answer");
            goes_back ? story.back() : story.again();
            const std::string text = story.last(is_doubt ? "doubted" : "reconciled");
            CHECK(text.substr(0, expected.size()) == expected);
            CHECK(story.ended.outcome == (is_doubt    ? Outcome::in_doubt
                                          : goes_back ? Outcome::rolled_back
                                                      : Outcome::done));
            CHECK(story.told.text_of(is_doubt ? Event::Type::step_in_doubt : Event::Type::step_reconciled) != "(none)");
            const bool runs_again = !goes_back && !is_doubt && !expected.starts_with("finished");
            const bool is_undone = goes_back && !is_doubt && !expected.starts_with("untouched");
            CHECK(story.hosts->commands() == 1U + (runs_again || is_undone ? 1U : 0U));
            CHECK(story.fault() == "");
        }
}

TEST_CASE("ending: nothing at all to be seen, and a step without a word of it, still say something") {
    HostStory story([](Plan& plan) {
        one_step(plan);
        plan.graph.nodes[0].sets.clear();
    });
    story.command({{.type = JobEventType::lost}}).go();
    REQUIRE(story.ended.outcome == Outcome::in_doubt);
    CHECK(story.again().ended.outcome == Outcome::in_doubt);
    CHECK(story.last("doubted") == "nothing can be seen that would tell whether it ran");
}

TEST_CASE("ending: an undo that nobody saw the end of is begun again, and a step that was not reached begins afresh") {
    HostStory story(one_step);
    story.go();
    REQUIRE(story.ended.outcome == Outcome::done);
    story.hosts->answer = [](const Job& job) {
        const bool is_undo = job.type == Job::Type::command && job.ask == Job::Ask::start;
        return is_undo ? std::vector<JobEvent>{{.type = JobEventType::lost, .text = "gone"}} : std::vector<JobEvent>{};
    };
    CHECK(story.back().ended.outcome == Outcome::in_doubt);
    story.hosts->answer = nullptr;
    CHECK(story.again().ended.outcome == Outcome::rolled_back);
    CHECK(story.last("reconciled").starts_with("again, nothing of it is there; it runs again"));
    CHECK(story.hosts->commands() == 3);

    HostStory far(one_step);
    far.command({no_route}).go();
    CHECK(far.told.text_of(Event::Type::step_unreached) == "no route");
    CHECK(far.again().ended.outcome == Outcome::done);
    CHECK(far.last("reconciled").starts_with("untouched, it had not begun; it runs again"));
}

// The first attempt has failed and left its server paused; nobody saw the end of the second one.
TEST_CASE("ending: an attempt that never began leaves what the one before it has done, one that may have does not") {
    struct Row {
        JobEvent second;    // of the second attempt
        JobEvent attached;  // who asks after it is told that
        bool may_have_begun;
        bool is_seen;
    };
    const JobEvent lost = {.type = JobEventType::lost, .text = "gone"};
    const JobEvent never = {.type = JobEventType::never_started};
    const JobEvent gone = {.type = JobEventType::no_record};
    const std::vector<Row> rows = {{lost, never, false, true},
                                   {no_route, never, false, true},
                                   {lost, gone, true, true},
                                   {lost, gone, true, false}};
    for (const Row& row : rows)
        for (const bool goes_back : {false, true}) {
            INFO(row.second.text << " " << row.may_have_begun << " " << row.is_seen << " " << goes_back);
            HostStory story([](Plan& plan) {
                one_step(plan);
                plan.actions["stop"].repeatable = true;
                plan.graph.nodes[0].retry = {.times = 1, .delay_ms = 10};
            });
            bool is_blind = false;
            story.hosts->answer = [&](const Job& job) {
                const bool is_it = job.type == Job::Type::command && job.ask == Job::Ask::start && job.attempt <= 2 &&
                                   job.step == first_step;
                if (is_it && job.attempt == 1) story.hosts->streams[ObjectId(0)] = "paused";
                if (is_it && job.attempt == 1) return std::vector<JobEvent>{{.exit_status = 1}};
                if (is_it) return std::vector<JobEvent>{row.second};
                if (job.ask == Job::Ask::attach) return std::vector<JobEvent>{row.attached};
                if (job.type == Job::Type::observation && std::exchange(is_blind, false))
                    return std::vector<JobEvent>{no_route};
                return std::vector<JobEvent>{};
            };
            story.go();
            REQUIRE(story.ended.outcome ==
                    (row.second.type == JobEventType::lost ? Outcome::in_doubt : Outcome::failed));
            is_blind = !row.is_seen;
            goes_back ? story.back() : story.again();
            CHECK(story.ended.outcome == (goes_back ? Outcome::rolled_back : Outcome::done));
            CHECK(story.hosts->commands() == 3);
            CHECK(story.fault() == "");
            if (goes_back && row.second.type != JobEventType::lost) continue;  // nothing is asked any more
            const std::string text = story.last("reconciled");
            const bool knows = !row.may_have_begun || row.is_seen;
            CHECK(has(text, "server/s0.stream = paused") == knows);
            if (!row.may_have_begun)
                CHECK(text.starts_with(goes_back ? "begun, an earlier attempt of it may have begun"
                                                 : "again, it had not begun; it runs again"));
        }
}

TEST_CASE("ending: what another step has set since tells nothing of the one before it") {
    const auto ends = [](const char* attribute, const JobEvent& attached) {
        auto story = std::make_unique<HostStory>([&](Plan& plan) { two_at_once(plan, attribute); });
        story->hosts->answer = [&story = *story, attached](const Job& job) {
            if (job.ask == Job::Ask::attach) return std::vector<JobEvent>{attached};
            const bool is_first = job.step == first_step && job.attempt == 1;
            if (job.type == Job::Type::command && is_first)
                return std::vector<JobEvent>{{.type = JobEventType::lost, .text = "gone"}};
            if (job.type == Job::Type::observation)
                return std::vector<JobEvent>{{.out = std::string(R"({"level": "running", "stream": ")") +
                                                     (story.hosts->commands() > 2 ? "stopped" : "running") + "\"}"}};
            return std::vector<JobEvent>{};
        };
        story->go();
        REQUIRE(story->ended.outcome == Outcome::in_doubt);
        story->again();
        return story;
    };
    const JobEvent gone = {.type = JobEventType::no_record};
    const auto same = ends("stream", gone);
    CHECK(same->ended.outcome == Outcome::in_doubt);
    CHECK(same->last("doubted").starts_with("server/s0.stream is running, not stopped"));
    same->hosts->answer = nullptr;
    same->hosts->streams[ObjectId(0)] = "running";
    CHECK(same->back().ended.outcome == Outcome::rolled_back);
    CHECK(same->last("reconciled").starts_with("begun, it may have begun"));
    const auto other = ends("level", gone);
    CHECK(other->ended.outcome == Outcome::done);
    CHECK(other->last("reconciled").starts_with("again, nothing of it is there"));
}

}  // namespace pvsplan::engine::test
