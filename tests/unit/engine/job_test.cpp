// From a step to its job: what is refused before anything begins, where it runs, and which secrets it is given.
#include "runtime/engine/job.hpp"

#include <catch2/catch.hpp>

#include <set>

#include "runtime/state/rollback_program.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

ExprPtr local(std::uint32_t number, const char* name) {
    return program::make_expr({.op = Expr::Op::local, .local = number, .name = name});
}
ExprPtr output(const char* step, const char* name) {
    return program::make_expr({.op = Expr::Op::output, .name = name, .step = step});
}
ExprPtr secret(const char* name) { return Expr::literal(Value::secret(name)); }

// Two servers on hosts; the first step takes parameters of three types.
Plan on_hosts() {
    Plan plan = test::plan(2);
    for (Object& object : plan.objects) object.connect = {{"over", Value::enumerator("ssh")}};
    Action& stop = plan.actions["stop"];
    stop.parameters = {{"count", Type::of(Type::Category::integer)},
                       {"word", Type::of(Type::Category::string)},
                       {"key", Type::of(Type::Category::secret)}};
    plan.graph.nodes[0].with = {Expr::literal(Value::integer(3)), Expr::literal(Value::string("w")), secret("k")};
    return plan;
}

class Known final : public ports::Secrets {
  public:
    base::Result<std::string> read(const std::string& name) override {
        asked.insert(name);
        if (name == "missing") return base::Error{"there is no secret `missing`"};
        return "value of " + name;
    }
    std::set<std::string> asked;
};

std::string refused(const Plan& plan, const auto& change) {
    state::RunState run(plan);
    change(run);
    return prepare(run, plan.graph.nodes[0]).refused;
}
std::string refused(const Plan& plan) {
    return refused(plan, [](state::RunState&) {});
}

}  // namespace

TEST_CASE("job: what is known of a step is prepared when its turn comes") {
    Plan plan = on_hosts();
    plan.objects[0].state["version"] = Value::integer(7);
    const state::RunState run(plan);
    const Prepared prepared = prepare(run, plan.graph.nodes[0]);
    CHECK(prepared.refused == "");
    REQUIRE(prepared.frame.size() == 4);
    CHECK((prepared.frame[0] == Value::object(ObjectId(0)) && prepared.frame[1] == Value::integer(3)));
    REQUIRE(prepared.sets.size() == 1);
    CHECK(prepared.sets[0].value == Value::enumerator("stopped"));
    CHECK(prepared.before.at(ObjectId(0)).size() == 2);  // all of `on`, be it not set
    CHECK(prepared.before.at(ObjectId(0)).at("stream") == Value::enumerator("running"));

    plan.graph.nodes[0].sets.push_back({ObjectId(1), "stream", word("stopped")});  // of others what is set
    plan.objects[1].state["version"] = Value::integer(8);
    const state::RunState other(plan);
    CHECK(prepare(other, plan.graph.nodes[0]).before.at(ObjectId(1)).size() == 1);
    plan.graph.nodes[0].action = "gone";
    CHECK(refused(plan) == "the plan has no action `gone`");
}

TEST_CASE("job: nothing starts with a value that nobody knows or that is of another type") {
    Plan plan = on_hosts();
    const auto with = [&](std::size_t i, const ExprPtr& expr) {
        Plan changed = plan;
        changed.graph.nodes[0].with[i] = expr;
        return changed;
    };
    const Plan unknown = with(0, output("all[s1].stop", "n"));
    CHECK(refused(unknown).find("its `count` is not known: ") == 0);
    const auto finished = [](const char* value) {
        return [value](state::RunState& run) {
            run.forward.nodes[2].phase = state::Phase::finished;
            run.forward.nodes[2].outputs["n"] = Value::string(value);
        };
    };
    CHECK(refused(unknown, finished("12")) == "");
    CHECK(refused(unknown, finished("x")) == "its `count` is `x`, which is no int");
    Plan modelled = unknown;  // a farm that is simulated knows no outputs
    for (Object& object : modelled.objects) object.connect.clear();
    CHECK(refused(modelled, finished("x")) == "");

    const Plan nul = with(1, Expr::literal(Value::string(std::string("a\0b", 3))));
    CHECK(refused(nul) == "");  // a script may be given it
    Plan command = nul;
    command.actions["stop"].run.type = Body::Type::command;
    CHECK(refused(command) == "its `word` holds a NUL, which no argument of a process can");
}

