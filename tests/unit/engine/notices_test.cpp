// Who is told of a run, once each, and that nothing of it changes how the run goes.
#include "runtime/engine/notices.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using When = Notify::When;
using News = std::vector<std::string>;

// Takes what it is given, and says of each what it is told to say.
class TestCourier final : public ports::Courier {
  public:
    ports::Delivery::State says = ports::Delivery::State::sent;
    std::vector<ports::Notification> taken;

    void send(ports::Notification one) override {
        delivered_.push_back(
            {.number = one.number, .to = one.to, .state = says, .attempts = 1, .why = "nobody is there"});
        taken.push_back(std::move(one));
    }
    std::vector<ports::Delivery> take_delivered() override {
        if (says == ports::Delivery::State::open) return {};
        return std::exchange(delivered_, {});
    }
    void hurry() override {}
    bool wait(ports::Millis) override { return true; }
    std::vector<ports::Delivery> open() override { return delivered_; }

    // What came since the last call: "waiting to 0: look; the run waits for a person".
    News news() {
        News all;
        for (const ports::Notification& one : std::exchange(taken, {})) {
            const auto json = nlohmann::json::parse(one.content);
            std::string text = json["state"].get<std::string>() + " to " + std::to_string(one.to) + ":";
            for (const auto& step : json["steps"])
                text += " " + step["is"].get<std::string>() + " " + step["step"].get<std::string>() + ";";
            all.push_back(text + " " + json["message"].get<std::string>());
        }
        return all;
    }

  private:
    std::vector<ports::Delivery> delivered_;
};

class HeardNotes final : public Observer {
  public:
    std::vector<std::string> notes;
    void on(const Event& event) override {
        if (event.type == Event::Type::note) notes.push_back(event.text);
    }
};

// One server that is stopped and started, after somebody said yes; on a real host, as far as the engine can tell.
struct Telling {
    Folder folder;
    Plan plan;
    std::unique_ptr<Farm> farm;
    TestCourier courier;
    HeardNotes notes;
    std::string run;

    explicit Telling(const char* over = "local", std::size_t approvals = 1) : plan(test::plan(1)) {
        for (Object& object : plan.objects) object.connect["over"] = Value::string(over);
        plan.notify = {{.on = {When::waiting, When::failed, When::doubt, When::done}, .command = {"page"}},
                       {.on = {When::failed}, .channel = Notify::Channel::webhook, .url = "https://chat/x"}};
        std::vector<Node> looks;
        for (std::size_t i = 0; i < approvals; ++i)
            looks.push_back({.id = "look" + std::to_string(i), .type = Node::Type::approval, .text = "look at it"});
        plan.graph.nodes.insert(plan.graph.nodes.begin(), looks.begin(), looks.end());
        plan.graph.edges.clear();
        for (std::size_t i = 0; i < approvals; ++i) plan.graph.edges.push_back({NodeId(i), NodeId(approvals)});
        plan.graph.edges.push_back({NodeId(approvals), NodeId(approvals + 1)});
        seal(plan);
        begin({});
    }
    void begin(transport::SimulatedOptions options) {
        farm = std::make_unique<Farm>(open(folder), plan, std::move(options));
        farm->environment.transports["local"] = farm->simulated.get();
        farm->environment.courier = &courier;
    }
    Ended starts() {
        Ended ended = start(farm->environment, plan, encode(plan), {}, notes);
        run = ended.run;
        return ended;
    }
    Ended resumes() { return resume(farm->environment, run, {}, {}, notes); }
    void approves(const std::string& node = "look0") {
        REQUIRE(approve(farm->environment, run, node, "").outcome == Outcome::done);
    }
    [[nodiscard]] std::size_t recorded(const std::string& kind) const {
        const auto lines = log(*farm->store, run);
        return static_cast<std::size_t>(
            std::count_if(lines->begin(), lines->end(), [&](const LogLine& line) { return line.kind == kind; }));
    }
    void is_kept() const { CHECK(verify::first_fault(*verify_log(*farm->store, run)).empty()); }
};

}  // namespace

