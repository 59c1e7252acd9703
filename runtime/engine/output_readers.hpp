// Who still reads the outputs of a step: without them they could not begin, and could not be undone.
#pragma once

#include <string>
#include <vector>

#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// One of those who read an output, as people call it.
struct OutputReader {
    std::string output;
    std::string who;  // "`use`", "the `when` of `use`", "the rollback of `use`"
};

// One for each output of the step that is read by something that has not finished; none for a step that only the
// simulated farm runs, which prints nothing.
std::vector<OutputReader> output_readers(const state::RunState& run, program::NodeId step);
// Likewise, but only what the run itself still comes to: no rollback, and nothing in an iteration that was abandoned.
std::vector<OutputReader> output_readers_ahead(const state::RunState& run, program::NodeId step);

}  // namespace pvsplan::engine