TEST_CASE("job: nothing starts where what it requires does not hold, or nobody can tell") {
    Plan plan = on_hosts();
    plan.objects[0].state["stream"] = Value::enumerator("stopped");
    CHECK(refused(plan) == "it requires `on.stream == running`, which does not hold: server/s0.stream is stopped");
    plan.objects[0].state.clear();
    CHECK(refused(plan).find("nobody knows whether what it requires holds: ") == 0);
    const auto rolls_back = [](state::RunState& run) {
        run.forward.nodes[0].phase = state::Phase::finished;
        run.forward.nodes[0].began = true;
        run.forward.nodes[0].started_as = 1;
        run.forward.nodes[0].ended_as = run.forward.nodes[0].left_as = 2;
        run.back = state::derive_rollback(run);
    };
    CHECK(refused(plan, rolls_back) == "");
    plan.actions["stop"].precondition = nullptr;
    CHECK(refused(plan) == "");
    plan.actions["stop"].at = local(2, "word");
    CHECK(refused(plan).find("nobody knows where it runs: ") == 0);
    plan.actions["stop"].at = nullptr;
    plan.actions["stop"].run = {.type = Body::Type::command,
                                .arguments = {local(1, "count"), output("all[s1].stop", "n")}};
    CHECK(refused(plan).find("argument 2 of its command is not known: ") == 0);
    plan.actions["stop"].run.arguments.pop_back();
    CHECK(refused(plan) == "");
    plan.graph.nodes[0].sets = {{ObjectId(1), "stream", output("all[s1].stop", "n")}};
    CHECK(refused(plan).find("nobody knows what it sets `server/s1.stream` to: ") == 0);
    for (Object& object : plan.objects) object.connect.clear();
    CHECK(refused(plan) == "");
    const state::RunState run(plan);
    CHECK(prepare(run, plan.graph.nodes[0]).sets.empty());
}

TEST_CASE("job: of several reasons why a step may not begin the first is told, in words that hold") {
    Plan plan = on_hosts();
    plan.actions["stop"].run.type = Body::Type::command;
    plan.graph.nodes[0].with[0] = output("all[s1].stop", "n");
    plan.graph.nodes[0].with[1] = Expr::literal(Value::string(std::string("a\0b", 3)));
    CHECK(refused(plan).find("its `count` is not known: ") == 0);
    // Only states are facts, and only those of objects.
    plan = on_hosts();
    plan.actions["stop"].precondition =
        make_expr({.op = Expr::Op::equal, .args = {on_local(), Expr::literal(Value::object(ObjectId(1)))}});
    CHECK(refused(plan).ends_with("`, which does not hold"));
    const auto of_a_number = make_expr({.op = Expr::Op::state, .name = "stream", .args = {local(1, "count")}});
    plan.actions["stop"].precondition =
        make_expr({.op = Expr::Op::logical_and, .args = {Expr::literal(Value::boolean(false)), of_a_number}});
    CHECK(refused(plan).ends_with("`, which does not hold"));
}

TEST_CASE("job: on a farm that is simulated nobody has to know whether what it requires holds") {
    Plan plan = on_hosts();
    plan.objects[0].state.clear();
    CHECK_FALSE(refused(plan).empty());
    for (Object& object : plan.objects) object.connect.clear();
    CHECK(refused(plan) == "");
}

TEST_CASE("job: what a step sets may be what was before it") {
    Plan plan = on_hosts();
    plan.graph.nodes[0].sets[0].value = make_expr({.op = Expr::Op::before, .name = "stream"});
    CHECK(refused(plan) == "");
    const state::RunState run(plan);
    const Prepared prepared = prepare(run, plan.graph.nodes[0]);
    REQUIRE(prepared.sets.size() == 1);
    CHECK(prepared.sets[0].value == Value::enumerator("running"));
}

