// Windows of time, as `status` tells them and where several are closed; time that runs ahead, and a step to stop
// before.
#include <catch2/catch.hpp>

#include "runtime/engine/windows.hpp"
#include "tests/unit/engine/one_step.hpp"
#include "tests/unit/engine/trace.hpp"

namespace pvsplan::engine::test {
namespace {

constexpr ports::Millis one_minute = 60'000;
constexpr ports::Millis one_hour = 60 * one_minute;
constexpr ports::Millis thursday = 1'795'651'200'000;  // 2026-11-26 00:00 UTC

Window nightly(int from, int to, const char* zone = "UTC") {
    const auto minutes = [](int hours) { return static_cast<std::uint16_t>(hours * 60); };
    return {.from = minutes(from), .to = minutes(to), .zone = zone};
}

// Each step that could start now waits for the window of that number.
Plan in_windows(std::vector<Window> windows, const std::vector<std::uint32_t>& of) {
    Plan plan = test::plan(of.size());
    plan.windows = std::move(windows);
    for (std::size_t i = 0; i < of.size(); ++i)
        plan.graph.nodes[2 * i].window = plan.graph.nodes[2 * i + 1].window = WindowId(of[i]);
    seal(plan);
    return plan;
}

struct Heard final : Observer {
    std::vector<std::string> all;
    void on(const Event& event) override {
        if (event.type == Event::Type::window_closed || event.type == Event::Type::window_opened)
            all.push_back(std::string(name_of(event.type)) + " " + event.node);
    }
};

struct Absent final : Person {
    std::vector<Answer> answers() override { return {}; }
};

struct Stop final : ports::Signals {
    int times = 0;
    [[nodiscard]] int count() const override { return times; }
    [[nodiscard]] int number() const override { return 2; }
};

// Time passes as soon as nothing else happens.
class AheadClock final : public ports::VirtualClock {
  public:
    using VirtualClock::VirtualClock;
    bool skip_to(ports::Millis until) override {
        if (++skips > 50) return false;
        ports::Mailbox none;
        (void)VirtualClock::wait(none, until);
        return true;
    }
    int skips = 0;
};

struct InWindow {
    Folder folder;
    Plan plan;
    std::unique_ptr<Farm> farm;
    Heard heard;
    std::string run;

