// What a person may say of a step, in every state that it can be in, whoever does it, and what becomes of that.
#include <catch2/catch.hpp>

#include "tests/unit/engine/hosts.hpp"
#include "tests/unit/golden.hpp"

namespace pvsplan::engine::test {
namespace {

using DecisionType = OperatorDecision::Type;

struct Stopped final : ports::Signals {
    int times = 0;
    [[nodiscard]] int count() const override { return times; }
    [[nodiscard]] int number() const override { return 2; }
};

enum class Before : std::uint8_t { waiting, skipped, started, in_doubt, failed, unreached, finished };
constexpr const char* names_before[] = {"waiting", "skipped", "started", "in doubt", "failed", "unreached", "finished"};

// Two steps on a host; the first is of that body, and stands so.
class OneStep {
  public:
    OneStep(Body::Type body, Before before) : story_([&](Plan& plan) { change(plan, body, before); }) {
        story_.farm->environment.signals = &signals_;
        story_.farm->environment.me.user = "otto";
        story_.farm->environment.me.host = "here";
        bool was_asked = false;
        story_.hosts->answer = [this, before, was_asked](const Job& job) mutable -> std::vector<JobEvent> {
            if (job.step != first_step || job.ask != Job::Ask::start || std::exchange(was_asked, true)) return {};
            switch (before) {
                case Before::in_doubt: return {{.type = JobEventType::lost, .text = "gone"}};
                case Before::failed: return {{.exit_status = 1, .err = "no room"}};
                case Before::unreached: return {{.type = JobEventType::never_started, .text = "no route"}};
                default: return {};
            }
        };
        if (before == Before::started)
            story_.hosts->answer = [this](const Job& job) -> std::vector<JobEvent> {
                if (job.type == Job::Type::claim) return {};
                signals_.times = 2;
                return {{.key = "nobody's"}};
            };
        story_.go();
        signals_.times = 0;
        story_.hosts->answer = nullptr;
        story_.hosts->jobs.clear();
    }

    // What becomes of it, on one line.
    std::string decide(DecisionType is, const char* stream) {
        story_.hosts->streams[ObjectId(0)] = stream;
        story_.again({{is, first_step, "", {}}});
        std::string asked;
        for (const Job& job : story_.hosts->jobs) {
            constexpr const char* asks[] = {"start", "attach", "look", "kill"};
            if (job.type == Job::Type::command && job.step == first_step)
                asked += std::string(" ") + asks[static_cast<std::size_t>(job.ask)];
            if (job.type == Job::Type::observation) asked += " see";
        }
        std::string message = story_.ended.message;
        if (const std::size_t at = message.find(story_.run); at != std::string::npos)
            message.replace(at, story_.run.size(), "RUN");
        return std::to_string(exit_status(story_.ended)) + ": " + message + " (" + first_state() + ";" + asked + ")";
    }
    [[nodiscard]] std::string first_state() const {
        const auto found = status(*story_.farm->store, story_.run);
        for (const NodeStatus& node : found->nodes)
            if (node.node == first_step) return node.state;
        return "no such step";
    }
    [[nodiscard]] std::string fault() const { return story_.fault(); }

  private:
    static void change(Plan& plan, Body::Type body, Before before) {
        plan.actions["stop"].run = {.type = body, .until = stream_is("stopped"), .every_ms = 100, .at_most_ms = 1000};
        plan.graph.nodes[1].undo = plan.graph.nodes[0].undo = {};
        if (before == Before::skipped) {
            plan.guards = {{.step = first_step, .condition = Expr::literal(Value::boolean(false))}};
            plan.graph.nodes[0].guard = plan.graph.nodes[1].guard = GuardId(0);
        }
        const Node look{.id = "look", .type = Node::Type::approval, .text = "look"};
        plan.graph.nodes.insert(before == Before::waiting ? plan.graph.nodes.begin() : plan.graph.nodes.end(), look);
        plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}, {.from = NodeId(1), .to = NodeId(2)}};
    }

    Stopped signals_;
    HostStory story_;
};

}  // namespace

TEST_CASE("decided: of each step, in each state, by each decision") {
    static const pvsplan::test::Golden table("tests/unit/engine/decided.txt",
                                             "What a person may say of a step, for tests/unit/engine/decided_test.cpp: "
                                             "how the command ends (how the step is "
                                             "then; what was asked of its host).\nWritten by PVSPLAN_BLESS=1 "
                                             "test_engine 'decided*'; each line was read by a "
                                             "person, and a change of one wants that again.\n");
    struct Row {
        const char* name;
        Body::Type body;
        std::vector<Before> all;
    };
    const Row rows[] = {{"a command",
                         Body::Type::command,
                         {Before::waiting, Before::skipped, Before::started, Before::in_doubt, Before::failed,
                          Before::unreached, Before::finished}},
                        {"a wait", Body::Type::wait, {Before::started, Before::failed}},
                        {"nothing to run", Body::Type::none, {Before::started, Before::failed}},
                        {"by hand", Body::Type::manual, {Before::started}}};
    const std::pair<const char*, DecisionType> decisions[] = {
        {"done", DecisionType::done}, {"redo", DecisionType::redo}, {"kill", DecisionType::kill}};
    for (const auto& [name, body, all] : rows) {
        std::vector<std::string> lines;
        for (const Before before : all) {
            lines.push_back(names_before[static_cast<std::size_t>(before)] + std::string(", told as ") +
                            OneStep(body, before).first_state());
            for (const auto& [option, decision] : decisions)
                for (const char* stream : {"running", "stopped"}) {
                    OneStep step(body, before);
                    lines.push_back(std::string("  --") + option + ", it is " + stream + ": " +
                                    step.decide(decision, stream));
                    if (!step.fault().empty()) lines.back() += " FAULT " + step.fault();
                }
        }
        table.expect(name, lines);
    }
}

TEST_CASE("decided: another step of the call excuses a state only where it sets that to what is seen") {
    HostStory story(
        [](Plan& plan) {
            plan.actions["halt"] = action("halt", "running", "stopped");
            plan.graph.nodes.push_back(step("halt", "halt", "stopped", "start", "running", ObjectId(0)));
        },
        2);
    story.hosts->answer = [](const Job& job) {
        const bool fails = job.step == first_step || job.step == "all[s1].start" || job.step == "halt";
        return job.type == Job::Type::command && fails ? std::vector<JobEvent>{{.exit_status = 1, .err = "no"}}
                                                       : std::vector<JobEvent>{};
    };
    story.go();
    story.hosts->answer = nullptr;
    const auto said = [&](DecisionType first, const char* other, DecisionType second) {
        return story.again({{first, first_step, "", {}}, {second, other, "", {}}}).ended;
    };
    story.hosts->streams[ObjectId(0)] = story.hosts->streams[ObjectId(1)] = "running";
    const std::string refused = "`all[s0].stop` is not done: server/s0.stream is running, not stopped";
    CHECK(said(DecisionType::done, "all[s1].start", DecisionType::done).message == refused);  // of another object
    CHECK(said(DecisionType::done, "halt", DecisionType::done).message == refused);           // to something else
    story.hosts->streams[ObjectId(0)] = "stopped";
    story.hosts->streams[ObjectId(1)] = "stopped";
    // What is said of one step contradicts nothing that is said of another.
    CHECK(said(DecisionType::done, "halt", DecisionType::redo).message == "a step failed; the run is halted");
}

}  // namespace pvsplan::engine::test
