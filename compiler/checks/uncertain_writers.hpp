// Who set a state, and may have been left behind on its way while others went on: then nobody knows what it is.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// Of the nodes that were passed, in their order.
class UncertainWriters {
  public:
    explicit UncertainWriters(const graph::Facts& facts) : facts_(facts) {}  // which must outlive it
    void pass(graph::Index node);
    // One that sets the slot in an instance that `node` is not in.
    [[nodiscard]] std::optional<graph::Index> of(graph::StateVariable variable, graph::Index node) const;

  private:
    [[nodiscard]] bool may_be_left(graph::Index node) const;

    const graph::Facts& facts_;
    std::unordered_map<graph::StateVariable, std::vector<graph::Index>> writers_;  // of each instance the last one
};

}  // namespace pvsplan::checks
