// Values at the border to hosts: read from their output, and written for their scripts.
#pragma once

#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "compiler/program/plan.hpp"
#include "runtime/journal/recovery.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// Converts what a host printed to the declared type: "2402" and 2402 are versions, "True" is a bool. A value that does
// not fit the type is returned as it is, and so differs from every value that does.
program::Value coerce(program::Value value, const program::Type& type);

// Why `value` is none of that type: "`Runing`, which is none of running, stopped; did you mean `running`?"; empty: it
// is one. No value at all is of no type.
std::string misfit(const program::Value& value, const program::Type& type);

// The states that the observation of an object printed: the last whole JSON value is one object whose members are
// states of the kind. A member that is no such state, that occurs twice or whose value is outside of its type is an
// error: such an output is not trusted at all. A member that is left out, or null, is not observed; null stays as
// "none".
base::Result<state::States> read_observation(std::string_view out, const program::Kind& kind);

// {"Before":…,"On":…,"With":…} for scripts; secrets are left out. An object has its name and its attributes, without
// those that are objects; a list of objects is written once, and the objects in it have no such list.
std::string job_data(const program::Plan& plan, program::ObjectId on, const program::Action& action,
                     const std::vector<program::Value>& frame, const state::States* before);

// A setting whose value is known.
struct Set {
    program::ObjectId object;
    std::string attribute;
    program::Value value;
};

// What the objects show of `sets`. The caller leaves out attributes that nobody can read.
journal::Shows shows(const std::vector<Set>& sets, const state::ObjectStates& before, const state::ObjectStates& seen);

// "server/pvs01.stream is running, not stopped; …" for each value that is not as set; empty if all are.
std::string difference(const std::vector<Set>& sets, const state::ObjectStates& seen, const program::Plan& plan);

}  // namespace pvsplan::engine
