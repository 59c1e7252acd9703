// What a failed step may leave in the state variables that it sets: a part of them set and the others unchanged, or all
// of them with other values.
#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "compiler/checks/abstract_run.hpp"

namespace pvsplan::checks {

class PartialEffects {
  public:
    explicit PartialEffects(const graph::Facts& facts) : facts_(facts) {}  // which must outlive it

    using Effect = std::vector<std::pair<graph::StateVariable, program::Value>>;
    // The partial effects of a node, without the full effect and the empty one, which are the outcomes of a step that
    // is done or not started. The caller does not depend on states outside of `touched`, so these count as set. Nothing
    // if there are more than are tried.
    [[nodiscard]] std::optional<std::vector<Effect>> of(graph::Index node, const AbstractState& before,
                                                        const std::set<graph::StateVariable>& touched) const;

    // All values of a state variable; empty if their number is not finite.
    [[nodiscard]] std::vector<program::Value> values_of(graph::StateVariable variable) const;
    // The other values that a failure may leave in the state variable: neither the value that is set nor, in most
    // cases, the value before.
    [[nodiscard]] std::vector<program::Value> others_than(const graph::SetFact& set) const;

  private:
    const graph::Facts& facts_;
};

}  // namespace pvsplan::checks
