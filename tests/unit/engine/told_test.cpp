// What a run tells while it goes on, what it leaves behind, and how often it asks: event by event and call by call.
#include <catch2/catch.hpp>

#include <map>

#include "runtime/engine/messages.hpp"
#include "tests/unit/engine/hosts.hpp"
#include "tests/unit/engine/watched_store.hpp"

namespace pvsplan::engine::test {
namespace {

std::string kinds_told(const Told& told) {
    std::string text;
    for (const Event& event : told.all)
        if (event.type != Event::Type::step_output)
            text += (text.empty() ? "" : " ") + std::string(name_of(event.type)) +
                    (event.node.empty() ? "" : ":" + event.node);
    return text;
}

std::size_t jobs_of_type(const HostStory& story, Job::Type is) {
    return static_cast<std::size_t>(std::count_if(story.hosts->jobs.begin(), story.hosts->jobs.end(),
                                                  [&](const Job& job) { return job.type == is; }));
}

// How often each call came to the store.
struct Counted {
    std::map<std::string, int, std::less<>> calls;
    std::unique_ptr<HostStory> story;

    explicit Counted(const Folder& folder, const std::function<void(Plan&)>& change = {}) {
        auto store = std::make_unique<WatchedStore>(open(folder));
        store->after = [this](std::string_view call) { ++calls[std::string(call)]; };
        story = std::make_unique<HostStory>(change, 1, std::move(store));
    }
};

// Hosts of which the first to be observed answers in the third turn; `heard`: what was counted until then.
class SlowToTell final : public ports::Transport {
  public:
    SlowToTell(Hosts& hosts, ports::Mailbox& mailbox, std::function<int()> count)
        : hosts_(hosts), mailbox_(mailbox), count_(std::move(count)) {}

    void start_or_attach(Job job) override {
        if (job.type != Job::Type::observation || !key_.empty()) return hosts_.start_or_attach(std::move(job));
        key_ = job.key;
        before_ = count_();
    }
    void forget(const std::string& key) override { hosts_.forget(key); }
    std::optional<ports::Millis> turn(ports::Millis now) override {
        if (!key_.empty() && ++turns_ == 3) {
            heard = count_() - before_;
            mailbox_.post({.key = key_, .out = R"({"stream": "stopped"})"});
        }
        return now + 10;
    }

    int heard = 0;

  private:
    Hosts& hosts_;
    ports::Mailbox& mailbox_;
    std::function<int()> count_;
    std::string key_;
    int before_ = 0;
    int turns_ = 0;
};

// An approval before all, a condition that does not hold, an approval under it.
void with_approvals(Plan& plan) {
    plan.graph.nodes.insert(plan.graph.nodes.begin(), {.id = "look", .type = Node::Type::approval, .text = "look"});
    plan.graph.nodes.push_back({.id = "later", .type = Node::Type::approval, .guard = GuardId(0), .text = "more"});
    plan.guards = {{.step = "later", .condition = Expr::literal(Value::boolean(false))}};
    plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)},
                        {.from = NodeId(1), .to = NodeId(2)},
                        {.from = NodeId(2), .to = NodeId(3)}};
}

}  // namespace

TEST_CASE("told: approvals, conditions and what is skipped, each once and in its order") {
    HostStory story(with_approvals);
    story.go();
    REQUIRE(story.ended.outcome == Outcome::waiting);
    CHECK(kinds_told(story.told) == "run_began approval_wanted:look run_ended");
    CHECK(story.run.size() == std::string("19700101-0016-abcd").size());
    story.told.all.clear();
    const std::string user = story.farm->environment.me.user;
    const journal::Record message = approval_message(story.plan, "look", "fine", user, "h", 1);
    REQUIRE(story.farm->store->post_message(story.run, journal::encode(message)).ok());
    REQUIRE(approve(story.farm->environment, story.run, "later", "early").outcome == Outcome::done);
    story.again();
    CHECK(story.ended.outcome == Outcome::done);
    CHECK(kinds_told(story.told) ==
          "run_resumed step_started:all[s0].stop step_checking:all[s0].stop step_finished:all[s0].stop "
          "step_started:all[s0].start step_checking:all[s0].start step_finished:all[s0].start guard_decided:later "
          "step_skipped:later run_ended");
    CHECK(story.told.text_of(Event::Type::guard_decided) == "skipped");
    CHECK(story.told.text_of(Event::Type::step_skipped) == "`when` says so");
    REQUIRE(story.told.all.front().nodes != nullptr);
    CHECK(story.told.all.front().over_before == std::vector<NodeId>{NodeId(0)});
    // What was said of a step that the run did not come to is refused when it ends.
    CHECK(has(story.last("refused"), "approve, the run did not come there, by " + user));
    CHECK(story.fault() == "");
}