TEST_CASE("job: what a person is told to do, and what has no command") {
    const ExprPtr argument = Expr::literal(Value::string("pull it"));
    for (const std::string text : {"", "push it"})
        for (const bool has_argument : {false, true}) {
            Plan plan = on_hosts();
            plan.actions["stop"].run = {.type = Body::Type::manual, .text = text};
            if (has_argument) plan.actions["stop"].run.arguments = {argument};
            const state::RunState run(plan);
            CHECK(instructions_of(run, plan.graph.nodes[0]) == (text.empty() && has_argument ? "pull it" : text));
            CHECK_FALSE(has_command(run, plan.graph.nodes[0]));
        }
    Plan plan = on_hosts();
    const Node look{.id = "look", .type = Node::Type::approval, .text = "look"};
    CHECK_FALSE(has_command(state::RunState(plan), look));
    CHECK(has_command(state::RunState(plan), plan.graph.nodes[0]));
}

TEST_CASE("job: it runs on its object's host, or where `at` says, or here") {
    Plan plan = on_hosts();
    plan.actions["stop"].parameters[1].type = Type::object("server");
    plan.graph.nodes[0].with[1] = Expr::literal(Value::object(ObjectId(1)));
    const auto host = [](const Plan& of) {
        const state::RunState run(of);
        return host_of(run, of.graph.nodes[0], prepare(run, of.graph.nodes[0]));
    };
    CHECK(host(plan) == ObjectId(0));
    Plan elsewhere = plan;
    elsewhere.actions["stop"].at = local(2, "word");
    CHECK(host(elsewhere) == ObjectId(1));
    elsewhere.actions["stop"].at = local(1, "count");
    CHECK(host(elsewhere) == ObjectId(0));

    const auto modelled = [](const Plan& of) { return is_modelled(state::RunState(of), of.graph.nodes[0]); };
    CHECK_FALSE(modelled(plan));
    plan.objects[1].connect.clear();
    CHECK_FALSE(modelled(plan));
    plan.actions["stop"].at = local(2, "word");
    CHECK(modelled(plan));
    plan.graph.nodes[0].action = "gone";
    CHECK_FALSE(modelled(plan));
}

TEST_CASE("job: which transport reaches what, and what can be observed at all") {
    Plan plan = on_hosts();
    const auto over = [&](const Object* host, Body::Type body) { return transport_name(plan, host, body); };
    CHECK(over(plan.objects.data(), Body::Type::powershell) == "ssh");
    CHECK(over(plan.objects.data(), Body::Type::manual) == "manual");
    CHECK(over(nullptr, Body::Type::command) == "local");
    CHECK(over(nullptr, Body::Type::manual) == "manual");
    CHECK(is_observable(plan, ObjectId(0)));
    plan.objects[0].connect["over"] = Value::string("winrm");
    CHECK(over(plan.objects.data(), Body::Type::powershell) == "winrm");
    CHECK(is_observable(plan, ObjectId(0)));
    plan.objects[0].connect["over"] = Value::string("manual");
    CHECK_FALSE(is_observable(plan, ObjectId(0)));
    plan.objects[0].connect["over"] = Value::string("simulated");
    CHECK(over(plan.objects.data(), Body::Type::manual) == "simulated");
    CHECK(over(nullptr, Body::Type::command) == "local");  // another one is real
    plan.kinds["server"].observe = {};
    CHECK(is_observable(plan, ObjectId(0)));
    CHECK_FALSE(is_observable(plan, ObjectId(1)));
    plan.objects[1].kind = "console";
    CHECK_FALSE(is_observable(plan, ObjectId(1)));
    plan.objects[1].connect.clear();
    CHECK(over(nullptr, Body::Type::manual) == "simulated");
}

