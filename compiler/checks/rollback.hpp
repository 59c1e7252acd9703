// The way back (README.md): `undo` of every node and `recover` of every group put back what was there before.
//
// States are followed through the plan in topological order, which is exact because nodes that touch one state are
// ordered. After each node its `undo` is run on paper and every state that the node set must be as it was. For a group
// with `recover` the same is done from every point at which it can fail or be interrupted (failure_points.hpp). Where
// those are too many to look at, the way back is not called complete and a warning says so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

struct RollbackVerdict {
    bool complete = true;      // every node can be undone, from every point
    std::uint64_t points = 0;  // points of failure that were looked at
    struct NoReturn {
        graph::Index node = 0;
        std::string why;
        std::vector<graph::Index> stranded;  // before it, and no longer undone by a rollback
    };
    std::vector<NoReturn> no_return;
};

struct Ground {
    const resolve::Model& model;
    expand::Expansion& expansion;
    const std::vector<std::uint32_t>& node_of;  // by Index
    const graph::Facts& facts;
};

// Reports PV50xx. Relies on check_races.
RollbackVerdict check_rollback(const Ground& ground, diag::Sink& sink);

}  // namespace pvsplan::checks
