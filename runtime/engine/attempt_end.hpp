// The end of an attempt: what is known of it, and the record of what it was judged to be.
#pragma once

#include <optional>
#include <string>

#include "runtime/engine/attempts.hpp"
#include "runtime/engine/judgement.hpp"

namespace pvsplan::engine {

// What follows from the record. The event is still to be told.
struct RecordedEnd {
    Event event;
    bool keeps_job = false;                    // its host must still know the job
    std::optional<ports::Millis> retry_in_ms;  // it is tried again after that time
};

// Judges the attempt and records it. `failure`: why it has failed, where its command does not tell.
// `attempt` has its result, or what the host says of its job, and all its observations.
RecordedEnd record_end(Recorder& recorder, Attempt& attempt, const std::string& failure);
// Records that it may have begun; nobody waits for its end any more.
RecordedEnd record_begun(Recorder& recorder, Attempt& attempt);
// A step that must not start fails without an attempt.
void refuse(Recorder& recorder, program::NodeId node, const std::string& why);

}  // namespace pvsplan::engine