TEST_CASE("job: the job of an attempt is what the action says, with the values of the step") {
    Plan plan = on_hosts();
    plan.objects[0].state["version"] = Value::integer(7);
    Action& stop = plan.actions["stop"];
    stop.run = {.type = Body::Type::command,
                .text = "text",
                .arguments = {Expr::literal(Value::string("a")), local(1, "count"),
                              program::make_expr({.op = Expr::Op::list,
                                                  .args = {local(2, "word"), Expr::literal(Value::string("z"))}}),
                              program::make_expr({.op = Expr::Op::before, .name = "version"})}};
    Node& node = plan.graph.nodes[0];
    node.timeout_ms = 5000;
    plan.objects[0].connect["password"] = Value::secret("p");
    const auto job_of = [](const Plan& of, ports::Secrets& secrets, RunRedactor& redactor) {
        const state::RunState run(of);
        const Node& step = of.graph.nodes[0];
        return command_job(run, step, prepare(run, step), "run-1", 2, secrets, redactor);
    };
    Known known;
    RunRedactor redactor;
    const auto job = job_of(plan, known, redactor);
    REQUIRE(job.ok());
    CHECK((job->key == job_key("run-1", node.id, 2) && job->run == "run-1" && job->step == node.id));
    CHECK((job->attempt == 2 && job->timeout_ms == 5000 && job->at_timeout == ports::Job::AtTimeout::leave));
    CHECK((job->host == plan.objects.data() && job->body == Body::Type::command && job->text == "text"));
    CHECK(job->arguments == std::vector<std::string>{"a", "3", "w", "z", "7"});
    CHECK((job->with.size() == 2 && job->with.at("count") == Value::integer(3) &&
           job->with.at("word") == Value::string("w")));
    CHECK(job->data ==
          R"({"Before":{"stream":"running","version":7},"On":{"name":"s0"},"With":{"count":3,"word":"w"}})");
    CHECK(job->secrets == std::map<std::string, std::string>{{"key", "value of k"}});
    CHECK(job->connect_secrets == std::map<std::string, std::string>{{"p", "value of p"}});
    CHECK(redactor.clean("value of k, value of p").find("value of") == std::string::npos);
    REQUIRE(job->effects.size() == 1);
    CHECK((job->effects[0].object == ObjectId(0) && job->effects[0].attribute == "stream"));
    REQUIRE(job->precondition);
    CHECK(to_text(*job->precondition, PlanNames(plan)).find("stream == running") != std::string::npos);
    node.at_timeout = AtTimeout::kill;
    CHECK(job_of(plan, known, redactor)->at_timeout == ports::Job::AtTimeout::kill);

    Plan without = plan;
    without.graph.nodes[0].with[2] = secret("missing");
    CHECK_FALSE(job_of(without, known, redactor).ok());
    without = plan;
    without.objects[0].connect["password"] = Value::secret("missing");
    CHECK_FALSE(job_of(without, known, redactor).ok());
    without.objects[0].connect["over"] = Value::enumerator("simulated");
    without.graph.nodes[0].with[2] = secret("missing");
    known.asked.clear();
    REQUIRE(job_of(without, known, redactor).ok());
    CHECK(known.asked.empty());  // nothing of it leaves this machine
    Plan manual = plan;
    manual.actions["stop"].run = {.type = Body::Type::manual, .arguments = {Expr::literal(Value::string("look"))}};
    CHECK(job_of(manual, known, redactor)->text == "look");
    manual.actions["stop"].run.text = "first";
    CHECK(job_of(manual, known, redactor)->text == "first");
}

