// The outputs of a step, and whether the steps that read them can take them.
#pragma once

#include <map>
#include <string>

#include "compiler/base/result.hpp"
#include "runtime/engine/job.hpp"
#include "runtime/state/env.hpp"

namespace pvsplan::engine {

// What the command of a step printed and what was seen after it: what its outputs are made of.
struct OutputSources {
    const Prepared& prepared;
    const state::CommandResult& result;
    const state::ObjectStates& seen;
};

// By name, as JSON. An error names the first output that has no value, or that a reader cannot take, and why.
base::Result<std::map<std::string, std::string>> outputs_of(const state::RunState& run, program::NodeId node,
                                                            const OutputSources& from, const RunRedactor& redactor);

// Why the outputs of a step are unknown whose command ended unseen, though all that it sets is there; empty: nobody
// reads them.
std::string unknown_outputs(const state::RunState& run, program::NodeId node);

}  // namespace pvsplan::engine
