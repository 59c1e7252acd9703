// Whether a decision would be accepted, found out on a copy of the run: nothing is recorded, and no host is asked.
#pragma once

#include <optional>
#include <vector>

#include "runtime/engine/run.hpp"
#include "runtime/engine/stored_run.hpp"

namespace pvsplan::engine {

class Trial {
  public:
    enum class Answer : std::uint8_t {
        accepted,   // as far as it does not depend on what hosts say
        refused,    // by the journal, or by the proof of what is left
        not_tried,  // too much to prove for a piece of advice
    };

    // `stored` outlives it.
    Trial(const StoredRun& stored, ProveAgain prove) : stored_(&stored), prove_(std::move(prove)) {}

    // What `resume` with these decisions (none: without any) would say.
    [[nodiscard]] Answer answer_to(const std::vector<OperatorDecision>& decisions);

  private:
    [[nodiscard]] Answer tried(const std::vector<OperatorDecision>& decisions);

    const StoredRun* stored_;
    ProveAgain prove_;
    std::size_t proved_ = 0;             // nodes, in all that was tried
    std::optional<Answer> without_any_;  // it is asked for with each step that is in doubt
};

}  // namespace pvsplan::engine
