// The checks over the ordered plan: each pure, each its own file, none enumerates schedules.
#pragma once

#include <optional>
#include <vector>

#include "compiler/checks/requirement.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::checks {

// Races: two nodes that set one slot, or one that reads and one that sets it, without order. Reports PV3xxx.
// Returns whether there is none: what follows relies on it.
bool check_races(const graph::Facts& facts, diag::Sink& sink);

// Preconditions: every RequireFact is true in every schedule. Relies on check_races. Reports PV3xxx, with the actions
// that would bring about what is missing where a model is at hand.
void check_preconditions(const graph::Facts& facts, const resolve::Model* model, diag::Sink& sink);

// One decision for each requirement, in order; of all but `only`, where it is given, `undecided` without a word. Relies
// on check_races.
std::vector<Decision> decide(const graph::Facts& facts, const std::vector<Requirement>& requirements,
                             std::optional<std::size_t> only = {});

// Reports one that is violated (PV4xxx error), vacuous (warning) or undecided (warning): at the step that could be
// otherwise, or at the entry of the plan that asks for it.
void report(const graph::Facts& facts, const resolve::Model& model, const Requirement& requirement,
            const Decision& decision, diag::Sink& sink);

}  // namespace pvsplan::checks
