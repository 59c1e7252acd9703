// What the checks of a rollback share: where the walk through the plan stands, and what was found so far.
#pragma once

#include <string>
#include <vector>

#include "compiler/checks/abstract_run.hpp"
#include "compiler/checks/partial_effects.hpp"
#include "compiler/checks/rollback.hpp"
#include "compiler/checks/uncertain_writers.hpp"
#include "compiler/schedule/timeline.hpp"

namespace pvsplan::checks {

// Moved on by check_rollback(), node by node; the checks read it and add to `verdict`.
struct RollbackWalk {
    RollbackWalk(const graph::Facts& of, graph::RollbackSource& from, diag::Sink& into)
        : facts(of),
          programs(from),
          sink(into),
          uncertain_writers(of),
          partial(of),
          writers(schedule::writers_by_variable(of)) {
        for (const graph::ValueIndex v : of.initial) state.push_back(of.values[v]);
    }

    const graph::Facts& facts;
    graph::RollbackSource& programs;
    diag::Sink& sink;
    RollbackVerdict verdict;
    std::vector<program::Value> state;   // by state variable, before the present node
    UncertainWriters uncertain_writers;  // before that node
    const PartialEffects partial;
    const graph::Rows<graph::Index> writers;  // by state variable

    // Whether an abandoned iteration may have left the state variable at another value than the plan says.
    [[nodiscard]] bool is_doubtful(graph::StateVariable variable, graph::Index node) const {
        return uncertain_writers.of(variable, node).has_value();
    }
};

// "`pvs.stop` on `server/pvs02` requires what does not hold then"
std::string obstacle_text(const graph::Facts& facts, const Obstacle& obstacle);
// Where what is false then is required; nowhere: it is no precondition that is in the way.
base::Span requirement_of(const Obstacle& obstacle);

// Says of each value that is not known on what it depends, where that has a name.
void hint_at_unknown(const graph::Facts& facts, std::initializer_list<const program::Value*> values,
                     diag::Reported& reported);

}  // namespace pvsplan::checks
