// Where runs are kept: five interfaces of one store. Who needs one of them takes that one; who only reads takes it
// const. Errors are words for people, with what to do. The tests in tests/unit/store hold every store against what
// these headers promise.
#pragma once

#include "runtime/ports/housekeeping.hpp"
#include "runtime/ports/inbox.hpp"
#include "runtime/ports/leases.hpp"
#include "runtime/ports/runs.hpp"
#include "runtime/ports/simulated_farm.hpp"
#include "runtime/ports/sites.hpp"

namespace pvsplan::ports {

class Store : public Runs, public Leases, public Inbox, public SimulatedFarm, public Housekeeping {
  public:
    // Whether a server keeps it, which may go back to an earlier time: then hosts have to know the end of jobs whose
    // records are lost, and are not told to forget them.
    [[nodiscard]] virtual bool is_shared() const { return false; }
    // What waits for workers; null: this store is on one machine, and has none.
    virtual Sites* sites() { return nullptr; }
    [[nodiscard]] virtual const Sites* sites() const { return nullptr; }
};

}  // namespace pvsplan::ports
