// Steps -> instances: enters procedures, unrolls loops, decides conditions where it can.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/program/budget.hpp"

namespace pvsplan::expand {

// A plan with more nodes or scopes is refused, as a small text can expand to a huge plan. Each iteration of a step is a
// scope, also of a skipped step, so this bounds the time of the expansion and not only its result.
inline constexpr std::size_t max_nodes = 4'000'000;
inline constexpr std::size_t max_edges = 8 * max_nodes;
// Procedures within procedures within groups …
inline constexpr std::size_t max_depth = 400;

// Reports that the budget is exhausted, with the costs of each line, at the line that costs most (else at `otherwise`).
diag::Reported report_costs(const program::Budget& budget, base::Span otherwise, diag::Sink& sink);

// The plan itself. `known`: conditions that are known before the run although they read states. Once somebody asks to
// stop, what it made so far means nothing.
Expansion expand(const resolve::Model& model, const KnownWhens& known, diag::Sink& sink,
                 const std::stop_token& stop = {});

// The `recover` block of one of its groups, as a plan of its own.
Expansion expand_recovery(const resolve::Model& model, const Expansion& plan, const RecoverBlock& recovery,
                          diag::Sink& sink);

// The `undo` of an action without a step that it undoes, which is left open (program/open_undo.hpp). Reports errors
// where what there is to do depends on the step.
Expansion expand_open_undo(const resolve::Model& model, resolve::ActionId action, diag::Sink& sink);

// The `undo` of a node, as a plan of its own; its values may read `before` of the node.
Expansion expand_undo(const resolve::Model& model, const Expansion& plan, const Node& node, std::string path,
                      diag::Sink& sink);

}  // namespace pvsplan::expand
