// The farm as the module models it: `requires` is enforced, `sets` is applied, all of it kept where `SimulatedFarm`
// keeps it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/simulated_farm.hpp"
#include "runtime/ports/transport.hpp"

namespace pvsplan::transport {

// A step that is made to fail: before (nothing applied), halfway (the first of several settings applied; of a single
// one: another value of an enumeration, else undefined), after (all applied, yet the command reports failure). Lost:
// its host loses power halfway, and with it all that it knew of the command: nobody can tell what became of that.
struct SimulatedFault {
    enum class When : std::uint8_t { before, halfway, after, lost };
    std::string step;
    When when = When::before;
    std::uint32_t attempts = 0xffffffffU;  // of how many attempts
};
base::Result<SimulatedFault> parse_fault(std::string_view text);  // "rest[pvs02].stop:halfway"

struct SimulatedOptions {
    std::vector<SimulatedFault> faults;
    std::int64_t step_ms = 0;  // how long a command takes; 0: no time
};

std::unique_ptr<ports::Transport> make_simulated(const program::Plan& plan, ports::SimulatedFarm& farm,
                                                 ports::Mailbox& mailbox, SimulatedOptions options);

}  // namespace pvsplan::transport
