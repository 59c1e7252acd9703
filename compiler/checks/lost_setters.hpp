// Who set a state, and may have been left behind on its way while others went on: then nobody knows what it is.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// Of the nodes that were passed, in their order.
class LostSetters {
  public:
    explicit LostSetters(const graph::Facts& facts) : facts_(facts) {}  // which must outlive it
    void pass(graph::Index node);
    // One that sets the slot in an instance that `node` is not in.
    [[nodiscard]] std::optional<graph::Index> of(graph::Slot slot, graph::Index node) const;

  private:
    [[nodiscard]] bool may_be_left(graph::Index node) const;

    const graph::Facts& facts_;
    std::unordered_map<graph::Slot, std::vector<graph::Index>> setters_;  // of each instance the last one
};

}  // namespace pvsplan::checks
