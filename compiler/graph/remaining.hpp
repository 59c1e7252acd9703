// The facts of a compiled plan of which a part has run: nodes that are over come before all remaining ones, and among
// themselves in the order that the journal shows, which is not always that of the plan: others go on past an abandoned
// iteration, and a person may then say that a step of it is done.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::graph {

// How far a run has come.
struct Progress {
    enum class NodeProgress : std::uint8_t {
        remaining,
        over,      // finished
        skipped,   // its `when` is false; it does nothing, but still takes part in the order
        last,      // of an abandoned iteration: tried again, if ever, when all else is over
        left_out,  // of an iteration that a person left out: not tried again before this is proved anew
        unseen,    // likewise, but under way then: nobody knows whether it was done, or is being done. It may
                   // happen at any moment from now on, and nothing else waits for it
    };
    // The numbers of the records by which a node began and was over; what it did came between them. 0: none says so.
    struct Recorded {
        std::uint64_t began = 0;
        std::uint64_t over = 0;
    };
    std::vector<NodeProgress> nodes;                 // by node of the plan
    std::vector<Recorded> recorded;                  // by node of the plan
    std::vector<program::InstanceId> abandoned;      // by node of the plan: the iteration with which it was abandoned
    std::vector<program::NodeId> may_have_happened;  // remaining, and perhaps done once already
    std::vector<bool> guard_holds;                   // by guard: it was decided so
};

// A node that is over sets nothing any more: the initial states are those that the plan's objects have now. Whether its
// events are among the facts depends on the requirement: counts and orders include past events, `while` does not.
enum class Past : std::uint8_t { counts, is_forgotten };

// `known` gives attributes and the outputs of steps. The plan must outlive the facts.
Facts facts_of_remaining(const program::Plan& plan, const Progress& progress, Past past, const program::Env& known);

// The same for a compiled plan before its run: the nodes of the facts are those of the plan.
Facts facts_of_whole(const program::Plan& plan, const program::Env& known);

}  // namespace pvsplan::graph