TEST_CASE("told: an approval that comes while the run waits is told by whom and why") {
    struct Sitting final : Person {
        std::vector<Answer> answers() override { return std::exchange(said, {}); }
        std::vector<Answer> said;
    } person;
    HostStory story(with_approvals);
    story.options.person = &person;
    person.said = {{"look", "fine"}};
    story.go();
    CHECK(story.ended.outcome == Outcome::done);
    CHECK(story.told.text_of(Event::Type::approval_given) == story.farm->environment.me.user + ": fine");
}

TEST_CASE("told: a message that comes as the last step ends is answered all the same") {
    HostStory story([](Plan& plan) {
        with_approvals(plan);
        plan.graph.nodes.erase(plan.graph.nodes.begin());
        plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}, {.from = NodeId(1), .to = NodeId(2)}};
    });
    story.hosts->answer = [&](const Job& job) {
        if (job.type == Job::Type::command && job.step == "all[s0].start") {
            const journal::Record message = approval_message(story.plan, "later", "fine", "otto", "there", 1);
            const std::string run = story.farm->store->runs()->back().id;
            CHECK(story.farm->store->post_message(run, journal::encode(message)).ok());
        }
        return std::vector<JobEvent>{};
    };
    CHECK(story.go().ended.outcome == Outcome::done);
    CHECK(has(story.last("refused"), "the run has passed it"));
    CHECK(story.farm->store->messages(story.run)->empty());
}

TEST_CASE("told: no more steps run at once than may") {
    for (const std::uint32_t most : {1U, 2U, 3U, 5U}) {
        HostStory story(
            [](Plan& plan) {
                plan.graph.edges.clear();
                plan.actions["start"].precondition = plan.actions["stop"].precondition = nullptr;
            },
            2);
        for (Node& node : story.plan.graph.nodes) node.sets.clear();
        seal(story.plan);
        story.options.max_parallel = most;
        story.go();
        CHECK(story.ended.outcome == Outcome::done);
        std::uint64_t running = 0;
        for (const Event& event : story.told.all) running = std::max(running, event.running);
        CHECK(running == std::min(most, 4U));
    }
}

TEST_CASE("told: no more hosts are asked at once than may, be it for claims or for how they are") {
    // What was sent and has not been answered, whenever the run waits.
    struct Waiting final : ports::VirtualClock {
        Waiting() : VirtualClock(1'000'000) {}
        std::vector<JobEvent> wait(ports::Mailbox& mailbox, std::optional<ports::Millis> deadline) override {
            most = std::max(most, hosts->jobs.size() - answered);
            std::vector<JobEvent> events = VirtualClock::wait(mailbox, deadline);
            answered += events.size();
            return events;
        }
        Hosts* hosts = nullptr;
        std::size_t most = 0;
        std::size_t answered = 0;
    };
    for (const std::uint32_t most : {1U, 2U, 3U}) {
        HostStory story({}, 3);
        Waiting clock;
        clock.hosts = story.hosts.get();
        story.farm->environment.clock = &clock;
        story.options.max_parallel = most;
        story.farm->environment.owner = "{}";
        (void)observe(story.farm->environment, story.plan, story.options);
        CHECK(clock.most == most);
        CHECK(story.hosts->observations() == 3);
        clock.most = 0;
        for (Node& node : story.plan.graph.nodes) node.type = Node::Type::join;
        for (Node& node : story.plan.graph.nodes) node = {.id = node.id, .type = Node::Type::join};
        seal(story.plan);
        story.go();
        CHECK(jobs_of_type(story, Job::Type::claim) == 3);
        CHECK(clock.most == most);
    }
}

