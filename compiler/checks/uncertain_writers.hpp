// Writers of a state in iterations that may have been abandoned while others went on: the value of the state is then
// unknown.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// Considers the nodes that were passed, in topological order.
class UncertainWriters {
  public:
    explicit UncertainWriters(const graph::Facts& facts) : facts_(facts) {}  // which must outlive it
    void pass(graph::Index node);
    // A writer of the variable in an iteration that may be abandoned and that `node` is not in.
    [[nodiscard]] std::optional<graph::Index> of(graph::StateVariable variable, graph::Index node) const;

  private:
    [[nodiscard]] bool may_be_abandoned(graph::Index node) const;

    const graph::Facts& facts_;
    std::unordered_map<graph::StateVariable, std::vector<graph::Index>> writers_;  // the last one of each iteration
};

}  // namespace pvsplan::checks
