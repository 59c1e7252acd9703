// Renews leases that a server keeps, from a thread and over a connection of its own: whoever holds them may be busy for
// longer than a third of their time. Only while the loop of whoever holds them turns: one that hangs loses its farms.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "compiler/base/store_name.hpp"
#include "runtime/ports/leases.hpp"
#include "runtime/store/postgres_session.hpp"

namespace pvsplan::store {

// Thread-safe.
class LeaseRenewal {
  public:
    explicit LeaseRenewal(const base::StoreName& name);
    // Waits for a renewal that is under way.
    ~LeaseRenewal();
    LeaseRenewal(const LeaseRenewal&) = delete;
    LeaseRenewal& operator=(const LeaseRenewal&) = delete;

    // The server confirmed that it is held, and was asked at that time since_boot(). From then on it is renewed.
    void confirmed(const ports::Lease& lease, ports::Millis asked_at);
    // It is renewed no more.
    void stop(const ports::Lease& lease);
    // The loop turns. Once it has not done so for twice as long as a lease lasts, nothing is renewed: an append may
    // take as long as a lease to reach its server again.
    void heartbeat();

    // Until when nobody else can have it, since_boot(): counted from before the server was asked, which is before it
    // counted itself. 0: it has never confirmed it.
    [[nodiscard]] ports::Millis valid_until(const ports::Lease& lease) const;

    // The statement, which returns a row where the lease is held.
    static const char* sql();
    static std::vector<Parameter> parameters(const ports::Lease& lease, const base::StoreName& name);

  private:
    // A lease as this process knows it. All times are since_boot().
    struct Renewed {
        std::uint64_t token = 0;
        ports::Millis until = 0;  // nobody else can have it before
        ports::Millis due = 0;    // when it is to be renewed, or to be tried again
        bool is_renewed = false;  // stop() was not called
    };

    void run();
    // With the lock, which is let go while the server is asked.
    void renew(const ports::Lease& lease, std::unique_lock<std::mutex>& lock);
    // The one with that token; null: none, or a later lease on the farm. With the lock.
    [[nodiscard]] Renewed* kept(const ports::Lease& lease);

    const ports::Millis ttl_ms_;
    PostgresSession session_;  // the thread's
    mutable std::mutex mutex_;
    std::condition_variable changed_;      // a lease came, or the end
    std::map<std::string, Renewed> kept_;  // by farm
    ports::Millis turned_at_ = 0;          // the last heartbeat
    bool is_over_ = false;
    std::thread thread_;  // begun with the first lease
};

}  // namespace pvsplan::store
