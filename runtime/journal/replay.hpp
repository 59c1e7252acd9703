// Replay is a pure fold: the state of a run is what its records say, in their order, and nothing else.
#pragma once

#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/ports/runs.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::journal {

// Folds one more record into the state. An error, and the state unchanged, if no run of this plan can have written it
// there: a node that does not exist, a move that the table of phases does not have.
base::Status apply(state::RunState& run, const Record& record);

// The record in a row that comes next in the run, with its hash, its encoding and its place in the chain checked.
base::Result<Record> read_next(const state::RunState& run, const ports::RecordRow& row);

// The whole of it, with the chain of hashes, the numbering and the encoding checked on the way.
base::Result<state::RunState> replay(const program::Plan& plan, const std::vector<ports::RecordRow>& rows);

// The row that stores `record` behind the last one of `run` (sets number and prev).
ports::RecordRow seal(const state::RunState& run, Record& record);

// State values as records hold them, and back.
StateTexts encode_states(const state::ObjectStates& states, const program::Plan& plan);
base::Result<state::ObjectStates> decode_states(const StateTexts& texts, const program::Plan& plan);

}  // namespace pvsplan::journal