TEST_CASE("notices: each step that waits and the end of the run are told once") {
    Telling told;
    CHECK(told.starts().outcome == Outcome::waiting);
    CHECK(told.courier.news() == News{"waiting to 0: approval look0; the run waits for a person"});
    CHECK(told.resumes().outcome == Outcome::waiting);  // nothing is new
    CHECK(told.courier.news().empty());
    told.approves();
    const Ended done = told.resumes();
    CHECK(done.outcome == Outcome::done);
    CHECK(done.untold.empty());
    CHECK(told.courier.news() == News{"done to 0: all steps are done"});
    CHECK(told.recorded("told") == 2);
    CHECK(told.recorded("sent") == 2);
    CHECK(told.resumes().message == "the run " + told.run + " is done: nothing is left to do");
    CHECK(told.courier.news().empty());
    told.is_kept();
}

TEST_CASE("notices: the content says what there is to know, and what to type") {
    Telling told;
    told.farm->environment.me.host = "ws";
    told.farm->environment.me.user = "anna";
    told.starts();
    REQUIRE(told.courier.taken.size() == 1);
    const auto json = nlohmann::json::parse(told.courier.taken[0].content);
    CHECK(json["run"] == told.run);
    CHECK(json["farm"] == "contoso");
    CHECK(json["plan"] == "restart");
    CHECK(json["state"] == "waiting");
    CHECK(json["step"] == "look0");
    CHECK(json["asked"] == "look at it");
    CHECK(json["host"] == "ws");
    CHECK(json["by"] == "anna");
    CHECK(json["more"] == 0);
    CHECK(json["next"] == "pvsplan approve " + told.run + " look0");
}

TEST_CASE("notices: what was not sent when the process ended is sent by whoever resumes") {
    Telling told;
    told.courier.says = ports::Delivery::State::open;
    const Ended first = told.starts();
    CHECK(first.outcome == Outcome::waiting);
    const std::string untold = "the command `page` (notify[0]) is not known to have been told `waiting`";
    CHECK(first.untold == News{untold + ": nobody is there; `resume` sends it"});
    CHECK(status(*told.farm->store, told.run)->untold == News{untold + "; `resume` sends it"});
    told.courier.news();
    TestCourier works;
    told.farm->environment.courier = &works;
    CHECK(told.resumes().untold.empty());
    CHECK(works.news() == News{"waiting to 0: approval look0; the run waits for a person"});
    CHECK(told.resumes().outcome == Outcome::waiting);
    CHECK(works.news().empty());
    CHECK(status(*told.farm->store, told.run)->untold.empty());
    told.is_kept();
}

TEST_CASE("notices: a run that is over is told by a later resume, and stays over") {
    Telling told;
    told.starts();
    told.approves();
    told.courier.says = ports::Delivery::State::open;
    CHECK(told.resumes().outcome == Outcome::done);
    TestCourier works;
    told.farm->environment.courier = &works;
    const Ended again = told.resumes();
    CHECK(again.outcome == Outcome::done);
    CHECK(again.message == "the run " + told.run + " is done: nothing is left to do; what was not told yet is sent");
    CHECK(works.news() == News{"done to 0: all steps are done"});
    CHECK_FALSE(told.farm->store->held(told.plan.farm)->has_value());
    CHECK(told.resumes().message == "the run " + told.run + " is done: nothing is left to do");
    told.is_kept();
}

TEST_CASE("notices: that a run is given up is how it ends, and is told") {
    Telling told;
    told.starts();
    told.courier.taken.clear();
    const auto abandons = [&] { return abandon(told.farm->environment, told.run, "the window is over"); };
    const std::string words =
        "done to 0: the run " + told.run + " is given up; the farm contoso stays as it is: the window is over";
    SECTION("once") {
        CHECK(abandons().untold.empty());
        CHECK(told.courier.news() == News{words});
        CHECK(told.recorded("told") == 2);
        CHECK(told.recorded("sent") == 2);
        abandons();
        CHECK(told.courier.news().empty());
    }
    SECTION("nobody is there: it is said, and the run is over all the same") {
        told.courier.says = ports::Delivery::State::given_up;
        const Ended ended = abandons();
        CHECK(ended.outcome == Outcome::done);
        REQUIRE(ended.untold.size() == 1);
        CHECK(ended.untold[0] ==
              "the command `page` (notify[0]) was not told `done`, which was given up: nobody is there");
    }
    told.is_kept();
}

