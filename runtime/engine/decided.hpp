// What `resume` would do: with the decisions of a person, and with the iterations that a failure abandoned.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/drift.hpp"
#include "runtime/engine/operator_decisions.hpp"

namespace pvsplan::engine {

struct Decided {
    Outcome outcome = Outcome::done;  // anything else refuses the call
    std::string why = {};
    std::vector<std::string> causes = {};
    std::vector<program::InstanceId> readmit = {};                       // tried again once all else is over
    std::vector<std::pair<program::InstanceId, std::string>> keep = {};  // abandoned, not tried again now, and why

    std::vector<std::string> notes = {};  // for people: how the farm has changed

    [[nodiscard]] bool is_refused() const { return outcome != Outcome::done; }
};

// The decisions are taken, then the farm is looked at, and all that remains is proved where one of them makes it differ
// from what was proved before. Without a proof, and in a rollback, nobody looks.
Decided decide(OperatorDecisions& said, const ResumeOptions& what, const Recorder& recorder,
               const std::function<Drift()>& look);

}  // namespace pvsplan::engine
