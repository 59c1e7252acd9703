// The checks of the ordered plan. Each is pure and has a file of its own; none enumerates schedules.
#pragma once

#include <optional>
#include <vector>

#include "compiler/checks/decision.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/graph/vocabulary.hpp"

namespace pvsplan::checks {

// Races: two nodes without an order that both write a state variable, or one writes and the other reads it. Reports
// PV3xxx. Returns true if there is none; the later checks rely on that.
bool check_races(const graph::Facts& facts, diag::Sink& sink);

// Preconditions: every RequireFact is true in every schedule. Relies on check_races. Reports PV3xxx; with a vocabulary,
// also names what would establish what is missing.
void check_preconditions(const graph::Facts& facts, const graph::Vocabulary* vocabulary, diag::Sink& sink);

// Outputs: a step runs only where each step whose output it needs runs as well. Reports PV3105.
void check_outputs(const graph::Facts& facts, diag::Sink& sink);

// One decision for each requirement, in order. Where `only` is given, all others are `undecided` without a reason.
// Relies on check_races.
// `places` are parallel to the requirements, or empty where the source is not at hand.
std::vector<Decision> decide(const graph::Facts& facts, const std::vector<Requirement>& requirements,
                             const std::vector<program::RequirementPlaces>& places,
                             std::optional<std::size_t> only = {});

// Reports a requirement that is violated (PV4xxx, an error), vacuous or undecided (warnings): at the step that could be
// changed, or at the entry of the plan that asks for it.
void report(const graph::Facts& facts, const graph::Vocabulary& vocabulary, const Requirement& requirement,
            const program::RequirementPlaces& places, const Decision& decision, diag::Sink& sink);

}  // namespace pvsplan::checks
