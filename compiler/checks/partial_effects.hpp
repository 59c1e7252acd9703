// What a step that failed on its way may leave of the states that it sets: some of them as they should be and the
// others as they were, or all of them otherwise.
#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "compiler/checks/abstract_run.hpp"

namespace pvsplan::checks {

class PartialEffects {
  public:
    // Both must outlive it.
    PartialEffects(const resolve::Model& model, const graph::Facts& facts) : model_(model), facts_(facts) {}

    using Effect = std::vector<std::pair<graph::StateVariable, program::Value>>;
    // Of a node, apart from all that it sets and from nothing at all, which is no failure on its way. States outside of
    // `touched` make no difference to who asks: they are as they should be wherever there is a choice. Nothing if there
    // are more than are tried.
    [[nodiscard]] std::optional<std::vector<Effect>> of(graph::Index node, const AbstractState& before,
                                                        const std::set<graph::StateVariable>& touched) const;

    // All that a state can be; none where that has no end.
    [[nodiscard]] std::vector<program::Value> values_of(graph::StateVariable variable) const;
    // What may be left of a state besides what is set and, mostly, what was before.
    [[nodiscard]] std::vector<program::Value> others_than(const graph::SetFact& set) const;

  private:
    const resolve::Model& model_;
    const graph::Facts& facts_;
};

}  // namespace pvsplan::checks
