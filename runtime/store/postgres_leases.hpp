// Leases on farms in a store on PostgreSQL. They expire by the server's clock, `ttl` after they were renewed last;
// their owner counts from before it asked, on a clock that nobody can set.
#pragma once

#include <optional>
#include <string>

#include "runtime/ports/leases.hpp"
#include "runtime/store/lease_renewal.hpp"
#include "runtime/store/postgres_session.hpp"

namespace pvsplan::store {

// Used by one thread, but for the renewal, which has its own.
class PostgresLeases final : public ports::Leases {
  public:
    explicit PostgresLeases(PostgresSession& session)
        : session_(&session), renewal_(session.name()) {}  // which outlives it

    base::Result<ports::TakeResult> acquire(const std::string& farm, const ports::LeaseOwner& owner,
                                            ports::Take how) override;
    base::Result<bool> renew(const ports::Lease& lease) override;
    void heartbeat() override { renewal_.heartbeat(); }
    base::Result<bool> may_command(const ports::Lease& lease) override;
    base::Status release(const ports::Lease& lease) override;
    base::Result<std::optional<ports::HeldLease>> held(const std::string& farm) const override;

    // Whether the server has confirmed it to this process: then it has it, or one of a greater token.
    [[nodiscard]] bool is_confirmed(const ports::Lease& lease) const { return renewal_.valid_until(lease) != 0; }

  private:
    // One try; `result` is what it came to. Nothing: the answer was lost, or somebody was faster, so that it is looked
    // at again.
    Answered try_to_acquire(Connection& connection, const std::string& farm, const ports::LeaseOwner& owner,
                            ports::Take how, const std::string& holder, ports::TakeResult& result);
    // False: another has followed. An error: the server has gone back to before it had confirmed the lease.
    base::Result<bool> why_not_held(const ports::Lease& lease);
    [[nodiscard]] ports::Millis ttl_ms() const { return ports::Millis{session_->name().ttl_s} * 1000; }

    PostgresSession* session_;
    LeaseRenewal renewal_;
};

}  // namespace pvsplan::store
