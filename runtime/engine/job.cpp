#include "runtime/engine/job.hpp"

#include <algorithm>

#include "compiler/base/digest.hpp"
#include "runtime/state/env.hpp"
#include "runtime/state/object_env.hpp"

namespace pvsplan::engine {

using program::Object;
using program::ObjectId;
using program::Value;

namespace {

std::string text_of(const Value& value, const program::Plan& plan) {
    return program::to_text(value, program::PlanNames(plan));
}

// A list is as many arguments as it has elements.
void add_argument(ports::Job& job, const Value& value, const program::Plan& plan) {
    if (const auto* list = value.as_list())
        for (const auto& element : *list) job.arguments.push_back(text_of(element, plan));
    else
        job.arguments.push_back(text_of(value, plan));
}

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

// What of a precondition is not so, for people: `requires on.stream == running` does not hold (server/pvs01.stream is
// stopped).
std::string refusal(const state::RunState& run, const program::Action& action, const state::RunEnv& env) {
    const program::PlanNames names(*run.plan);
    std::string facts;
    program::for_each_part(*action.precondition, [&](const program::Expr& part) {
        if (part.op != program::Expr::Op::state || part.args.empty()) return;
        const Value object = program::evaluate(*part.args[0], env);
        if (object.as_object() == nullptr) return;
        if (!facts.empty()) facts += ", ";
        facts += names.id_text(*object.as_object()) + "." + part.name + " is " +
                 text_of(program::evaluate(part, env), *run.plan);
    });
    return "it requires `" + program::to_text(*action.precondition, names) + "`, which does not hold" +
           (facts.empty() ? "" : ": " + facts);
}

base::Status read_secrets(ports::Job& job, const program::Action* action, const std::vector<Value>& frame,
                          ports::Secrets& secrets, Redactor& redactor) {
    const auto read = [&](const std::string& name, std::string& into) -> base::Status {
        auto secret = secrets.read(name);
        if (!secret) return std::move(secret).error();
        redactor.add(*secret);
        into = std::move(*secret);
        return base::Done{};
    };
    if (action != nullptr)
        for (std::size_t i = 0; i < action->parameters.size() && i + 1 < frame.size(); ++i)
            if (const auto* name = frame[i + 1].as_secret())
                if (auto status = read(*name, job.secrets[action->parameters[i].name]); !status) return status;
    if (job.host == nullptr || is_simulated(*job.host)) return base::Done{};
    for (const auto& [key, value] : job.host->connect)
        if (const auto* name = value.as_secret())
            if (auto status = read(*name, job.connect_secrets[*name]); !status) return status;
    return base::Done{};
}

state::RunEnv env_for(const state::RunState& run, const std::vector<Value>& frame) {
    state::RunEnv env(run);
    env.frame = frame;
    return env;
}

}  // namespace

bool is_observable(const program::Plan& plan, ObjectId id) {
    const auto& object = plan.objects.at(id.index());
    if (is_simulated(object)) return true;
    if (const auto over = object.connect.find("over"); over != object.connect.end())
        if (const auto* name = over->second.as_string(); name && *name == "manual") return false;  // a person looks
    const auto kind = plan.kinds.find(object.kind);
    return kind != plan.kinds.end() && kind->second.observe.is != program::Body::Is::none;
}

std::string transport_name(const program::Plan& plan, const Object* host, program::Body::Is body) {
    const bool simulated =
        host != nullptr ? is_simulated(*host) : program::simulated_part(plan) == program::Simulated::all;
    if (simulated) return "simulated";
    if (body == program::Body::Is::manual) return "manual";
    if (host == nullptr) return "local";
    const auto& over = host->connect.at("over");
    return over.as_enumerator() ? *over.as_enumerator() : *over.as_string();
}

std::string job_key(const std::string& run, const std::string& step, std::uint32_t attempt) {
    return run + "-" + base::sha256_hex(step).substr(0, 16) + "-" + std::to_string(attempt);
}

Prepared prepare(const state::RunState& run, const program::Node& node) {
    Prepared prepared;
    const auto* action = run.now().action(node);
    if (action == nullptr) {
        prepared.refused = "the plan has no action `" + node.action + "`";
        return prepared;
    }
    state::RunEnv env(run);
    prepared.frame.push_back(node.on ? Value::object(node.on) : Value());
    for (std::size_t i = 0; i < node.with.size(); ++i) {
        Value value = node.with[i] ? program::evaluate(*node.with[i], env) : Value();
        if (value.has_unknown() && prepared.refused.empty())
            prepared.refused = "its `" + (i < action->parameters.size() ? action->parameters[i].name : "with") +
                               "` is not known: `" + program::to_text(*node.with[i], program::PlanNames(*run.plan)) +
                               "`";
        prepared.frame.push_back(std::move(value));
    }
    if (node.on) remember_before(run, node.on, nullptr, prepared.before);
    for (const auto& sets : node.sets) remember_before(run, sets.object, &sets.attribute, prepared.before);
    env.frame = prepared.frame;
    if (prepared.refused.empty() && action->precondition) {
        const Value holds = program::evaluate(*action->precondition, env);
        if (holds.as_boolean() != nullptr && !*holds.as_boolean()) prepared.refused = refusal(run, *action, env);
    }
    const auto own = node.on ? prepared.before.find(node.on) : prepared.before.end();
    if (own != prepared.before.end()) env.before_state = &own->second;
    for (const auto& sets : node.sets)
        if (Value value = sets.value ? program::evaluate(*sets.value, env) : Value(); !value.has_unknown())
            prepared.sets.push_back({sets.object, sets.attribute, std::move(value)});
    return prepared;
}

base::Result<ports::Job> command_job(const state::RunState& run, const program::Node& node, const Prepared& prepared,
                                     const std::string& run_id, std::uint32_t attempt, ports::Secrets& secrets,
                                     Redactor& redactor) {
    const auto& plan = *run.plan;
    const auto& action = *run.now().action(node);
    auto env = env_for(run, prepared.frame);
    const auto own = node.on ? prepared.before.find(node.on) : prepared.before.end();
    const state::States* before = own == prepared.before.end() ? nullptr : &own->second;
    env.before_state = before;
    ports::Job job{.key = job_key(run_id, node.id, attempt), .run = run_id, .step = node.id, .attempt = attempt};
    ObjectId host = node.on;
    if (action.at)
        if (const Value at = program::evaluate(*action.at, env); at.as_object() != nullptr) host = *at.as_object();
    if (host) job.host = &plan.objects.at(host.index());
    job.body = action.run.is;
    job.text = action.run.text;
    for (const auto& argument : action.run.arguments) {
        const Value value = program::evaluate(*argument, env);
        if (value.has_unknown()) return base::Error{"an argument of its command is not known"};
        add_argument(job, value, plan);
    }
    if (job.body == program::Body::Is::manual && job.text.empty() && !job.arguments.empty())
        job.text = job.arguments[0];
    for (std::size_t i = 0; i < action.parameters.size() && i + 1 < prepared.frame.size(); ++i)
        if (prepared.frame[i + 1].as_secret() == nullptr)
            job.with.emplace(action.parameters[i].name, prepared.frame[i + 1]);
    job.data = job_data(plan, node.on, action, prepared.frame, before);
    job.timeout_ms = node.timeout_ms;
    for (const auto& set : prepared.sets) job.effects.push_back({set.object, set.attribute, set.value});
    if (action.precondition) {
        env.reads = state::RunEnv::Reads::no_state;
        job.precondition = program::specialise(action.precondition, env);
    }
    if (auto status = read_secrets(job, &action, prepared.frame, secrets, redactor); !status)
        return std::move(status).error();
    return job;
}

base::Result<ports::Job> observation_job(const program::Plan& plan, ObjectId object, ports::Secrets& secrets,
                                         Redactor& redactor) {
    const auto& it = plan.objects.at(object.index());
    ports::Job job{.step = "observe " + it.id, .is = ports::Job::Is::observation, .host = &it};
    program::Action none;
    if (const auto kind = plan.kinds.find(it.kind); kind != plan.kinds.end()) {
        job.body = kind->second.observe.is;
        job.text = kind->second.observe.text;
        const state::ObjectEnv env(plan, object);
        for (const auto& argument : kind->second.observe.arguments) {
            const Value value = program::evaluate(*argument, env);
            if (value.has_unknown()) return base::Error{"an argument of its observation is not known"};
            add_argument(job, value, plan);
        }
    }
    job.data = job_data(plan, object, none, {}, nullptr);
    if (auto status = read_secrets(job, nullptr, {}, secrets, redactor); !status) return std::move(status).error();
    return job;
}

}  // namespace pvsplan::engine
