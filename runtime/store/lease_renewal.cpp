#include "runtime/store/lease_renewal.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/ports/clock.hpp"
#include "runtime/ports/this_process.hpp"

namespace pvsplan::store {

LeaseRenewal::LeaseRenewal(const base::StoreName& name)
    : ttl_ms_(ports::Millis{name.ttl_s} * 1000), session_(name, Connection::For::writing, nullptr) {}

// The thread may be in a question to the server, which is bounded by the silence that a connection allows.
LeaseRenewal::~LeaseRenewal() {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

// Only who still holds it renews: after a release or a takeover no row is left to update.
const char* LeaseRenewal::sql() {
    return "UPDATE pvsplan.farms SET expires_at = clock_timestamp() + make_interval(secs => $3::int) "
           "WHERE farm = $1 AND token = $2 AND holder <> '' RETURNING 1";
}

std::vector<Parameter> LeaseRenewal::parameters(const ports::Lease& lease, const base::StoreName& name) {
    return {lease.farm, stored(lease.token), std::int64_t{name.ttl_s}};
}

// The time counts from before the server was asked. The server counted later, so the lease lasts at least that long,
// whatever the clocks say.
void LeaseRenewal::confirmed(const ports::Lease& lease, ports::Millis asked_at) {
    {
        const std::lock_guard lock(mutex_);
        Renewed& one = kept_[lease.farm];
        if (one.token == lease.token && one.until >= asked_at + ttl_ms_) return;
        one = {.token = lease.token, .until = asked_at + ttl_ms_, .due = asked_at + ttl_ms_ / 3, .is_renewed = true};
        turned_at_ = std::max(turned_at_, asked_at);
        if (!thread_.joinable()) {
            const ports::SignalsHeld held;
            thread_ = std::thread([this] { run(); });
        }
    }
    changed_.notify_all();
}

// It stays known, so that `valid_until()` still says what the server has confirmed.
void LeaseRenewal::stop(const ports::Lease& lease) {
    const std::lock_guard lock(mutex_);
    if (Renewed* const one = kept(lease)) one->is_renewed = false;
}

// Called by the loop of the run: it turns, and may keep its farm.
void LeaseRenewal::heartbeat() {
    const std::lock_guard lock(mutex_);
    turned_at_ = ports::since_boot();
}

// 0 for a lease that was never confirmed, so that nothing is commanded under it.
ports::Millis LeaseRenewal::valid_until(const ports::Lease& lease) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(lease.farm);
    return found != kept_.end() && found->second.token == lease.token ? found->second.until : 0;
}

// Null once the farm has a later lease. Under the lock.
LeaseRenewal::Renewed* LeaseRenewal::kept(const ports::Lease& lease) {
    const auto found = kept_.find(lease.farm);
    return found != kept_.end() && found->second.token == lease.token ? &found->second : nullptr;
}

// The next one due is searched each time: a process holds one farm, seldom more.
void LeaseRenewal::run() {
    std::unique_lock lock(mutex_);
    while (!is_over_) {
        auto next = kept_.end();
        for (auto one = kept_.begin(); one != kept_.end(); ++one)
            if (one->second.is_renewed && (next == kept_.end() || one->second.due < next->second.due)) next = one;
        if (next == kept_.end()) {
            changed_.wait(lock);
        } else if (const ports::Millis left = next->second.due - ports::since_boot(); left > 0) {
            changed_.wait_for(lock, std::chrono::milliseconds(left));
        } else {
            renew({.farm = next->first, .token = next->second.token}, lock);
        }
    }
}

void LeaseRenewal::renew(const ports::Lease& lease, std::unique_lock<std::mutex>& lock) {
    const ports::Millis asked_at = ports::since_boot();
    // A loop that hangs must lose its farm, or nobody could ever go on with the run. Nothing is asked then, and the
    // lease runs out.
    const bool is_turning = asked_at - turned_at_ <= 2 * ttl_ms_;
    Reply reply{.type = Reply::Type::lost};
    if (is_turning) {
        // The server may take long, and the loop asks for `valid_until()` meanwhile.
        lock.unlock();
        reply = session_.ask_once(sql(), parameters(lease, session_.name()));
        lock.lock();
    }
    Renewed* const one = kept(lease);
    if (one == nullptr || !one->is_renewed) return;
    // A renewal that the other copies may not have is none.
    const bool is_answered = reply.type == Reply::Type::done && !reply.is_unconfirmed;
    if (!is_answered) {
        one->due = ports::since_boot() + std::min<ports::Millis>(500, ttl_ms_ / 10);
    } else if (reply.rows.empty()) {  // another has it: who asks at the next turn learns that
        one->until = std::min(one->until, asked_at);
        one->is_renewed = false;
    } else {
        one->until = std::max(one->until, asked_at + ttl_ms_);
        one->due = asked_at + ttl_ms_ / 3;
    }
}

}  // namespace pvsplan::store
