// What people do: steps that are done by hand, answers at the terminal of the run, and what nobody needs to do.
#include <catch2/catch.hpp>

#include "tests/unit/engine/hosts.hpp"

namespace pvsplan::engine::test {
namespace {

// Somebody sits at the terminal, and is asked in every turn.
struct Sitting final : Person {
    std::function<std::vector<Answer>()> says;
    std::vector<Answer> answers() override { return says ? says() : std::vector<Answer>{}; }
};

// The first step is done by hand.
void by_hand(Plan& plan) {
    plan.actions["stop"].run = {.type = Body::Type::manual, .arguments = {Expr::literal(Value::string("pull it"))}};
    plan.graph.nodes[0].undo.steps.nodes[0].action = "start";
    plan.graph.nodes[1].undo = {};
}

// Once a person is wanted, says this and has done that.
void answer_once_wanted(HostStory& story, Sitting& person, std::vector<Person::Answer> answers, const char* stream) {
    person.says = [&story, answers = std::move(answers), stream]() mutable {
        if (story.told.text_of(Event::Type::person_wanted) == "(none)") return std::vector<Person::Answer>{};
        story.hosts->streams[ObjectId(0)] = stream;
        return std::exchange(answers, {});
    };
    story.options.person = &person;
}

}  // namespace

TEST_CASE("by hand: a step is done once a person says so and it can be seen") {
    HostStory story(by_hand);
    Sitting person;
    answer_once_wanted(story, person, {{first_step, "it is out"}}, "stopped");
    story.go();
    CHECK(story.ended.outcome == Outcome::done);
    CHECK(story.told.text_of(Event::Type::person_wanted) == "pull it");
    const std::string user = story.farm->environment.me.user;
    CHECK(has(story.last("reconciled"), "finished, it is out, by " + user));
    CHECK(has(story.last("reconciled"), "server/s0.stream = stopped"));
    CHECK(story.hosts->commands() == 1);  // the other step
    CHECK(story.told.text_of(Event::Type::step_finished).empty());
    CHECK(story.fault() == "");
}

TEST_CASE("by hand: what a person says is not believed where something else is seen") {
    HostStory story(by_hand);
    Sitting person;
    answer_once_wanted(story, person, {{first_step, "it is out"}}, "running");
    story.go();
    CHECK(story.ended.outcome == Outcome::failed);
    REQUIRE(story.ended.wanted.size() == 1);
    CHECK(story.ended.wanted[0].text == "its command succeeded, but server/s0.stream is running, not stopped");
    CHECK(story.hosts->commands() == 0);
}

TEST_CASE("by hand: what a person did and nobody can see is in doubt, on no host and as no job") {
    HostStory story(by_hand);
    story.observation({{.exit_status = 1, .err = "denied"}});
    Sitting person;
    answer_once_wanted(story, person, {{first_step, "it is out"}}, "stopped");
    CHECK(story.go().ended.outcome == Outcome::in_doubt);
    REQUIRE(story.ended.wanted.size() == 1);
    CHECK(story.ended.wanted[0].where == "");
    CHECK_FALSE(story.ended.wanted[0].has_command);
}

TEST_CASE("by hand: where something else is seen than what a person was to do, the person is asked again") {
    HostStory story([](Plan& plan) {
        by_hand(plan);
        plan.kinds["server"].state[0].type = Type::enumeration({"running", "stopped", "paused"});
        plan.actions["stop"].precondition = nullptr;
    });
    Sitting person;
    answer_once_wanted(story, person, {{first_step, "it is out"}}, "paused");
    CHECK(story.go().ended.outcome == Outcome::failed);
    story.options.person = nullptr;
    CHECK(story.again().ended.outcome == Outcome::waiting);
}

TEST_CASE("by hand: what nobody waits for is refused, and changes nothing") {
    HostStory story(
        [](Plan& plan) {
            by_hand(plan);
            plan.actions["halt"] = action("halt", "running", "stopped");
            plan.graph.nodes[2].action = "halt";
        },
        2);
    std::string key;  // of a command that runs meanwhile
    story.hosts->answer = [&](const Job& job) {
        if (job.type != Job::Type::command || job.step != "all[s1].stop") return std::vector<JobEvent>{};
        key = job.key;
        return std::vector<JobEvent>{{.type = JobEventType::output, .text = "it runs"}};
    };
    Sitting person;
    int turn = 0;
    person.says = [&]() -> std::vector<Person::Answer> {
        if (key.empty() || ++turn > 2) return {};
        if (turn == 1) return {{"nothing", ""}, {"all[s0].start", ""}, {"all[s1].stop", ""}};
        story.hosts->streams[ObjectId(0)] = story.hosts->streams[ObjectId(1)] = "stopped";
        story.farm->mailbox.post({.key = key});
        return {{first_step, "it is out"}};
    };
    story.options.person = &person;
    story.go();
    CHECK(story.ended.outcome == Outcome::done);
    std::string refused;
    const auto lines = log(*story.farm->store, story.run);
    for (const LogLine& line : *lines)
        if (line.kind == "refused") refused += line.node + " ";
    CHECK(refused == "nothing all[s0].start all[s1].stop ");
    CHECK(story.hosts->commands() == 3);
    CHECK(story.fault() == "");
}

TEST_CASE("by hand: where nobody is there the run waits, and whoever resumes it is asked again") {
    HostStory story(by_hand);
    for (int i = 0; i < 2; ++i) {
        i == 0 ? story.go() : story.again();
        CHECK(story.ended.outcome == Outcome::waiting);
        REQUIRE(story.ended.wanted.size() == 1);
        CHECK(story.ended.wanted[0].type == Wanted::Type::manual);
        CHECK(story.ended.wanted[0].node == first_step);
        CHECK(story.ended.wanted[0].text == "pull it");
    }
    const auto stands = status(*story.farm->store, story.run);
    CHECK(stands->nodes[0].attempts == 1);
    CHECK(stands->nodes[0].state == "wants a person");
    CHECK(stands->nodes[0].text == "pull it");
    REQUIRE(stands->wanted.size() == 1);
    CHECK(stands->wanted[0].text == "pull it");
    const OperatorDecision done{OperatorDecision::Type::done, first_step, "it is out", {}};
    CHECK(story.again({done}).ended.outcome == Outcome::usage);
    story.hosts->streams[ObjectId(0)] = "stopped";
    CHECK(story.again({done}).ended.outcome == Outcome::done);
    CHECK(story.hosts->commands() == 1);
    CHECK(story.fault() == "");
}

TEST_CASE("by hand: what a person was to do may have begun when the run goes back") {
    HostStory story(
        [](Plan& plan) {
            by_hand(plan);
            plan.actions["halt"] = action("halt", "running", "stopped");
            plan.graph.nodes[2].action = "halt";
            for (Node& node : plan.graph.nodes) node.on_failure = OnFailure::rollback;
            plan.graph.nodes[0].undo.steps.nodes[0].action = "start";
        },
        2);
    story.hosts->streams[ObjectId(0)] = "stopped";
    story.hosts->answer = [](const Job& job) {
        const bool is_it = job.type == Job::Type::command && job.step == "all[s1].stop";
        return is_it ? std::vector<JobEvent>{{.exit_status = 1}} : std::vector<JobEvent>{};
    };
    story.go();
    CHECK(story.ended.outcome == Outcome::rolled_back);
    CHECK(story.told.text_of(Event::Type::step_reconciled) == "it may have begun");
    CHECK(story.hosts->streams[ObjectId(0)] == "running");
    CHECK(story.fault() == "");
}

TEST_CASE("by hand: a step of which what it requires does not hold is refused, and nothing is begun") {
    HostStory story([](Plan& plan) { plan.objects[0].state["stream"] = Value::enumerator("stopped"); });
    const std::string why = "it requires `on.stream == running`, which does not hold: server/s0.stream is stopped";
    story.go();
    CHECK(story.ended.outcome == Outcome::failed);
    CHECK(story.hosts->commands() == 0);
    CHECK(story.last("failed") == why);
    CHECK(story.told.text_of(Event::Type::step_failed) == why);
    CHECK(story.told.text_of(Event::Type::step_started) == "(none)");
    CHECK(status(*story.farm->store, story.run)->nodes[0].attempts == 0);
    CHECK(story.fault() == "");
}

// `when`, and one within it, read a state that no farm file says and nobody has seen.
TEST_CASE("by hand: a condition that cannot be decided fails the first step under it, and asks where there is none") {
    struct Row {
        Node::Type under;
        bool is_inner;  // the step is under a condition within it
    };
    for (const Row& row : {Row{Node::Type::action, false}, Row{Node::Type::action, true},
                           Row{Node::Type::approval, false}, Row{Node::Type::approval, true}}) {
        HostStory story([&](Plan& plan) {
            plan.kinds["server"].state.push_back({"level", Type::enumeration({"low", "high"}), std::nullopt});
            const auto level = std::make_shared<const Expr>(
                Expr{.op = Expr::Op::state, .name = "level", .args = {Expr::literal(Value::object(ObjectId(0)))}});
            const auto is_high =
                std::make_shared<const Expr>(Expr{.op = Expr::Op::equal, .args = {level, word("high")}});
            plan.guards = {{.step = "outer", .condition = is_high},
                           {.step = "inner", .condition = Expr::literal(Value::boolean(true)), .parent = GuardId(0)}};
            Node& under = plan.graph.nodes[1];
            under.guard = GuardId(row.is_inner ? 1 : 0);
            if (row.under == Node::Type::approval)
                under = {.id = "look", .type = Node::Type::approval, .guard = under.guard, .text = "look at it"};
        });
        INFO(static_cast<int>(row.under) << row.is_inner);
        story.go();
        CHECK(story.fault() == "");
        CHECK(story.hosts->commands() == 1);
        if (row.under == Node::Type::approval) {
            CHECK(story.ended.outcome == Outcome::waiting);
            REQUIRE(story.ended.wanted.size() == 1);
            CHECK(story.ended.wanted[0].node == "look");
            continue;
        }
        CHECK(story.ended.outcome == Outcome::failed);
        REQUIRE(story.ended.wanted.size() == 1);
        CHECK(story.ended.wanted[0].node == "all[s0].start");
        CHECK(
            story.ended.wanted[0].text ==
            "its `when` cannot be decided: `s0.level == high`: server/s0.level is not known: no observation tells it");
    }
}

}  // namespace pvsplan::engine::test