TEST_CASE("job: an observation is of its object alone") {
    Plan plan = on_hosts();
    plan.objects[0].connect["password"] = Value::secret("p");
    plan.objects[0].attributes["site"] = Value::string("east");
    Body& observe = plan.kinds["server"].observe;
    observe = {.type = Body::Type::command,
               .text = "t",
               .arguments = {program::make_expr({.op = Expr::Op::attribute, .name = "site", .args = {on_local()}})}};
    Known known;
    RunRedactor redactor;
    const auto job = observation_job(plan, ObjectId(0), known, redactor);
    REQUIRE(job.ok());
    CHECK((job->type == ports::Job::Type::observation && job->host == plan.objects.data() &&
           job->body == Body::Type::command));
    CHECK((job->step == "observe server/s0" && job->text == "t" && job->arguments == std::vector<std::string>{"east"}));
    CHECK(job->data == R"({"Before":{},"On":{"name":"s0","site":"east"},"With":{}})");
    CHECK(job->connect_secrets.at("p") == "value of p");
    const auto other = observation_job(plan, ObjectId(1), known, redactor);
    REQUIRE_FALSE(other.ok());  // it has no site
    CHECK(other.error().text() == "an argument of its observation has no value: `on.site`");
    plan.objects[0].connect["password"] = Value::secret("missing");
    CHECK_FALSE(observation_job(plan, ObjectId(0), known, redactor).ok());
}

TEST_CASE("job: all secrets that a run could meet are known before it begins") {
    Plan plan = on_hosts();
    plan.secrets = {{"s", {"env", "S"}}};
    plan.objects[1].connect["password"] = Value::secret("p");
    plan.graph.nodes[1].undo.steps.nodes[0].with = {program::make_expr({.op = Expr::Op::list, .args = {secret("u")}}),
                                                    nullptr};
    plan.recoveries.push_back({.group = "all"});
    plan.recoveries[0].steps.nodes = {{.id = "r", .with = {secret("r")}}};
    Known known;
    RunRedactor redactor;
    CHECK(learn_secrets(plan, known, redactor).ok());
    CHECK(known.asked == std::set<std::string>{"k", "p", "r", "s", "u"});
    CHECK(redactor.clean("value of u") != "value of u");
    plan.objects[1].connect["over"] = Value::enumerator("simulated");
    known.asked.clear();
    CHECK(learn_secrets(plan, known, redactor).ok());
    CHECK(known.asked == std::set<std::string>{"k", "r", "s", "u"});
    plan.secrets["missing"] = {"env", "M"};
    CHECK_FALSE(learn_secrets(plan, known, redactor).ok());
    for (Object& object : plan.objects) object.connect.clear();
    CHECK(learn_secrets(plan, known, redactor).ok());  // nothing of it is real
}

TEST_CASE("job: an observation that failed, prints something else or a secret tells nothing") {
    Plan plan = on_hosts();
    RunRedactor redactor;
    redactor.add("hunter22");
    const auto took = [&](const ports::JobEvent& event) {
        return take_observation(plan, ObjectId(0), event, redactor);
    };
    const auto fault = [&](const ports::JobEvent& event) {
        const auto states = took(event);
        REQUIRE_FALSE(states.ok());
        return states.error().text();
    };
    const auto good = took({.out = R"({"stream": "stopped"})"});
    REQUIRE(good.ok());
    CHECK(good->at("stream") == Value::enumerator("stopped"));
    CHECK(took({.out = R"({"stream": null})"})->empty());
    CHECK(fault({.exit_status = 3, .out = "o", .err = "e"}) == "exit status 3: e");
    CHECK(fault({.exit_status = 3, .out = "o"}) == "exit status 3: o");
    CHECK(fault({.exit_status = 3}) == "exit status 3");
    CHECK(fault({.exit_status = 3, .err = "hunter22"}).find("hunter22") == std::string::npos);
    CHECK(fault({.out = "hunter22"}) ==
          "it did not print one JSON object of states, and what it printed holds a secret");
    CHECK(fault({.out = "x"}).find("it does not tell the states of a server") == 0);
    plan.kinds["server"].state.push_back({"note", Type::of(Type::Category::string), std::nullopt});
    CHECK(fault({.out = R"({"note": "hunter22"})"}) == "it printed a secret as `note`");
    plan.objects[0].connect.clear();
    CHECK(took({.out = R"({"stream": null})"})->at("stream").is_none());
}

}  // namespace pvsplan::engine::test