TEST_CASE("told: a host that is away holds up none of the others, and who watches knows of it meanwhile") {
    HostStory story({}, 3);
    story.options.max_parallel = 1;
    story.options.observe_patience_ms = 10'000;
    std::string away;
    std::int64_t patience = 0;
    story.hosts->answer = [&](const Job& job) -> std::vector<JobEvent> {
        const JobEvent fine{.out = R"({"stream": "running"})"};
        if (job.host->name == "s1") return {fine};
        // The first is given up only when the last was asked, which has no more room than one.
        if (job.host->name == "s2")
            return {fine, {.key = away, .type = JobEventType::never_started, .text = "no route to s0"}};
        away = job.key;
        patience = job.patience_ms;
        return {{.type = JobEventType::unreachable, .text = "s0 is silent"}};
    };
    std::vector<std::string> told;
    const auto observed = observe(story.farm->environment, story.plan, story.options, [&](const ObservedSoFar& so_far) {
        std::string text = std::to_string(so_far.over) + "/" + std::to_string(so_far.all);
        for (const auto& [object, why] : so_far.away)
            text += " " + story.plan.objects[object.index()].name + ": " + why;
        told.push_back(text);
    });
    CHECK(patience == 10'000);
    REQUIRE(observed.size() == 3);
    CHECK((observed[0].error == "no route to s0" && observed[1].error.empty() && observed[2].error.empty()));
    CHECK(told == std::vector<std::string>{"0/3 s0: s0 is silent", "1/3 s0: s0 is silent", "3/3 s0: no route to s0"});
}

TEST_CASE("told: while hosts are claimed and released, the store hears that the loop turns") {
    const Folder folder;
    Counted counted(folder);
    int heard = 0;
    counted.story->hosts->answer = [&](const Job& job) -> std::vector<JobEvent> {
        if (job.type == Job::Type::release) heard = counted.calls["heartbeat"];
        return {};
    };
    CHECK(counted.story->go().ended.outcome == Outcome::done);
    CHECK(heard > 0);
    CHECK(counted.calls["heartbeat"] > heard);
}

TEST_CASE("told: while objects are observed for a person's decision, the store hears that the loop turns") {
    const Folder folder;
    Counted counted(folder);
    HostStory& story = *counted.story;
    story.command({{.type = JobEventType::ended, .exit_status = 1}}).go();
    REQUIRE(story.ended.outcome == Outcome::failed);
    SlowToTell slow(*story.hosts, story.farm->mailbox, [&] { return counted.calls["heartbeat"]; });
    story.farm->environment.transports["ssh"] = &slow;
    story.again({{.type = OperatorDecision::Type::done, .node = first_step, .because = "by hand"}});
    CHECK(story.ended.outcome == Outcome::done);
    CHECK(slow.heard == 2);
}

TEST_CASE("told: a run that only waits gives a sign of life, and looks for messages and for its lease now and then") {
    const Folder folder;
    Counted counted(folder, [](Plan& plan) {
        plan.graph.nodes.pop_back();
        plan.graph.edges.clear();
        plan.actions["stop"].run = {
            .type = Body::Type::wait, .until = stream_is("stopped"), .every_ms = 100, .at_most_ms = 100'000};
    });
    HostStory& story = *counted.story;
    story.go();
    REQUIRE(story.ended.outcome == Outcome::failed);
    CHECK(story.clock.steady() == 1'100'000);
    std::size_t signs = 0;
    for (const Event& event : story.told.all) signs += event.type == Event::Type::heartbeat ? 1 : 0;
    CHECK(signs == 3);
    CHECK((counted.calls["messages"] >= 195 && counted.calls["messages"] <= 205));
    CHECK((counted.calls["renew"] >= 195 && counted.calls["renew"] <= 205));
    CHECK(counted.calls["create_run"] == 1);
    CHECK(counted.calls["append"] == 3);  // begun; failed; halted
    CHECK(counted.calls["remove_messages"] == 0);
    counted.calls.clear();
    story.again();
    CHECK(counted.calls["append"] == 4);  // resumed; begun; failed; halted
}

TEST_CASE("told: a message is removed once, when its answer is in the journal") {
    const Folder folder;
    Counted counted(folder, with_approvals);
    HostStory& story = *counted.story;
    story.go();
    const journal::Record message =
        approval_message(story.plan, "look", "fine", story.farm->environment.me.user, "h", 1);
    REQUIRE(story.farm->store->post_message(story.run, journal::encode(message)).ok());
    counted.calls.clear();
    CHECK(story.again().ended.outcome == Outcome::done);
    CHECK(counted.calls["remove_messages"] == 1);
}

TEST_CASE("told: messages are looked for at once, also where the steady clock has just begun") {
    ports::VirtualClock clock(0);
    HostStory story(with_approvals);
    story.farm->environment.clock = &clock;
    story.go();
    REQUIRE(story.ended.outcome == Outcome::waiting);
    const journal::Record message =
        approval_message(story.plan, "look", "fine", story.farm->environment.me.user, "h", 1);
    REQUIRE(story.farm->store->post_message(story.run, journal::encode(message)).ok());
    CHECK(story.again().ended.outcome == Outcome::done);
}

TEST_CASE("told: a farm is taken from nobody where its last holder is dead") {
    HostStory story;
    ports::Identity dead = ports::who_am_i();
    dead.pid = 1 << 30;
    REQUIRE(
        story.farm->store->acquire(story.plan.farm, {.who = dead, .run = "another", .since = 1}, ports::Take::if_free)
            ->lease);
    CHECK(story.go().ended.outcome == Outcome::done);
    CHECK(story.last("taken") == "(none)");
}

TEST_CASE("told: a run that is over lets its hosts go, and one that never came to be") {
    HostStory back;
    back.go();
    CHECK(jobs_of_type(back, Job::Type::release) == 1);
    CHECK(back.back().ended.outcome == Outcome::rolled_back);
    CHECK(jobs_of_type(back, Job::Type::release) == 2);

    HostStory given_up([](Plan& plan) { plan.graph.nodes[1].timeout_ms = 5; });
    given_up.command({{.type = JobEventType::lost, .text = "gone"}}).go();
    REQUIRE(given_up.ended.outcome == Outcome::in_doubt);
    CHECK(jobs_of_type(given_up, Job::Type::release) == 0);
    const Ended ended = abandon(given_up.farm->environment, given_up.run, "enough");
    CHECK(ended.outcome == Outcome::done);
    CHECK(ended.message == "the run " + given_up.run +
                               " is given up; the farm contoso stays as it is, and nobody has seen the end of "
                               "`all[s0].stop`");
    CHECK(given_up.last("halted").starts_with("given up, enough, by "));
    CHECK(jobs_of_type(given_up, Job::Type::release) == 1);
    CHECK(given_up.hosts->jobs.back().claim->is_over);
    const Ended none = abandon(given_up.farm->environment, "none", "");
    CHECK(none.outcome == Outcome::usage);
    CHECK(none.message == "there is no run `none`");

    auto watched = std::make_unique<WatchedStore>(open(given_up.folder));
    watched->before = [](std::string_view call) {
        return call == "create_run" ? WatchedStore::CallResult::fails : WatchedStore::CallResult::works;
    };
    HostStory never({}, 1, std::move(watched));
    CHECK(never.go().ended.outcome == Outcome::wrong);
    CHECK(jobs_of_type(never, Job::Type::claim) == 1);
    CHECK(jobs_of_type(never, Job::Type::release) == 1);
}

TEST_CASE("told: who gives way to a run stands in its journal") {
    HostStory story;
    story.farm->environment.take_over_because = "nobody is there";
    story.hosts->answer = [](const Job& job) {
        const bool is_held = job.type == Job::Type::claim && job.claim->instead_of.empty();
        return is_held ? std::vector<JobEvent>{{.type = JobEventType::held, .err = "/c", .text = "run-9 4 {}"}}
                       : std::vector<JobEvent>{};
    };
    CHECK(story.go().ended.outcome == Outcome::done);
    CHECK(has(story.last("taken"), "nobody is there, by "));
    CHECK(jobs_of_type(story, Job::Type::claim) == 2);
}

TEST_CASE("told: who asks for a rollback is recorded once, and not where a failure has begun it") {
    HostStory story;
    story.go();
    story.command({});
    story.hosts->answer = [](const Job& job) {
        return job.type == Job::Type::command ? std::vector<JobEvent>{{.type = JobEventType::lost, .text = "gone"}}
                                              : std::vector<JobEvent>{};
    };
    CHECK(story.back().ended.outcome == Outcome::in_doubt);
    story.hosts->answer = nullptr;
    CHECK(story.back().ended.outcome == Outcome::rolled_back);
    std::size_t stops = 0;
    const auto lines = log(*story.farm->store, story.run);
    for (const LogLine& line : *lines) stops += line.kind == "stopped" ? 1 : 0;
    CHECK(stops == 1);
    CHECK(story.ended.is_asked);
}

TEST_CASE("told: somebody who wants the run to stop is told so once, and what runs is waited for") {
    struct Signals final : ports::Signals {
        int times = 0;
        [[nodiscard]] int count() const override { return times; }
        [[nodiscard]] int number() const override { return 15; }
    } signals;
    HostStory story({}, 2);
    story.farm->environment.signals = &signals;
    std::string key;
    story.hosts->answer = [&](const Job& job) {
        if (job.type != Job::Type::command) return std::vector<JobEvent>{};
        signals.times = 1;
        story.hosts->streams[ObjectId(0)] = story.hosts->streams[ObjectId(1)] = "stopped";
        return std::vector<JobEvent>{{.type = JobEventType::output, .text = "a"},
                                     {.type = JobEventType::output, .text = "b"},
                                     {.type = JobEventType::ended}};
    };
    story.go();
    CHECK(story.ended.outcome == Outcome::interrupted);
    CHECK(exit_status(story.ended) == 143);
    std::string told;
    for (const Event& event : story.told.all)
        if (event.type == Event::Type::stopping) told += event.text + "; ";
    CHECK(told == "asked to stop; what runs is waited for, asked again it is left alone; ");
    CHECK(story.hosts->commands() == 2);
    CHECK(story.hosts->forgotten == 0);
    for (const char* kind : {"finished"}) CHECK(story.last(kind) != "(none)");
}

}  // namespace pvsplan::engine::test
