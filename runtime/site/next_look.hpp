// When whoever waits for jobs or reports looks into the store again: by the clock, or sooner where the store tells that
// there may be some. Anybody who has the database can tell, so never more often than each few milliseconds.
#pragma once

#include "runtime/ports/clock.hpp"
#include "runtime/ports/sites.hpp"

namespace pvsplan::site {

class NextLook {
  public:
    // Both outlive it.
    NextLook(ports::Sites& sites, ports::Mailbox& mailbox) : sites_(&sites), mailbox_(&mailbox) {}

    [[nodiscard]] bool is_due(ports::Millis now) const { return now >= at_; }
    void at_once() { at_ = 0; }
    // Now; and that the next look is due after `pause`, unless something is told.
    void has_looked(ports::Millis now, ports::Millis pause);

    // Until when to wait at the latest. The wait ends before that once something is told: ask again then.
    ports::Millis at();

  private:
    ports::Sites* sites_;
    ports::Mailbox* mailbox_;
    ports::Millis at_ = 0;
    ports::Millis told_at_ = 0;  // the time for what is told from here on
};

}  // namespace pvsplan::site
