// Steps -> instances: procedures entered, loops unrolled, conditions decided where they can be.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/program/budget.hpp"

namespace pvsplan::expand {

// More nodes or scopes than this are refused: a small text must not become an endless plan. A scope is a turn of a
// step, also of one that is skipped, so that what takes time is bounded and not only what remains.
inline constexpr std::size_t max_nodes = 4'000'000;
inline constexpr std::size_t max_edges = 8 * max_nodes;
// Procedures within procedures within groups …
inline constexpr std::size_t max_depth = 400;

// That the budget is exhausted, at what costs most (else at `otherwise`), with what each line costs.
diag::Reported report_costs(const program::Budget& budget, base::Span otherwise, diag::Sink& sink);

// The plan itself.
Expansion expand(const resolve::Model& model, diag::Sink& sink);

// The `recover` block of one of its groups, as a plan of its own.
Expansion expand_recovery(const resolve::Model& model, const Expansion& plan, const RecoverBlock& recovery,
                          diag::Sink& sink);

// The `undo` of a node, as a plan of its own; its values may read `before`.
Expansion expand_undo(const resolve::Model& model, const Expansion& plan, const Node& node, std::string path,
                      diag::Sink& sink);

}  // namespace pvsplan::expand
