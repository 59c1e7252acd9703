// A compiled plan of which a part has run, as facts for the checks: what is over lies before all that is left.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::graph {

// How far a run has come.
struct Progress {
    enum class NodeProgress : std::uint8_t {
        left,
        over,     // finished
        skipped,  // its `when` turned out so; nothing of it happens, but it still stands in the order
        last,     // was left behind by `on_failure: continue`: tried again when all else is over
    };
    std::vector<NodeProgress> nodes;                 // by node of the plan
    std::vector<program::InstanceId> abandoned;      // by node of the plan: with which iteration it is `last`
    std::vector<program::NodeId> may_have_happened;  // left, and perhaps done once already
    std::vector<bool> guard_holds;                   // by guard: it was decided so
};

// What is over has happened and sets nothing any more: states begin as the plan's objects have them now. Whether its
// events are among the facts is the question's to say: counts and orders look back, what holds while something
// happens does not.
enum class Past : std::uint8_t { counts, is_forgotten };

// `known` answers for attributes and for what steps put out. The plan outlives the facts.
Facts facts_of_remaining(const program::Plan& plan, const Progress& progress, Past past, const program::Env& known);

}  // namespace pvsplan::graph
