// Running a plan on the simulated farm once for every way in which it can fail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/transport/simulated.hpp"

namespace pvsplan::rehearsal {

struct Scenario {
    std::string name;  // "fail first.install:halfway", "die 17"; what `--only` takes
    std::vector<transport::SimulatedFault> faults;
    std::uint64_t dies_after = 0;  // writes of the journal; 0: it lives
};

// Every fault of every step, and a death after every write of the journal; then `random` more with several at once.
std::vector<Scenario> scenarios(const program::Plan& plan, std::uint32_t random, std::uint64_t seed);

// Why it is not as it should be; nothing: it is. With a fault the run is rolled back and every object has to be as it
// was; without one it has to end like a run that was never interrupted. A point of no return may stop the rollback.
std::optional<std::string> rehearse(const program::Plan& plan, const Scenario& scenario);

// What went wrong in each scenario, in their order; nothing: it ended as it should. All cores rehearse, each run with
// a store, a clock and a farm of its own.
std::vector<std::optional<std::string>> rehearse_all(const program::Plan& plan, const std::vector<Scenario>& all);

// The plan with every object simulated, and nobody in particular asked for approvals.
program::Plan simulated(program::Plan plan);

}  // namespace pvsplan::rehearsal
