// Values as they cross the border to hosts: read off their output, and handed to their scripts.
#pragma once

#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "compiler/program/plan.hpp"
#include "runtime/journal/recovery.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// What a host printed, as a value of the type that is declared: "2402" and 2402 are versions, "True" is a bool. What
// does not fit the type stays what it is, and so differs from every value that does.
program::Value coerce(program::Value value, const program::Type& type);

// Why `value` is none of that type: "`Runing`, which is none of running, stopped; did you mean `running`?"; empty: it
// is one. No value at all is of no type.
std::string misfit(const program::Value& value, const program::Type& type);

// What the observation of an object of that kind printed: the last whole JSON value, one object whose members are
// states of the kind. A member that is none, that is there twice or whose value is outside of its type is an error: a
// witness that speaks of something else says nothing. A member that is left out, or null, is not observed; null stays
// as "none".
base::Result<state::States> read_observation(std::string_view out, const program::Kind& kind);

// {"Before":…,"On":…,"With":…} for scripts; secrets are left out.
std::string job_data(const program::Plan& plan, program::ObjectId on, const program::Action& action,
                     const std::vector<program::Value>& frame, const state::States* before);

// A setting whose value is known.
struct Set {
    program::ObjectId object;
    std::string attribute;
    program::Value value;
};

// What the objects show of `sets`. Attributes that nobody can read are taken out by the caller.
journal::Shows shows(const std::vector<Set>& sets, const state::ObjectStates& before, const state::ObjectStates& seen);

// "server/pvs01.stream is running, not stopped; …" of what is not as it is set; empty if all is.
std::string difference(const std::vector<Set>& sets, const state::ObjectStates& seen, const program::Plan& plan);

}  // namespace pvsplan::engine
