// Proves a plan again when a part of it has run, over what remains.
#pragma once

#include <string>
#include <vector>

#include "compiler/checks/decision.hpp"
#include "compiler/graph/remaining.hpp"

namespace pvsplan::checks {

struct Again {
    std::vector<std::string> broken;     // a sentence each: a requirement, or a step that cannot start
    std::vector<std::string> undecided;  // what is known does not decide it
};

// The initial states are those of the objects of `plan`. A waived requirement does not count as broken. One that held
// when the plan was compiled, and cannot be decided any more, does: what was proved is kept on every way.
Again prove_again(const program::Plan& plan, const graph::Progress& progress, const program::Env& known);

// A compiled plan before its run: its facts, node by node, and what is proved of it now, parallel to its
// requirements. The plan must outlive it.
struct Whole {
    graph::Facts facts;
    std::vector<Decision> decisions;
};
Whole prove_whole(const program::Plan& plan, const program::Env& known);

// What keeps a compiled plan from being what it says of itself, a sentence each: steps that race, a step that cannot
// start, a requirement that does not hold though the plan says so. Its seal tells that nobody changed a byte by
// accident; it does not tell who sealed it, nor whether the program that compiled it proved as much as this one.
std::vector<std::string> contradictions(const program::Plan& plan, const program::Env& known);

}  // namespace pvsplan::checks