    InWindow(Plan of, ports::Clock& clock, transport::SimulatedOptions simulated = {}) : plan(std::move(of)) {
        farm = std::make_unique<Farm>(open(folder), plan, std::move(simulated));
        farm->environment.clock = &clock;
    }
    Ended goes(Options options = {}) {
        options.heartbeat_ms = options.messages_every_ms = one_hour;
        Ended ended = start(farm->environment, plan, encode(plan), options, heard);
        run = ended.run;
        return ended;
    }
    [[nodiscard]] std::string told(std::optional<ports::Millis> now) const {
        const auto found = status(*farm->store, run, now);
        std::string text;
        for (const NodeStatus& node : found->nodes) {
            text += node.state + (node.text.empty() ? "" : " (" + node.text + ")");
            if (node.next_at > 0) text += " at " + std::to_string((node.next_at - thursday) / one_hour);
            text += "; ";
        }
        for (const Wanted& wanted : found->wanted)
            if (wanted.type == Wanted::Type::window) text += "wanted " + wanted.node + "; ";
        return text;
    }
};

}  // namespace

TEST_CASE("windows: `status` says what waits for which window, each window once") {
    ports::VirtualClock clock(thursday + 12 * one_hour);
    InWindow story(in_windows({nightly(22, 23), nightly(20, 21)}, {0, 0, 1}), clock);
    REQUIRE(story.goes().outcome == Outcome::waiting);
    const std::string late = "waits for its window (opens Thu 2026-11-26 22:00 UTC (in 10 h 0 m)) at 22; waiting; ";
    const std::string early = "waits for its window (opens Thu 2026-11-26 20:00 UTC (in 8 h 0 m)) at 20; waiting; ";
    CHECK(story.told(thursday + 12 * one_hour) == late + late + early + "wanted all[s0].stop; wanted all[s2].stop; ");
    const std::string ready = "ready; waiting; ";
    CHECK(story.told(std::nullopt) == ready + ready + ready);
    CHECK(story.told(thursday + 22 * one_hour).starts_with(ready + ready + "waits for its window"));
    CHECK(story.told(thursday + 20 * one_hour)
              .find("waits for its window (opens Thu 2026-11-26 22:00 UTC (in 2 h 0 m)) at 22") == 0);
}

TEST_CASE("windows: `status` says so of one that never opens, and of one beside a question in the same words") {
    ports::VirtualClock clock(thursday + 12 * one_hour);
    InWindow never(in_windows({nightly(22, 23, "No/Where")}, {0}), clock);
    REQUIRE(never.goes().outcome == Outcome::waiting);
    CHECK(never.told(thursday) ==
          "waits for its window (opens nobody knows when: this machine has no time zone `No/Where`); waiting; wanted "
          "all[s0].stop; ");
    Plan plan = in_windows({nightly(22, 23)}, {0});
    plan.graph.nodes.push_back(
        {.id = "look", .type = Node::Type::approval, .text = "opens Thu 2026-11-26 22:00 UTC (in 10 h 0 m)"});
    seal(plan);
    InWindow beside(plan, clock);
    REQUIRE(beside.goes().outcome == Outcome::waiting);
    CHECK(beside.told(thursday + 12 * one_hour).ends_with("wanted all[s0].stop; "));
}

TEST_CASE("windows: of several that are closed the first to open is told, whatever their order") {
    const auto message = [](std::vector<Window> windows) {
        ports::VirtualClock clock(thursday + 12 * one_hour);
        std::vector<std::uint32_t> of;
        for (std::uint32_t i = 0; i < windows.size(); ++i) of.push_back(i);
        InWindow story(in_windows(std::move(windows), of), clock);
        return story.goes().message;
    };
    const std::string begin = "the run waits for its window, which ";
    CHECK(message({nightly(22, 23), nightly(20, 21)}) == begin + "opens Thu 2026-11-26 20:00 UTC (simulated)");
    CHECK(message({nightly(20, 21), nightly(22, 23)}) == begin + "opens Thu 2026-11-26 20:00 UTC (simulated)");
    CHECK(message({nightly(20, 21, "No/Where"), nightly(22, 23)}) ==
          begin + "opens Thu 2026-11-26 22:00 UTC (simulated)");
    CHECK(message({nightly(22, 23), nightly(20, 21, "No/Where")}) ==
          begin + "opens Thu 2026-11-26 22:00 UTC (simulated)");
    CHECK(message({nightly(20, 21, "No/Where")}) ==
          begin + "opens nobody knows when: this machine has no time zone `No/Where` (simulated)");
}

TEST_CASE("windows: one that closes while a step runs is told again for what comes then") {
    ports::VirtualClock clock(thursday + 12 * one_hour);
    InWindow story(in_windows({nightly(22, 23)}, {0}), clock, {.step_ms = 2 * one_hour});
    Absent absent;
    CHECK(story.goes({.person = &absent}).outcome == Outcome::done);
    CHECK(story.heard.all == std::vector<std::string>{"window_closed all[s0].stop", "window_opened all[s0].stop",
                                                      "window_closed all[s0].start", "window_opened all[s0].start"});
    CHECK(clock.now() == thursday + 48 * one_hour);
}

TEST_CASE("windows: time that is set back opens none that is closed") {
    Plan plan = in_windows({nightly(22, 23)}, {0});
    Windows windows(plan);
    CHECK(windows.is_open(WindowId(0), thursday + 22 * one_hour + 30 * one_minute));
    CHECK_FALSE(windows.is_open(WindowId(0), thursday + 21 * one_hour));
    CHECK(windows.is_open(WindowId(0), thursday + 22 * one_hour));
    CHECK_FALSE(windows.is_open(WindowId(0), thursday + 23 * one_hour));
    CHECK(windows.opening(WindowId(0), thursday + 23 * one_hour)->from == thursday + 46 * one_hour);
    CHECK(windows.opening(WindowId(0), thursday + 21 * one_hour)->from == thursday + 22 * one_hour);
    const Plan no_zone = in_windows({nightly(22, 23, "No/Where")}, {0});
    Windows nowhere(no_zone);
    CHECK_FALSE(nowhere.is_open(WindowId(0), thursday + 22 * one_hour));
}

TEST_CASE("windows: a retry whose time runs ahead begins at its time, and not while somebody wants to stop") {
    Plan plan = test::plan(1);
    plan.graph.nodes[0].retry = {.times = 1, .delay_ms = 5000};
    seal(plan);
    using StepFault = transport::SimulatedFault;
    const std::vector<StepFault> once = {{.step = "all[s0].stop", .when = StepFault::When::before, .attempts = 1}};
    AheadClock clock(thursday);
    InWindow story(plan, clock, {.faults = once});
    CHECK(story.goes().outcome == Outcome::done);
    CHECK(clock.skips == 1);
    CHECK(clock.now() == thursday + 5000);
    // Where delays are left out nothing is skipped; what is over is not said to be tried again.
    struct Counts final : Observer {
        std::vector<std::string> all;
        void on(const Event& event) override {
            if (event.node == "all[s0].stop" && event.type != Event::Type::step_checking)
                all.push_back(std::string(name_of(event.type)) + " " + std::to_string(event.retry_in_ms) + " " +
                              std::to_string(event.tries) + "/" + std::to_string(event.max_tries));
        }
    } counts;
    AheadClock still(thursday);
    InWindow at_once(plan, still, {.faults = once});
    CHECK(start(at_once.farm->environment, plan, encode(plan), {.simulated_delays = Options::Delays::none}, counts)
              .outcome == Outcome::done);
    CHECK(still.now() == thursday);
    CHECK(counts.all == std::vector<std::string>{"step_started -1 1/2", "step_failed 0 1/2", "step_started -1 2/2",
                                                 "step_finished -1 2/2"});
    AheadClock other(thursday);
    InWindow stopped(plan, other, {.faults = once});
    Stop stop;
    struct Presses final : Observer {
        Stop* stop = nullptr;
        void on(const Event& event) override {
            if (event.type == Event::Type::step_failed) stop->times = 1;
        }
    } presses;
    presses.stop = &stop;
    stopped.farm->environment.signals = &stop;
    const Ended ended = start(stopped.farm->environment, stopped.plan, encode(stopped.plan), {}, presses);
    CHECK(ended.outcome == Outcome::interrupted);
    CHECK(other.skips == 0);
    const auto found = status(*stopped.farm->store, ended.run);
    CHECK(found->nodes[0].state == "retrying");
    CHECK(found->nodes[0].next_at == thursday + 5000);
    CHECK((found->nodes[0].max_tries == 2 && found->nodes[1].max_tries == 1 && found->nodes[1].next_at == 0));
}

TEST_CASE("windows: on a simulated farm what is waited for comes, and nobody looks for it") {
    Plan plan = test::plan(1);
    one_wait(plan);
    seal(plan);
    AheadClock clock(thursday);
    InWindow story(plan, clock);
    CHECK(story.goes().outcome == Outcome::done);
    CHECK(clock.skips == 0);
}

TEST_CASE("windows: where time runs ahead a wait looks as often as it says, and a person holds nothing up") {
    HostStory story(one_wait);
    AheadClock clock(1'000'000);
    story.farm->environment.clock = &clock;
    int looks = 0;
    story.hosts->answer = [&](const Job& job) {
        if (job.type == Job::Type::observation && ++looks == 4) story.hosts->streams[ObjectId(0)] = "stopped";
        return std::vector<JobEvent>{};
    };
    CHECK(story.go().ended.outcome == Outcome::done);
    CHECK(looks == 4);
    CHECK(clock.skips == 3);
    CHECK(clock.now() == 1'003'000);

    // A step is done by hand while another is to be tried again.
    HostStory both(
        [](Plan& plan) {
            plan.actions["halt"] = action("halt", "running", "stopped");
            plan.actions["halt"].run = {.type = Body::Type::manual,
                                        .arguments = {Expr::literal(Value::string("pull it"))}};
            plan.graph.nodes[2].action = "halt";
            plan.graph.nodes[0].retry = {.times = 1, .delay_ms = 5000};
        },
        2);
    AheadClock ahead(1'000'000);
    both.farm->environment.clock = &ahead;
    both.command({{.exit_status = 1, .err = "no"}});
    CHECK(both.go().ended.outcome == Outcome::waiting);
    CHECK(ahead.skips == 1);
    CHECK(status(*both.farm->store, both.run)->nodes[1].state == "finished");
}

TEST_CASE("trace: a run that is to stop before a step, twice, and is undone then") {
    Trace trace({}, 2);
    trace.story.options.until = "all[s0].start";
    trace.go();
    trace.show();
    trace.again();
    trace.story.options.until = "";
    trace.back();
    trace.expect("rare: it is to stop before a step");
    for (const bool is_undone : {false, true}) {
        Trace failed({}, 2);
        failed.story.options.until = "all[s0].start";
        failed.fails("all[s1].stop");
        failed.go();
        is_undone ? failed.back() : failed.again();
        failed.expect(is_undone ? "rare: it was to stop before a step, and goes back"
                                : "rare: it fails before it was to stop");
    }
}

}  // namespace pvsplan::engine::test
