// From a node to the job that a transport runs.
#pragma once

#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/engine/redact.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/engine/values.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// A node, with everything that is known when it is about to start.
struct Prepared {
    std::vector<program::Value> frame;  // `on`, then the parameters
    std::vector<Set> sets;              // those whose value is known now
    state::ObjectStates before;         // of `on` and of what it sets, as far as known
    std::string refused;                // why it must not start: a value that is not known, a `requires` that fails
};
// On hosts, nothing starts with a value that is missing (missing.hpp), of another type than its parameter's, or under a
// `requires` that nobody can decide. The simulated farm knows no outputs: there they are none.
Prepared prepare(const state::RunState& run, const program::Node& node);
// Whether the simulated farm runs it.
bool is_modelled(const state::RunState& run, const program::Node& node);
// Whether a person does it, at the host itself or because its action says so.
bool is_by_hand(const state::RunState& run, const program::Node& node);
// Whether a host runs a command for it, which can be looked for there and ended.
bool has_command(const state::RunState& run, const program::Node& node);
// What it says to whoever does it by hand.
std::string instructions_of(const state::RunState& run, const program::Node& node);

// The site from within which alone it can be reached; empty: none.
std::string site_of(const program::Object& host);

// What its `connect` says, which may be done from within its site. It is not simulated.
std::string over_of(const program::Object& host);

// The name of the transport that reaches `host` (null: what no object is given for).
std::string transport_name(const program::Plan& plan, const program::Object* host, program::Body::Type body);
using program::is_simulated;

// Whether the state of an object can be read off it at all.
bool is_observable(const program::Plan& plan, program::ObjectId object);

// What an observation that has ended tells of `object`; an error says why it tells nothing: it failed, printed
// something else than the object's states, or a secret.
base::Result<state::States> take_observation(const program::Plan& plan, program::ObjectId object,
                                             const ports::JobEvent& event, const RunRedactor& redactor);

// [a-z0-9-], the same for the same run, step and attempt.
std::string job_key(const std::string& run, const std::string& step, std::uint32_t attempt);

// All secrets that a run of the plan could meet are read and made known to `redactor`, so that each is known from its
// first byte on; an error speaks of the one that is not there. A farm that is simulated as a whole needs none.
base::Status learn_secrets(const program::Plan& plan, ports::Secrets& secrets, RunRedactor& redactor);
// The object on whose host an action of `on` runs; none: this machine.
program::ObjectId host_of(const state::RunState& run, const program::Node& node, const Prepared& prepared);

// The job of an attempt. An error if a secret cannot be read; secrets that are read are made known to `redactor`.
base::Result<ports::Job> command_job(const state::RunState& run, const program::Node& node, const Prepared& prepared,
                                     const std::string& run_id, std::uint32_t attempt, ports::Secrets& secrets,
                                     RunRedactor& redactor);
// A job of the object itself that runs nothing: how it is reached, and the secrets for that.
base::Result<ports::Job> host_job(const program::Plan& plan, program::ObjectId object, ports::Secrets& secrets,
                                  RunRedactor& redactor);
base::Result<ports::Job> observation_job(const program::Plan& plan, program::ObjectId object, ports::Secrets& secrets,
                                         RunRedactor& redactor);

}  // namespace pvsplan::engine
