// The rollback program: what undoes a run, or a part of one. There is this one derivation. What the compiler proves of
// `undo` and `recover` it proves of these programs, and these are what the engine runs.
//
// Rollback is what the literature on sagas calls compensation: completed steps are undone in the reverse order of their
// dependencies.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"

namespace pvsplan::program {

// A step that cannot be undone, and the steps before it that therefore are not undone.
struct NoReturn {
    std::string node;
    std::string why;
    std::vector<std::string> stays;  // steps that ran before it and are not undone either
};

// Nodes are called "undo:STEP" ("undo:STEP.ID" where an undo has several steps) and "recover:GROUP.ID". Nodes of a join
// "undone:N" come after the first N that are undone.
struct RollbackProgram {
    Graph graph;
    std::vector<Guard> guards;
    std::vector<NoReturn> no_return;
    // Filled only if the rollback goes back to a record: paths of what ended before that record. `stays` is left as it
    // is; `beyond` is undone all the same, since a `recover` undoes all that it covers.
    std::vector<std::string> stays;
    std::vector<std::string> beyond;
};

// How far a node has come. Numbers are those of records; what has none yet is `never`.
struct NodeHistory {
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
    bool has_effect = false;      // it finished, or may have begun: it may have changed something
    std::uint64_t start = never;  // when it first started
    std::uint64_t end = never;    // when it was last over
    std::uint64_t left = never;   // when it was first over: what comes after it may have started then
};

// What is known when the rollback is derived: values that its steps read and that do not change any more.
using Known = Env;

// The program that undoes exactly the nodes that have an effect (`histories`: by node). If a ended before b started, b
// is undone before a. If a `recover` covers one of them, its steps replace the undo of all that it covers; the
// outermost decides. A step that cannot be undone bounds the rollback: it, and all that ended before it started, stay.
//
// `back_to`: what ended before that record stays as well, unless something that is undone comes before it. Such a
// rollback is the beginning of the whole one, so what was proved of the whole one holds for it.
RollbackProgram rollback_of(const Plan& plan, const std::vector<NodeHistory>& histories, const Known& known,
                            std::uint64_t back_to = 0);

// The parts of such a program: what undoes one node, and one group.
RollbackProgram rollback_of(const Node& node, const Known& known);
RollbackProgram rollback_of(const RecoverSteps& recovery, const std::string& plan, const Known& known);

}  // namespace pvsplan::program