TEST_CASE("notices: whoever gives a run up sends what was not known to be sent") {
    Telling told;
    told.courier.says = ports::Delivery::State::open;
    told.starts();
    const News waits = told.courier.news();
    REQUIRE(waits.size() == 1);
    told.courier.says = ports::Delivery::State::sent;
    CHECK(abandon(told.farm->environment, told.run, "").untold.empty());
    const News news = told.courier.news();
    REQUIRE(news.size() == 2);
    CHECK(news[0] == waits[0]);
    CHECK(news[1].starts_with("done to 0: the run "));
    told.is_kept();
}

TEST_CASE("notices: what is given up is said, and the run goes on") {
    Telling told;
    told.courier.says = ports::Delivery::State::given_up;
    const Ended first = told.starts();
    CHECK(first.outcome == Outcome::waiting);
    CHECK(first.untold ==
          News{"the command `page` (notify[0]) was not told `waiting`, which was given up: nobody is there"});
    CHECK(told.notes.notes == News{"the command `page` (notify[0]) was not told: nobody is there"});
    CHECK(status(*told.farm->store, told.run)->untold == first.untold);
    told.courier.news();
    told.courier.says = ports::Delivery::State::sent;
    told.approves();
    CHECK(told.resumes().outcome == Outcome::done);
    CHECK(told.courier.news() == News{"done to 0: all steps are done"});
    told.is_kept();
}

TEST_CASE("notices: a failure is told to each who asks for it, and again when it fails again") {
    using Fault = transport::SimulatedFault;
    Telling told;
    told.begin({.faults = {{.step = "all[s0].stop", .when = Fault::When::before}}});
    told.starts();
    told.courier.news();
    told.approves();
    CHECK(told.resumes().outcome == Outcome::failed);
    const News first = told.courier.news();
    CHECK(first == News{"failed to 0: failed all[s0].stop; a step failed; the run is halted",
                        "failed to 1: failed all[s0].stop; a step failed; the run is halted"});
    CHECK(told.resumes().outcome == Outcome::failed);
    CHECK(told.courier.news().size() == 2);
    const Ended back = rollback(told.farm->environment, told.run, {}, {}, told.notes);
    CHECK(back.outcome == Outcome::rolled_back);
    CHECK(told.courier.news() == News{"done to 0: all that was done is undone"});
    told.is_kept();
}

TEST_CASE("notices: a thousand steps that wait at once are one message") {
    Telling told("local", 1000);
    CHECK(told.starts().outcome == Outcome::waiting);
    REQUIRE(told.courier.taken.size() == 1);
    const auto json = nlohmann::json::parse(told.courier.taken[0].content);
    CHECK(json["steps"].size() == 10);
    CHECK(json["more"] == 990);
    CHECK(told.resumes().outcome == Outcome::waiting);
    CHECK(told.courier.taken.size() == 1);
}

TEST_CASE("notices: of a farm that is simulated nobody is told, which is said") {
    Telling told("simulated");
    CHECK(told.starts().outcome == Outcome::waiting);
    CHECK(told.courier.taken.empty());
    CHECK(told.notes.notes ==
          News{"nobody is told, because the farm is simulated: `waiting` would go to the command `page`"});
    CHECK(told.recorded("told") == 0);
}

TEST_CASE("notices: without the secret that it needs a notification is given up at once") {
    Telling told;
    told.plan.notify = {{.on = {When::waiting},
                         .channel = Notify::Channel::webhook,
                         .url_secret = "hook",
                         .format = Notify::Format::slack}};
    seal(told.plan);
    CHECK(told.starts().untold ==
          News{"a webhook in the secret `hook` (slack) (notify[0]) was not told `waiting`, which was given up: the "
               "secret `hook` is wanted, but no source of secrets is configured"});
    CHECK(told.courier.taken.empty());
}

}  // namespace pvsplan::engine::test
