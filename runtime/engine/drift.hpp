// What has become of the farm since the run last saw it: others may have changed it while the run was halted.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/recorder.hpp"

namespace pvsplan::engine {

struct Drift {
    std::vector<std::string> changed = {};     // "server/b: stream is stopped, and the run left it running"
    std::vector<program::ObjectId> away = {};  // did not answer: their states may be anything by now
    std::vector<std::string> unanswered = {};  // "server/c does not answer: no route to host", parallel to `away`
    bool is_interrupted = false;               // the user wants to stop, and not all objects were asked

    [[nodiscard]] bool is_empty() const { return changed.empty() && away.empty(); }
};

// Observes every object, and writes what is otherwise than the run knows into the journal, for the next commit. States
// that an unfinished step sets, and objects that do not answer in the middle of one, are no drift: resuming looks at
// them anyway, and with more patience. Blocks for as long as the slowest host takes, a host that is away for 10 s.
Drift take_drift(const Environment& environment, const Options& options, Recorder& recorder, const ToldSoFar& told);

}  // namespace pvsplan::engine
