// What a person can do about a run that does not go on by itself: commands to type, the best first. None of them is
// one that would be refused, as far as that can be told without asking a host.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/engine/run.hpp"
#include "runtime/engine/trial.hpp"

namespace pvsplan::engine {

// What becomes of `resume` with these decisions.
using Tried = std::function<Trial::Answer(const std::vector<OperatorDecision>& decisions)>;

// About one step, or one iteration that is left out; empty where all is said with the run.
std::vector<Offer> offers_about(const std::string& run, const Wanted& wanted, const Tried& tried);

// About the run as a whole.
std::vector<Offer> offers_about(const std::string& run, const std::vector<Wanted>& wanted, RollbackReach reach,
                                const Tried& tried);

// All of it.
struct Advice {
    std::vector<std::vector<Offer>> about;  // by place in `wanted`
    std::vector<Offer> about_all;
};
Advice advice_on(const StoredRun& stored, const std::vector<Wanted>& wanted, RollbackReach reach,
                 const ProveAgain& prove);

}  // namespace pvsplan::engine
