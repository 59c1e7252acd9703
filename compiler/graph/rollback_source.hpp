// The rollback programs of a plan, as the proofs ask for them. They come from the one derivation
// (program/rollback.hpp) whose result the engine runs: what is proved is what is run.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/program/rollback.hpp"

namespace pvsplan::graph {

struct Rollback {
    program::RollbackProgram program;
    // By node what it works on, if all steps of an action share the program (program/open_undo.hpp). Else empty.
    std::vector<program::ExprPtr> on;
    std::vector<base::Span> places;        // by node: the step in the source
    std::vector<base::Span> guard_places;  // by guard of the program
    // Follow from the program, so that a proof need not look for them for each of a million steps.
    std::vector<std::uint32_t> actions;  // by node: index into Facts::actions, or no_index
    bool is_chain = true;                // each node comes after the one before it
    Rows<std::uint32_t> before;          // by node: those that it waits for
};
// Wants the edges of the program sorted by where they lead, and facts that have its actions.
void fill_in_what_follows(const Facts& facts, Rollback& rollback);

// Asked by the checks; implemented where the plan is linked, since only that knows the derivation. What it returns it
// makes on demand.
class RollbackSource {
  public:
    RollbackSource() = default;
    RollbackSource(const RollbackSource&) = delete;
    RollbackSource& operator=(const RollbackSource&) = delete;
    virtual ~RollbackSource() = default;

    // What undoes one node, an action whose undo has steps. Null if the text of that undo has errors, which are
    // reported. Valid until the next call.
    [[nodiscard]] virtual const Rollback* undo_of(Index node) = 0;
    // The same, of this node alone: it is not shared.
    [[nodiscard]] virtual const Rollback* own_undo_of(Index node) = 0;

    // The groups with a `recover`, outer before inner.
    [[nodiscard]] virtual std::size_t recoveries() const = 0;
    [[nodiscard]] virtual std::string group(std::size_t recovery) const = 0;              // its path; empty: the plan
    [[nodiscard]] virtual std::vector<Index> covered_by(std::size_t recovery) const = 0;  // ascending
    [[nodiscard]] virtual const Rollback* recovery(std::size_t recovery) = 0;             // as undo_of
    [[nodiscard]] virtual base::Span place(std::size_t recovery) const = 0;
    [[nodiscard]] virtual diag::Place finding_in(std::size_t recovery, base::Span seen) const = 0;
};

}  // namespace pvsplan::graph
