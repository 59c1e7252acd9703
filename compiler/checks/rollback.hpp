// Rollback (README.md): proves that `undo` of every node and `recover` of every group restore the state before.
//
// What is proved is proved of the rollback programs that the engine runs (graph/rollback_source.hpp), not of their
// text. The check follows the states through the plan in topological order. That is exact, because nodes that touch the
// same state are ordered. After each node it runs the program that undoes it abstractly; every state that the node set
// must then be as it was. For a group with `recover` it does the same from every point at which the group can fail or
// be interrupted (failure_points.hpp). If there are too many points, the rollback does not count as complete, and a
// warning says so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/graph/rollback_source.hpp"

namespace pvsplan::checks {

struct RollbackVerdict {
    bool complete = true;      // every node can be undone, from every failure point
    std::uint64_t points = 0;  // failure points visited
    struct NoReturn {
        graph::Index node = 0;
        std::string why;
        std::vector<graph::Index> stranded;  // nodes before it that a rollback no longer undoes
    };
    std::vector<NoReturn> no_return;
};

// Reports PV50xx. Relies on check_races. Uses up the budget of `facts`; an exhausted one makes the verdict worthless.
RollbackVerdict check_rollback(const graph::Facts& facts, graph::RollbackSource& programs, diag::Sink& sink);

}  // namespace pvsplan::checks
