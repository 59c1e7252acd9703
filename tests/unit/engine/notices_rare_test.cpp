// Who is told of a run: what is told together, what is told no more, and couriers that say odd things.
#include <catch2/catch.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/engine/notices.hpp"
#include "runtime/journal/replay.hpp"
#include "tests/unit/engine/hosts.hpp"
#include "tests/unit/engine/watched_store.hpp"

namespace pvsplan::engine::test {
namespace {

using When = Notify::When;
using Lines = std::vector<std::string>;

// Says of each what it is told to say, and takes its time.
class OddCourier final : public ports::Courier {
  public:
    ports::Delivery::State says = ports::Delivery::State::sent;
    int takes = 0;  // how often it is waited for, before it has sent
    bool is_twice = false;
    std::vector<nlohmann::json> taken;
    std::vector<std::size_t> to;
    int hurries = 0;
    int waits = 0;
    std::function<void()> when_waited;

    void send(ports::Notification one) override {
        taken.push_back(nlohmann::json::parse(one.content));
        raw = one.content;
        to.push_back(one.to);
        delivered_.push_back({.number = one.number, .to = one.to, .state = says, .attempts = 1, .why = "no answer"});
    }
    std::vector<ports::Delivery> take_delivered() override {
        if (waits < takes) return {};
        std::vector<ports::Delivery> all = std::exchange(delivered_, {});
        if (is_twice) {
            const std::vector<ports::Delivery> once = all;
            all.insert(all.end(), once.begin(), once.end());
            all.push_back({.number = 999, .to = 0, .state = says});
        }
        return all;
    }
    void hurry() override { ++hurries; }
    bool wait(ports::Millis) override {
        ++waits;
        if (when_waited) when_waited();
        return waits >= takes;
    }
    std::vector<ports::Delivery> open() override { return delivered_; }

    Lines news() const {
        Lines all;
        for (const auto& json : taken) {
            std::string text =
                json["at"].get<std::string>().substr(14, 5) + " " + json["state"].get<std::string>() + ":";
            for (const auto& step : json["steps"])
                text += " " + step["is"].get<std::string>() + " " + step["step"].get<std::string>();
            all.push_back(text + "; " + json["message"].get<std::string>() + "; " + json["next"].get<std::string>());
        }
        return all;
    }
    std::string raw;

  private:
    std::vector<ports::Delivery> delivered_;
};

struct HeardAll final : Observer {
    Lines notes;
    std::function<void(const Event&)> when_told;
    void on(const Event& event) override {
        if (event.type == Event::Type::note) notes.push_back(event.text);
        if (when_told) when_told(event);
    }
};

struct Interrupts final : ports::Signals {
    int times = 0;
    [[nodiscard]] int count() const override { return times; }
    [[nodiscard]] int number() const override { return 2; }
};

// One server, whose steps take five seconds each; time is virtual.
struct Slow {
    Folder folder;
    Plan plan = test::plan(1);
    std::unique_ptr<Farm> farm;
    ports::VirtualClock clock{1'000'000};  // 00:16:40
    OddCourier courier;
    HeardAll heard;
    Interrupts signals;
    Options options;
    std::string run;

