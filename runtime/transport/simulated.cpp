#include "runtime/transport/simulated.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "compiler/program/codec.hpp"
#include "compiler/program/json_text.hpp"
#include "compiler/program/plan_env.hpp"

namespace pvsplan::transport {
namespace {

using ports::Job;
using ports::JobEvent;
using program::ObjectId;
using program::Value;
using States =
    std::map<std::string, std::map<std::string, std::string>>;  // object id -> attribute -> JSON; "": undefined

// The value of one attribute on the simulated farm: from the store, else from the farm file.
Value value_of(const program::Plan& plan, const States& states, ObjectId id, const std::string& attribute) {
    const program::Object& object = plan.objects.at(id.index());
    if (const auto known = states.find(object.id); known != states.end())
        if (const auto json = known->second.find(attribute); json != known->second.end()) {
            if (json->second.empty()) return Value::none();
            program::Type type;
            if (const auto kind = plan.kinds.find(object.kind); kind != plan.kinds.end())
                for (const auto& state : kind->second.state)
                    if (state.name == attribute) type = state.type;
            base::Result<Value> value = program::decode_value(json->second, type, plan);
            return value.ok() ? std::move(*value) : Value::none();
        }
    const auto expected = object.state.find(attribute);
    return expected == object.state.end() ? Value::unnamed_unknown(0) : expected->second;
}

// The states of the simulated farm for its preconditions.
class FarmEnv final : public program::PlanEnv {
  public:
    FarmEnv(const program::Plan& plan, const States& states) : PlanEnv(plan), states_(&states) {}
    [[nodiscard]] Value state(ObjectId object, const std::string& name) const override {
        Value value = value_of(plan(), *states_, object, name);
        return value.is_unknown() || value.is_none() ? not_known() : value;  // what is undefined forbids nothing
    }

  private:
    const States* states_;
};

// The turn of the engine's loop does the work: no thread, and the same order in every run.
class Simulated final : public ports::Transport {
  public:
    Simulated(const program::Plan& plan, ports::SimulatedFarm& farm, ports::Mailbox& mailbox, SimulatedOptions options)
        : plan_(&plan), farm_(&farm), mailbox_(&mailbox), options_(std::move(options)) {
        for (std::size_t i = 0; i < plan.objects.size(); ++i) ids_.emplace(plan.objects[i].id, ObjectId(i));
    }

    // The farm knows the end of a job from the moment it began, so attaching is waiting until the time for it has come.
    void start_or_attach(Job job) override {
        if (job.type == Job::Type::observation) return observe(job);
        base::Result<std::optional<ports::SimulatedJob>> known = farm_->simulated_job(plan_->farm, job.key);
        if (!known) return post({.key = job.key, .type = JobEvent::Type::lost, .text = known.error().text()});
        if (*known) {
            known_.emplace_back(job.ask, std::move(**known));
        } else if (job.ask != Job::Ask::start) {
            post({.key = job.key, .type = JobEvent::Type::no_record});
        } else {
            pending_.push_back(std::move(job));
        }
    }
    void forget(const std::string& key) override {
        std::erase_if(due_, [&](const auto& entry) { return entry.second.key == key; });
        std::erase_if(known_, [&](const auto& entry) { return entry.second.key == key; });
    }

    // What was given since the last turn begins now, in the order in which it was given.
    std::optional<ports::Millis> turn(ports::Millis now) override {
        for (const Job& job : std::exchange(pending_, {})) run(job, now);
        for (auto& [ask, job] : std::exchange(known_, {})) {
            const ports::Millis left = std::clamp<ports::Millis>(job.ends_at - now, 0, job.takes_ms);
            if (ask == Job::Ask::look && left > 0)
                post({.key = job.key, .type = JobEvent::Type::running});
            else
                due_.emplace(now + left, std::move(job));
        }
        while (!due_.empty() && due_.begin()->first <= now) {
            const ports::SimulatedJob& job = due_.begin()->second;
            if (lost_.contains(job.key))
                post({.key = job.key,
                      .type = JobEvent::Type::lost,
                      .text = "made to be lost: its host knows nothing of it"});
            else
                post({.key = job.key,
                      .type = JobEvent::Type::ended,
                      .exit_status = job.exit_status,
                      .out = job.out,
                      .err = job.err});
            due_.erase(due_.begin());
        }
        return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
    }

  private:
    void post(JobEvent event) { mailbox_->post(std::move(event)); }

    // The farm as the store has it. Read once: whoever runs steps on it holds it.
    base::Result<const States*> known() {
        if (!states_) {
            base::Result<States> states = farm_->simulated_state(plan_->farm);
            if (!states) return std::move(states).error();
            states_ = std::move(*states);
        }
        return &*states_;
    }

    // One JSON object of all that is known; what is undefined is null.
    void observe(const Job& job) {
        const base::Result<const States*> states = known();
        if (!states)
            return post({.key = job.key, .type = JobEvent::Type::never_started, .text = states.error().text()});
        const program::PlanNames names(*plan_);
        std::string out = "{";
        const auto kind = job.host ? plan_->kinds.find(job.host->kind) : plan_->kinds.end();
        if (kind != plan_->kinds.end())
            for (const auto& state : kind->second.state) {
                const Value value = value_of(*plan_, **states, ids_.at(job.host->id), state.name);
                if (value.is_unknown()) continue;
                if (out.size() > 1) out += ", ";
                program::write_json_string(out, state.name);
                out += ": " + program::encode_value(value, names);
            }
        post({.key = job.key, .type = JobEvent::Type::ended, .out = out + "}"});
    }

