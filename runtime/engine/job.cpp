#include "runtime/engine/job.hpp"

#include <algorithm>
#include <set>

#include "compiler/base/digest.hpp"
#include "runtime/engine/console_text.hpp"
#include "runtime/engine/missing.hpp"
#include "runtime/state/env.hpp"
#include "runtime/state/object_env.hpp"

namespace pvsplan::engine {

using program::Object;
using program::ObjectId;
using program::Value;

namespace {

std::string value_text(const Value& value, const program::Plan& plan) {
    return program::to_text(value, program::PlanNames(plan));
}

// A list is as many arguments as it has elements.
void add_argument(ports::Job& job, const Value& value, const program::Plan& plan) {
    if (const auto* list = value.as_list())
        for (const auto& element : *list) job.arguments.push_back(value_text(element, plan));
    else
        job.arguments.push_back(value_text(value, plan));
}

// Only what is known is remembered: a state that nobody has observed stays out, and reads as unknown later.
void remember_before(const state::RunState& run, ObjectId object, const std::string* attribute,
                     state::ObjectStates& before) {
    const auto& known = run.farm.at(object.index());
    auto& into = before[object];
    if (attribute == nullptr) {
        into.insert(known.begin(), known.end());
    } else if (const auto found = known.find(*attribute); found != known.end()) {
        into.insert(*found);
    }
}

// Why a precondition fails, for people: `requires on.stream == running` does not hold (server/pvs01.stream is stopped).
std::string refusal(const state::RunState& run, const program::Action& action, const state::RunEnv& env) {
    const program::PlanNames names(*run.plan);
    std::string facts;
    program::for_each_part(*action.precondition, [&](const program::Expr& part) {
        if (part.op != program::Expr::Op::state || part.args.empty()) return;
        const Value object = program::evaluate(*part.args[0], env);
        if (object.as_object() == nullptr) return;
        if (!facts.empty()) facts += ", ";
        facts += names.id_text(*object.as_object()) + "." + part.name + " is " +
                 value_text(program::evaluate(part, env), *run.plan);
    });
    return "it requires `" + program::to_text(*action.precondition, names) + "`, which does not hold" +
           (facts.empty() ? "" : ": " + facts);
}

// What runs within a site gets the names of secrets only: their values never wait in the store. The key by which jobs
// are signed for the site is the one that is read here.
base::Status read_secrets(ports::Job& job, const program::Action* action, const std::vector<Value>& frame,
                          ports::Secrets& secrets, RunRedactor& redactor) {
    // The redactor learns a secret before anything can print it.
    const auto read = [&](const std::string& name, std::string& into) -> base::Status {
        auto secret = secrets.read(name);
        if (!secret) return std::move(secret).error();
        redactor.add(*secret);
        into = std::move(*secret);
        return base::Done{};
    };
    // Nothing of a simulated object leaves this process, so no secret is asked for.
    if (job.host != nullptr && is_simulated(*job.host)) return base::Done{};
    const bool is_far = job.host != nullptr && !site_of(*job.host).empty();  // a worker reads its secrets there
    if (action != nullptr)
        for (std::size_t i = 0; i < action->parameters.size() && i + 1 < frame.size(); ++i)
            if (const auto* name = frame[i + 1].as_secret()) {
                job.secret_names[action->parameters[i].name] = *name;
                if (is_far) continue;
                if (auto status = read(*name, job.secrets[action->parameters[i].name]); !status) return status;
            }
    // This machine is reached without a login.
    if (job.host == nullptr) return base::Done{};
    for (const auto& [key, value] : job.host->connect)
        if (const auto* name = value.as_secret(); name != nullptr && (!is_far || key == "site_key"))
            if (auto status = read(*name, job.connect_secrets[*name]); !status) return status;
    return base::Done{};
}

state::RunEnv env_for(const state::RunState& run, const std::vector<Value>& frame) {
    state::RunEnv env(run);
    env.frame = frame;
    return env;
}

}  // namespace

namespace {

// The object whose connection runs it; null: this machine.
const Object* host_of(const program::Plan& plan, ObjectId on, const program::Action& action, const state::RunEnv& env) {
    ObjectId host = on;
    if (action.at)
        if (const Value at = program::evaluate(*action.at, env); at.as_object() != nullptr) host = *at.as_object();
    return host ? &plan.objects.at(host.index()) : nullptr;
}

// Asked with a prepared frame; is_modelled() makes one.
bool runs_simulated(const program::Plan& plan, ObjectId on, const program::Action& action, const state::RunEnv& env) {
    return transport_name(plan, host_of(plan, on, action, env), action.run.type) == "simulated";
}

}  // namespace

// A kind without `observe` is never looked at, and neither is what a person alone can see.
bool is_observable(const program::Plan& plan, ObjectId id) {
    const auto& object = plan.objects.at(id.index());
    if (is_simulated(object)) return true;
    if (const auto over = object.connect.find("over"); over != object.connect.end())
        if (const auto* name = over->second.as_string(); name && *name == "manual") return false;  // a person looks
    const auto kind = plan.kinds.find(object.kind);
    return kind != plan.kinds.end() && kind->second.observe.type != program::Body::Type::none;
}

// The name behind `via`; empty: the host is reached from here.
std::string site_of(const Object& host) {
    const auto via = host.connect.find("via");
    const std::string* const name = via == host.connect.end() ? nullptr : via->second.as_string();
    return name == nullptr ? "" : *name;
}

std::string over_of(const Object& host) {
    const auto& over = host.connect.at("over");
    return over.as_enumerator() ? *over.as_enumerator() : *over.as_string();
}

// The order matters: a simulated object is never reached, and a manual body never runs on a host.
std::string transport_name(const program::Plan& plan, const Object* host, program::Body::Type body) {
    const bool simulated =
        host != nullptr ? is_simulated(*host) : program::simulated_part(plan) == program::Simulated::all;
    if (simulated) return "simulated";
    if (body == program::Body::Type::manual) return "manual";
    if (host == nullptr) return "local";
    return site_of(*host).empty() ? over_of(*host) : "site";
}

namespace {

// Which secrets are read here, which by the workers of a site alone, and of which nobody can tell: the plan wants them
// nowhere, and there are sites.
struct SecretNames {
    std::set<std::string> here;
    std::set<std::string> far;
    std::set<std::string> unused;
};

// Undo steps are looked through as well: the secret of a rollback is wanted at the worst moment, and is asked for at
// the beginning.
void collect_secrets(const program::Plan& plan, const program::Graph& graph, SecretNames& names) {
    for (const program::Node& node : graph.nodes) {
        const auto action = plan.actions.find(node.action);
        const bool is_elsewhere = action != plan.actions.end() && action->second.at;  // its host is known when it runs
        const bool is_far = node.on && !is_elsewhere && !site_of(plan.objects[node.on.index()]).empty();
        for (const auto& with : node.with)
            if (with)
                program::for_each_part(*with, [&](const program::Expr& part) {
                    if (const auto* name = part.value.as_secret()) (is_far ? names.far : names.here).insert(*name);
                });
        collect_secrets(plan, node.undo.steps, names);
    }
}

// A secret that both sides want is read here as well: it is in both lists.
SecretNames secret_names_of(const program::Plan& plan) {
    SecretNames names;
    for (const Object& object : plan.objects)
        for (const auto& [key, value] : object.connect)
            if (const auto* name = value.as_secret(); name && !is_simulated(object))
                (site_of(object).empty() || key == "site_key" ? names.here : names.far).insert(*name);
    collect_secrets(plan, plan.graph, names);
    for (const auto& recovery : plan.recoveries) collect_secrets(plan, recovery.steps, names);
    const bool has_sites = std::any_of(plan.objects.begin(), plan.objects.end(),
                                       [](const Object& object) { return !site_of(object).empty(); });
    for (const auto& [name, source] : plan.secrets)
        if (!names.far.contains(name) && !names.here.contains(name))
            (has_sites ? names.unused : names.here).insert(name);
    return names;
}

}  // namespace

// A secret that a worker alone needs may be missing here. One that nobody surely needs is read if it can be, so that it
// is known to the redactor.
base::Status learn_secrets(const program::Plan& plan, ports::Secrets& secrets, RunRedactor& redactor) {
    if (transport_name(plan, nullptr, program::Body::Type::none) == "simulated") return base::Done{};
    const SecretNames names = secret_names_of(plan);
    for (const std::string& name : names.here) {
        base::Result<std::string> secret = secrets.read(name);
        if (!secret) return std::move(secret).error();
        redactor.add(*secret);
    }
    for (const std::string& name : names.unused)
        if (const base::Result<std::string> secret = secrets.read(name)) redactor.add(*secret);
    return base::Done{};
}

// The whole output is refused if any of it is a secret or does not fit: a part of it would be no observation.
base::Result<state::States> take_observation(const program::Plan& plan, ObjectId object, const ports::JobEvent& event,
                                             const RunRedactor& redactor) {
    const Object& it = plan.objects.at(object.index());
    if (event.exit_status != 0) {
        const std::string reason = reason_of(redactor.clean(as_utf8(event.err.empty() ? event.out : event.err))).text;
        return base::Error{"exit status " + std::to_string(event.exit_status) + (reason.empty() ? "" : ": " + reason)};
    }
    const std::string out = as_utf8(event.out);
    base::Result<state::States> states = read_observation(out, plan.kinds.at(it.kind));
    if (!states && redactor.is_telling(out))  // the message quotes a cut text, which may end in a part of a secret
        return base::Error{"it did not print one JSON object of states, and what it printed holds a secret"};
    if (!states) return std::move(states).error();
    if (!is_simulated(it)) std::erase_if(*states, [](const auto& one) { return one.second.is_none(); });
    for (const auto& [name, value] : *states)
        if (redactor.is_telling(value_text(value, plan))) return base::Error{"it printed a secret as `" + name + "`"};
    return states;
}

// The path is hashed, because a key must be a file name of bounded length on every host. It depends on nothing but the
// attempt: a process that resumes the run computes the same.
std::string job_key(const std::string& run, const std::string& step, std::uint32_t attempt) {
    return run + "-" + base::sha256_hex(step).substr(0, 16) + "-" + std::to_string(attempt);
}

namespace {

// Why `value`, the result of `expr`, must not be passed to a parameter; converts it to the type of the parameter.
std::string why_not(Value& value, const program::Expr& expr, const program::Action::Parameter& parameter,
                    const state::RunState& run, const state::RunEnv& env) {
    if (is_missing(value, expr)) return "its `" + parameter.name + "` is not known: " + missing_text(expr, run, env);
    if (expr.op == program::Expr::Op::literal) return "";
    value = coerce(std::move(value), parameter.type);
    const std::string wrong = misfit(value, parameter.type);
    return wrong.empty() ? "" : "its `" + parameter.name + "` is " + wrong;
}

// The argument of a command, or the value set, that is missing. Matters only where the step runs on a host.
std::string what_is_missing(const state::RunState& run, const program::Node& node, const program::Action& action,
                            const state::RunEnv& env) {
    if (action.at && program::evaluate(*action.at, env).as_object() == nullptr)
        return "nobody knows where it runs: " + missing_text(*action.at, run, env);
    for (std::size_t i = 0; i < action.run.arguments.size(); ++i) {
        const program::Expr& argument = *action.run.arguments[i];
        if (is_missing(program::evaluate(argument, env), argument))
            return "argument " + std::to_string(i + 1) +
                   " of its command is not known: " + missing_text(argument, run, env);
    }
    for (const auto& sets : node.sets)
        if (sets.value && is_missing(program::evaluate(*sets.value, env), *sets.value))
            return "nobody knows what it sets `" + run.plan->objects.at(sets.object.index()).id + "." + sets.attribute +
                   "` to: " + missing_text(*sets.value, run, env);
    return "";
}

// A rollback step runs even if an unknown state leaves its `requires` undecided: the step that it undoes may have left
// its objects halfway.
std::string why_not_allowed(const state::RunState& run, const program::Action& action, const state::RunEnv& env,
                            bool is_modelled) {
    if (!action.precondition) return "";
    const Value holds = program::evaluate(*action.precondition, env);
    if (holds.as_boolean() != nullptr) return *holds.as_boolean() ? "" : refusal(run, action, env);
    if (is_modelled || run.is_rolling_back()) return "";
    return "nobody knows whether what it requires holds: " + missing_text(*action.precondition, run, env);
}

}  // namespace

namespace {

// Local 0 is the object, the arguments come behind it; each may read the ones before.
state::RunEnv env_of(const state::RunState& run, const program::Node& node) {
    state::RunEnv env(run);
    env.frame.push_back(node.on ? Value::object(node.on) : Value());
    for (const auto& with : node.with) env.frame.push_back(with ? program::evaluate(*with, env) : Value());
    return env;
}

// Empty: the plan has no such action.
std::string transport_of(const state::RunState& run, const program::Node& node) {
    const auto* action = run.now().action(node);
    if (action == nullptr) return "";
    return transport_name(*run.plan, host_of(*run.plan, node.on, *action, env_of(run, node)), action->run.type);
}

}  // namespace

bool is_modelled(const state::RunState& run, const program::Node& node) {
    return transport_of(run, node) == "simulated";
}

bool is_by_hand(const state::RunState& run, const program::Node& node) { return transport_of(run, node) == "manual"; }

// The text of the plan, or its one argument with the values of the step put in.
std::string instructions_of(const state::RunState& run, const program::Node& node) {
    const program::Body& body = run.now().action(node)->run;
    if (!body.text.empty() || body.arguments.empty()) return body.text;
    return value_text(program::evaluate(*body.arguments[0], env_of(run, node)), *run.plan);
}

// Whether a job of it can be on a host.
bool has_command(const state::RunState& run, const program::Node& node) {
    const program::Action* action = run.now().action(node);
    if (action == nullptr || is_by_hand(run, node)) return false;
    return action->run.type != program::Body::Type::wait && action->run.type != program::Body::Type::none;
}

// The arguments come first, because `requires` and what the step sets may read them; the first reason found is the one
// that is told. It changes nothing, so it is called again whenever the same is asked.
Prepared prepare(const state::RunState& run, const program::Node& node) {
    Prepared prepared;
    const auto* action = run.now().action(node);
    if (action == nullptr) {
        prepared.refused = "the plan has no action `" + node.action + "`";
        return prepared;
    }
    state::RunEnv env(run);
    prepared.frame.push_back(node.on ? Value::object(node.on) : Value());
    for (const auto& with : node.with) prepared.frame.push_back(with ? program::evaluate(*with, env) : Value());
    env.frame = prepared.frame;
    const bool is_modelled = runs_simulated(*run.plan, node.on, *action, env);
    for (std::size_t i = 0; i < node.with.size() && i < action->parameters.size(); ++i) {
        Value& value = prepared.frame[i + 1];
        if (node.with[i] && prepared.refused.empty() && (!is_modelled || value.has_unknown()))
            prepared.refused = why_not(value, *node.with[i], action->parameters[i], run, env);
        const std::string* text = value.as_string();
        if (text != nullptr && text->find('\0') != std::string::npos && prepared.refused.empty() &&
            action->run.type == program::Body::Type::command)
            prepared.refused =
                "its `" + action->parameters[i].name + "` holds a NUL, which no argument of a process can";
    }
    // All states of its own object, since an undo may read any; of others only what it sets.
    if (node.on) remember_before(run, node.on, nullptr, prepared.before);
    for (const auto& sets : node.sets) remember_before(run, sets.object, &sets.attribute, prepared.before);
    env.frame = prepared.frame;
    if (prepared.refused.empty()) prepared.refused = why_not_allowed(run, *action, env, is_modelled);
    const auto own = node.on ? prepared.before.find(node.on) : prepared.before.end();
    if (own != prepared.before.end()) env.before_state = &own->second;
    // A simulated step has no command that could lack a value.
    if (prepared.refused.empty() && !is_modelled) prepared.refused = what_is_missing(run, node, *action, env);
    for (const auto& sets : node.sets)
        if (Value value = sets.value ? program::evaluate(*sets.value, env) : Value(); !value.has_unknown())
            prepared.sets.push_back({sets.object, sets.attribute, std::move(value)});
    return prepared;
}

// Where `at` is not known the step was refused by prepare(), so falling back to `on` hands no command to a wrong host.
ObjectId host_of(const state::RunState& run, const program::Node& node, const Prepared& prepared) {
    const auto& action = *run.now().action(node);
    if (!action.at) return node.on;
    auto env = env_for(run, prepared.frame);
    const auto own = node.on ? prepared.before.find(node.on) : prepared.before.end();
    env.before_state = own == prepared.before.end() ? nullptr : &own->second;
    const Value at = program::evaluate(*action.at, env);
    return at.as_object() != nullptr ? *at.as_object() : node.on;
}

// Called for each attempt and whenever its host is asked: the same state gives the same job, so nothing of it is
// stored.
base::Result<ports::Job> command_job(const state::RunState& run, const program::Node& node, const Prepared& prepared,
                                     const std::string& run_id, std::uint32_t attempt, ports::Secrets& secrets,
                                     RunRedactor& redactor) {
    const auto& plan = *run.plan;
    const auto& action = *run.now().action(node);
    auto env = env_for(run, prepared.frame);
    const auto own = node.on ? prepared.before.find(node.on) : prepared.before.end();
    const state::States* before = own == prepared.before.end() ? nullptr : &own->second;
    env.before_state = before;
    ports::Job job{.key = job_key(run_id, node.id, attempt), .run = run_id, .step = node.id, .attempt = attempt};
    const ObjectId host = host_of(run, node, prepared);
    if (host) job.host = &plan.objects.at(host.index());
    job.action = node.action;
    job.body = action.run.type;
    job.text = action.run.text;
    for (const auto& argument : action.run.arguments) {
        const Value value = program::evaluate(*argument, env);
        if (value.has_unknown()) return base::Error{"an argument of its command is not known"};  // prepare() refused it
        add_argument(job, value, plan);
    }
    if (job.body == program::Body::Type::manual && job.text.empty() && !job.arguments.empty())
        job.text = job.arguments[0];
    for (std::size_t i = 0; i < action.parameters.size() && i + 1 < prepared.frame.size(); ++i)
        if (prepared.frame[i + 1].as_secret() == nullptr)
            job.with.emplace(action.parameters[i].name, prepared.frame[i + 1]);
    job.data = job_data(plan, node.on, action, prepared.frame, before);
    job.timeout_ms = node.timeout_ms;
    if (node.at_timeout == program::AtTimeout::kill) job.at_timeout = ports::Job::AtTimeout::kill;
    for (const auto& set : prepared.sets) job.effects.push_back({set.object, set.attribute, set.value});
    // The simulated farm checks `requires` itself when the job begins there, over its own states; all else in it is
    // filled in now.
    if (action.precondition) {
        env.reads = state::RunEnv::Reads::no_state;
        job.precondition = program::specialise(action.precondition, env);
    }
    if (auto status = read_secrets(job, &action, prepared.frame, secrets, redactor); !status)
        return std::move(status).error();
    return job;
}

// A job that only claims or releases: it has a login and no command.
base::Result<ports::Job> host_job(const program::Plan& plan, ObjectId object, ports::Secrets& secrets,
                                  RunRedactor& redactor) {
    ports::Job job{.host = &plan.objects.at(object.index())};
    if (auto status = read_secrets(job, nullptr, {}, secrets, redactor); !status) return std::move(status).error();
    return job;
}

// Without a run or a step: an observation changes nothing and is not recovered.
base::Result<ports::Job> observation_job(const program::Plan& plan, ObjectId object, ports::Secrets& secrets,
                                         RunRedactor& redactor) {
    const auto& it = plan.objects.at(object.index());
    ports::Job job{.step = "observe " + it.id, .type = ports::Job::Type::observation, .host = &it};
    program::Action none;
    if (const auto kind = plan.kinds.find(it.kind); kind != plan.kinds.end()) {
        job.body = kind->second.observe.type;
        job.text = kind->second.observe.text;
        const state::ObjectEnv env(plan, object);
        for (const auto& argument : kind->second.observe.arguments) {
            const Value value = program::evaluate(*argument, env);
            if (is_missing(value, *argument))
                return base::Error{"an argument of its observation has no value: `" +
                                   program::to_text(*argument, program::PlanNames(plan)) + "`"};
            add_argument(job, value, plan);
        }
    }
    job.data = job_data(plan, object, none, {}, nullptr);
    if (auto status = read_secrets(job, nullptr, {}, secrets, redactor); !status) return std::move(status).error();
    return job;
}

}  // namespace pvsplan::engine