    explicit Slow(const char* over = "local") {
        for (Object& object : plan.objects) object.connect["over"] = Value::string(over);
        plan.notify = {{.on = {When::waiting, When::failed, When::doubt, When::done}, .command = {"page"}}};
    }
    Slow& begin(std::vector<transport::SimulatedFault> faults = {}) {
        seal(plan);
        farm = std::make_unique<Farm>(open(folder), plan,
                                      transport::SimulatedOptions{.faults = std::move(faults), .step_ms = 5000});
        farm->environment.transports["local"] = farm->simulated.get();
        farm->environment.courier = &courier;
        farm->environment.clock = &clock;
        farm->environment.signals = &signals;
        return *this;
    }
    Ended starts() {
        Ended ended = start(farm->environment, plan, encode(plan), options, heard);
        run = ended.run;
        return ended;
    }
    Ended resumes() { return resume(farm->environment, run, {}, options, heard); }
    [[nodiscard]] std::size_t recorded(const std::string& kind) const {
        const auto lines = log(*farm->store, run);
        return static_cast<std::size_t>(
            std::count_if(lines->begin(), lines->end(), [&](const LogLine& line) { return line.kind == kind; }));
    }
    [[nodiscard]] state::RunState replayed() const { return *journal::replay(plan, *farm->store->records(run)); }
};

Node look_at_it(const char* id = "look") { return {.id = id, .type = Node::Type::approval, .text = "look at it"}; }

using StepFault = transport::SimulatedFault;

}  // namespace

TEST_CASE("notices: what happens within two seconds is told together, and once") {
    Slow slow;
    slow.plan.graph.nodes.insert(slow.plan.graph.nodes.end(), {look_at_it("look"), look_at_it("more")});
    CHECK(slow.begin().starts().outcome == Outcome::waiting);
    CHECK(slow.courier.news() == Lines{"16:42 waiting: approval look approval more; the run waits for a person; "
                                       "pvsplan approve " +
                                       slow.run + " look"});
    CHECK(slow.courier.hurries == 1);
    CHECK(slow.courier.waits == 1);
    const auto lines = log(*slow.farm->store, slow.run);  // that it is sent is recorded while the run goes on
    const auto place_of = [&](const std::string& kind) {
        return std::find_if(lines->begin(), lines->end(), [&](const LogLine& line) { return line.kind == kind; });
    };
    CHECK(place_of("sent") < place_of("finished"));
    CHECK(slow.replayed().received.empty());  // the number of what was told is no message
}

TEST_CASE("notices: what is over within two seconds is told to nobody") {
    Slow slow;
    slow.plan.graph.nodes.push_back(look_at_it());
    slow.begin();
    slow.heard.when_told = [&](const Event& event) {
        if (event.type != Event::Type::approval_wanted) return;
        const journal::Record message{.number = 1,
                                      .type = journal::Record::Type::approved,
                                      .node = "look",
                                      .value = slow.plan.digest,
                                      .by = "anna",
                                      .said = "m1"};
        const auto runs = slow.farm->store->runs();
        REQUIRE(slow.farm->store->post_message(runs->back().id, journal::encode(message)).ok());
    };
    CHECK(slow.starts().outcome == Outcome::done);
    CHECK(slow.courier.news() == Lines{"16:50 done:; all steps are done; "});
}

TEST_CASE("notices: a failure is told once it is not tried again, however soon that is") {
    for (const std::uint32_t fails : {1U, 2U}) {
        Slow slow;
        slow.plan.graph.nodes[0].retry = {.times = 1, .delay_ms = 10'000};
        slow.begin({{.step = "all[s0].stop", .when = StepFault::When::before, .attempts = fails}});
        slow.starts();
        const std::string resume = "pvsplan resume " + slow.run;
        CHECK(slow.courier.news() ==
              (fails == 1 ? Lines{"17:05 done:; all steps are done; "}
                          : Lines{"17:00 failed: failed all[s0].stop; a step failed; the run is halted; " + resume}));
        const auto lines = log(*slow.farm->store, slow.run);
        for (const LogLine& line : *lines)
            if (line.kind == "told" && fails == 2) CHECK_THAT(line.json, Catch::Contains(R"("failed all[s0].stop 2")"));
    }
}

TEST_CASE("notices: the first attempt of a step has no number, so that journals tell the same") {
    Slow slow;
    slow.begin({{.step = "all[s0].stop", .when = StepFault::When::before}}).starts();
    CHECK(slow.replayed().told.contains("failed all[s0].stop"));
}

TEST_CASE("notices: nobody is told of what nobody asked for") {
    Slow slow;
    slow.plan.notify[0].on = {When::doubt};
    slow.plan.graph.nodes.push_back(look_at_it());
    CHECK(slow.begin().starts().outcome == Outcome::waiting);
    CHECK(slow.courier.taken.empty());
    CHECK(slow.recorded("told") == 0);
    Slow failing;
    failing.plan.notify[0].on = {When::doubt};
    CHECK(failing.begin({{.step = "all[s0].stop", .when = StepFault::When::before}}).starts().outcome ==
          Outcome::failed);
    CHECK(failing.courier.taken.empty());
}

TEST_CASE("notices: a doubt is told when it comes, and the end of the run when that comes, each once") {
    HostStory story({}, 2);
    OddCourier courier;
    story.plan.notify = {{.on = {When::doubt}, .command = {"page"}}};
    seal(story.plan);
    story.farm->environment.courier = &courier;
    std::string key;
    story.hosts->answer = [&](const Job& job) -> std::vector<JobEvent> {
        if (job.type != Job::Type::command) return {};
        if (job.step == first_step) return {{.type = JobEventType::lost, .text = "gone"}};
        if (job.step != "all[s1].stop") return {};
        key = job.key;
        return {{.key = "nobody's"}};
    };
    HeardAll heard;  // the other step goes on for half a minute
    heard.when_told = [&](const Event& event) {
        if (event.type == Event::Type::heartbeat) story.farm->mailbox.post({.key = key, .exit_status = 1, .err = "no"});
    };
    const Ended ended = start(story.farm->environment, story.plan, encode(story.plan), {}, heard);
    CHECK(ended.outcome == Outcome::in_doubt);
    const std::string text = "a step is in doubt: an operator must decide; pvsplan status " + ended.run;
    CHECK(courier.news() == Lines{"16:42 doubt: doubt all[s0].stop; " + text, "17:10 doubt:; " + text});
    courier.taken.clear();
    heard.when_told = nullptr;
    story.hosts->answer = [](const Job& job) {
        const bool is_it = job.type == Job::Type::command && job.step == first_step;
        return is_it ? std::vector<JobEvent>{{.type = JobEventType::lost, .text = "gone"}} : std::vector<JobEvent>{};
    };
    // The other step is tried again meanwhile; once nothing changes any more, nothing is told.
    for (int i = 0; i < 3; ++i) {
        courier.taken.clear();
        CHECK(resume(story.farm->environment, ended.run, {}, {}, heard).outcome == Outcome::in_doubt);
    }
    CHECK(courier.news().empty());
}

TEST_CASE("notices: a run that stops where it was to says so, and how it goes on") {
    Slow slow;
    slow.options.until = "all[s0].start";
    CHECK(slow.begin().starts().outcome == Outcome::waiting);
    CHECK(slow.courier.news() ==
          Lines{"16:45 waiting: until all[s0].start; the run stops before `all[s0].start`, as it "
                "was to; `resume` goes on; pvsplan resume " +
                slow.run});
}

TEST_CASE("notices: of a step that a person does by hand the way on is to look at the run") {
    Slow slow;
    slow.plan.actions["start"].run = {.type = Body::Type::manual,
                                      .arguments = {Expr::literal(Value::string("start it"))}};
    CHECK(slow.begin().starts().outcome == Outcome::waiting);
    CHECK(slow.courier.news() ==
          Lines{"16:45 waiting: manual all[s0].start; the run waits for a person; pvsplan status " + slow.run});
}

TEST_CASE("notices: of a farm that is simulated each is said once, however late") {
    Slow slow("simulated");
    slow.plan.graph.nodes.push_back(look_at_it());
    CHECK(slow.begin().starts().outcome == Outcome::waiting);
    CHECK(slow.heard.notes ==
          Lines{"nobody is told, because the farm is simulated: `waiting` would go to the command `page`"});
    CHECK(slow.courier.taken.empty());
    CHECK(slow.courier.hurries == 0);
    CHECK(slow.recorded("told") == 0);
    CHECK(slow.resumes().outcome == Outcome::waiting);
    CHECK(slow.courier.taken.empty());
}

TEST_CASE("notices: long texts are cut, and not within a character") {
    const auto told = [](const std::string& text) {
        Slow slow;
        slow.plan.graph.nodes.push_back(look_at_it());
        slow.plan.graph.nodes.back().text = text;
        slow.begin().starts();
        REQUIRE(slow.courier.taken.size() == 1);
        CHECK(slow.courier.raw.find("\\u") == std::string::npos);  // text as it is
        return slow.courier.taken[0]["asked"].get<std::string>();
    };
    const std::string whole(600, 'x'), most(599, 'x');
    CHECK(told(whole) == whole);
    CHECK(told(whole + "y") == whole + "…");
    CHECK(told(most + "ä") == most + "…");
    CHECK(told(std::string(700, '\x80')) == "…");
}

TEST_CASE("notices: what a courier says twice, or of what nobody sent, is recorded once") {
    for (const auto says : {ports::Delivery::State::sent, ports::Delivery::State::given_up}) {
        Slow slow;
        slow.plan.notify.push_back({.on = {When::waiting}, .command = {"mail"}});
        slow.plan.graph.nodes.push_back(look_at_it());
        slow.courier.says = says;
        slow.courier.is_twice = true;
        CHECK(slow.begin().starts().outcome == Outcome::waiting);
        const bool is_sent = says == ports::Delivery::State::sent;
        CHECK(slow.recorded("sent") == (is_sent ? 2 : 0));
        CHECK(slow.recorded("unsent") == (is_sent ? 0 : 2));
        CHECK(slow.replayed().received.empty());
        CHECK(verify::first_fault(*verify_log(*slow.farm->store, slow.run)).empty());
    }
}

TEST_CASE("notices: the end of a run waits ten seconds for its courier, and no longer than somebody lets it") {
    const auto waits = [](int takes, int pressed_at) {
        Slow slow;
        slow.plan.graph.nodes.push_back(look_at_it());
        slow.courier.takes = takes;
        slow.courier.when_waited = [&] {
            if (slow.courier.waits == pressed_at) slow.signals.times = 2;
        };
        slow.begin().starts();
        return slow.courier.waits;
    };
    CHECK(waits(1, 1000) == 1);
    CHECK(waits(7, 1000) == 7);
    CHECK(waits(1000, 1000) == 100);
    CHECK(waits(1000, 3) == 3);
}

TEST_CASE("notices: what is not told yet is said of each receiver, with its own reason") {
    Plan plan = test::plan(1);
    plan.notify = {{.on = {When::waiting}, .command = {"page"}}, {.on = {When::waiting}, .command = {"mail"}}};
    state::RunState run(plan);
    run.notices[7] = {.when = "waiting", .open = {0, 1}};
    const Lines all = untold_of(run, {{.number = 7, .to = 1, .why = "no answer"},
                                      {.number = 8, .to = 0, .why = "of another"},
                                      {.number = 7, .to = 0, .why = ""}});
    CHECK(
        all ==
        Lines{"the command `page` (notify[0]) is not known to have been told `waiting`; `resume` sends it",
              "the command `mail` (notify[1]) is not known to have been told `waiting`: no answer; `resume` sends it"});
}

TEST_CASE(
    "notices: a run under way has told nobody yet, and that is no fault; nor is a run that cannot be read told of") {
    Slow slow;
    slow.plan.graph.nodes.push_back(look_at_it());
    slow.courier.says = ports::Delivery::State::open;
    slow.courier.takes = 1000;
    slow.begin().starts();
    CHECK(status(*slow.farm->store, slow.run)->untold.size() == 1);
    const auto held = slow.farm->store->acquire(
        "contoso", {.who = slow.farm->environment.me, .run = slow.run, .since = 1}, ports::Take::if_free);
    REQUIRE(held->lease);
    CHECK(status(*slow.farm->store, slow.run)->untold.empty());
    REQUIRE(slow.farm->store->release(*held->lease).ok());

    auto watched = std::make_unique<WatchedStore>(std::move(slow.farm->store));
    watched->before = [](std::string_view name) {
        return name == "records" ? WatchedStore::CallResult::fails : WatchedStore::CallResult::works;
    };
    slow.farm->environment.store = watched.get();
    slow.farm->store = std::move(watched);
    CHECK(send_what_is_left(slow.farm->environment, slow.run) == "");
    CHECK(usual_durations(*slow.farm->store, "restart")->empty());
}

}  // namespace pvsplan::engine::test