    // The first that fits: of two on one step the one that was given first counts.
    [[nodiscard]] const SimulatedFault* fault_of(const Job& job) const {
        for (const SimulatedFault& fault : options_.faults)
            if (fault.step == job.step && job.attempt <= fault.attempts) return &fault;
        return nullptr;
    }

    // The effects and the end of a job are one change of the farm: no crash leaves one without the other. One that is
    // to be lost leaves only its effects.
    void run(const Job& job, ports::Millis now) {
        ports::SimulatedJob done{
            .key = job.key, .ends_at = now + options_.step_ms, .takes_ms = options_.step_ms, .out = {}, .err = {}};
        ports::SimulatedChange change;
        const base::Result<const States*> states = known();
        if (!states)
            return post({.key = job.key, .type = JobEvent::Type::never_started, .text = states.error().text()});
        const FarmEnv env(*plan_, **states);
        const Value allowed = job.precondition ? program::evaluate(*job.precondition, env) : Value::boolean(true);
        const SimulatedFault* fault = fault_of(job);
        if (const bool* truth = allowed.as_boolean(); truth && !*truth) {
            done.exit_status = 1;
            done.err = "the simulated farm does not allow it: `" + program::to_text(*job.precondition, env.names()) +
                       "` is not so";
        } else if (fault) {
            done.exit_status = 1;
            done.err = "made to fail";
            change.sets = effects(job, fault->when);
        } else {
            change.sets = effects(job, SimulatedFault::When::after);
        }
        const bool is_lost =
            fault != nullptr && fault->when == SimulatedFault::When::lost && done.err == "made to fail";
        if (!is_lost) change.jobs.push_back(done);
        if (base::Status changed = farm_->change_simulated(plan_->farm, change); !changed)
            return post({.key = job.key, .type = JobEvent::Type::lost, .text = changed.error().text()});
        for (const auto& set : change.sets) (*states_)[set.object][set.attribute] = set.value;
        if (is_lost) lost_.insert(done.key);
        due_.emplace(done.ends_at, std::move(done));
    }

    // What the job leaves on the farm, by when it is made to fail.
    [[nodiscard]] std::vector<ports::SimulatedChange::Set> effects(const Job& job, SimulatedFault::When when) const {
        std::vector<ports::SimulatedChange::Set> sets;
        if (when == SimulatedFault::When::before) return sets;
        const program::PlanNames names(*plan_);
        for (const Job::Effect& effect : job.effects)
            sets.push_back({plan_->objects.at(effect.object.index()).id, effect.attribute,
                            program::encode_value(effect.value, names)});
        const bool is_part = when == SimulatedFault::When::halfway || when == SimulatedFault::When::lost;
        if (is_part && !sets.empty()) {
            const bool is_single = sets.size() == 1;
            sets.resize(1);
            if (is_single) sets[0].value = something_else(job.effects[0]);
        }
        return sets;
    }

    // Any value but the one that is set: of an enumeration the next one. A text may be anything, so it is undefined.
    [[nodiscard]] std::string something_else(const Job::Effect& effect) const {
        const program::PlanNames objects(*plan_);
        if (const bool* truth = effect.value.as_boolean())
            return program::encode_value(Value::boolean(!*truth), objects);
        const auto kind = plan_->kinds.find(plan_->objects.at(effect.object.index()).kind);
        if (kind == plan_->kinds.end()) return "";
        const auto& states = kind->second.state;
        const auto state =
            std::find_if(states.begin(), states.end(), [&](const auto& s) { return s.name == effect.attribute; });
        if (state == states.end() || state->type.category != program::Type::Category::enumeration) return "";
        const std::vector<std::string>& names = state->type.names;
        const std::string* set = effect.value.as_enumerator();
        const auto at = set ? std::find(names.begin(), names.end(), *set) : names.end();
        if (at == names.end()) return "";
        const std::string& next = at + 1 == names.end() ? names.front() : *(at + 1);
        return program::encode_value(Value::enumerator(next), objects);
    }

    const program::Plan* plan_;
    ports::SimulatedFarm* farm_;
    ports::Mailbox* mailbox_;
    SimulatedOptions options_;
    std::map<std::string, ObjectId> ids_;
    std::optional<States> states_;
    std::vector<Job> pending_;
    std::vector<std::pair<Job::Ask, ports::SimulatedJob>> known_;  // begun before, and asked for again
    std::multimap<ports::Millis, ports::SimulatedJob> due_;
    std::set<std::string> lost_;  // of those, the keys that no host knows
};

}  // namespace

// The last colon counts: a path may have some itself.
base::Result<SimulatedFault> parse_fault(std::string_view text) {
    using When = SimulatedFault::When;
    const std::size_t colon = text.rfind(':');
    const std::string_view when = colon == std::string_view::npos ? "before" : text.substr(colon + 1);
    SimulatedFault fault{.step = std::string(text.substr(0, colon))};
    if (when == "before")
        fault.when = When::before;
    else if (when == "halfway")
        fault.when = When::halfway;
    else if (when == "after")
        fault.when = When::after;
    else if (when == "lost")
        fault.when = When::lost;
    else
        return base::Error{"`" + std::string(text) +
                           "` is no fault: STEP:before, STEP:halfway, STEP:after or STEP:lost"};
    if (fault.step.empty()) return base::Error{"`" + std::string(text) + "` names no step"};
    return fault;
}

std::unique_ptr<ports::Transport> make_simulated(const program::Plan& plan, ports::SimulatedFarm& farm,
                                                 ports::Mailbox& mailbox, SimulatedOptions options) {
    return std::make_unique<Simulated>(plan, farm, mailbox, std::move(options));
}

}  // namespace pvsplan::transport
