// A person says that a run goes on without an iteration of a loop (`resume --skip`), such as that of a server that is
// dead. Steps of it that were under way then count as failed, though they may have been done, and may still be running
// where nobody sees them. It stays left out until a person says that it is tried again (`resume --redo`).
#pragma once

#include <string>

#include "runtime/engine/recorder.hpp"

namespace pvsplan::engine {

// Why the run cannot go on without it; empty: it can. Hosts are asked whether what had begun still runs.
[[nodiscard]] std::string why_not_left_out(Recorder& recorder, const Options& options, program::InstanceId iteration);

// Records it; nothing is durable before the next commit.
// `why_not_left_out()` was empty.
void leave_out(Recorder& recorder, program::InstanceId iteration, const std::string& because);

// Records that a person wants it tried again: from then on it is one that was abandoned.
void try_again(Recorder& recorder, program::InstanceId iteration, const std::string& because);

// After leave_out() of all iterations of a call: why something that goes on cannot do without them. Empty: it can.
[[nodiscard]] std::string needed_from_left_out(const state::RunState& run);

// Whether the step of the program that goes on now is in an iteration that is left out.
[[nodiscard]] bool is_left_out(const state::RunState& run, program::NodeId node);

// "`rest[pvs02]` is left out (root: its mainboard is dead)"
[[nodiscard]] std::string left_out_text(const state::RunState& run, program::InstanceId iteration);

}  // namespace pvsplan::engine
