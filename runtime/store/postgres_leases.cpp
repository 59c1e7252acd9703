#include "runtime/store/postgres_leases.hpp"

#include <utility>
#include <vector>

#include "runtime/ports/places.hpp"
#include "runtime/store/expiry.hpp"

namespace pvsplan::store {

using base::Done;
using base::Result;
using base::Status;

namespace {

// The columns of owner_of(), then whether the lease has expired by the server's clock, its token and its holder.
constexpr const char* held_sql =
    "SELECT account, host, pid, started, machine, boot, space, run, since, expires_at <= clock_timestamp(), token, "
    "holder FROM pvsplan.farms WHERE farm = $1 AND holder <> ''";

// A process of this machine that is surely gone is not waited for until its lease has run out.
std::optional<ports::HeldLease> held_of(const Row& row) {
    ports::LeaseOwner owner = owner_of(row);
    const bool is_gone = number(row, 9) != 0 || expiry_with_process(owner) == ports::Expiry::expired;
    return ports::HeldLease{.owner = std::move(owner),
                            .expiry = is_gone ? ports::Expiry::expired : ports::Expiry::valid};
}

}  // namespace

// The holder is a word of this call alone: where the answer was lost, it tells whether the lease that is there now is
// the one that this call has made.
Result<ports::TakeResult> PostgresLeases::acquire(const std::string& farm, const ports::LeaseOwner& owner,
                                                  ports::Take how) {
    const std::string holder = ports::random_word();
    ports::TakeResult result;
    Status asked = session_->once([&](Connection& connection) -> Answered {
        return try_to_acquire(connection, farm, owner, how, holder, result);
    });
    if (!asked) return std::move(asked).error();
    return result;
}

// Often asked, seldom written: only where the thread that renews it comes too late.
Result<bool> PostgresLeases::renew(const ports::Lease& lease) {
    renewal_.heartbeat();
    bool is_held = false;
    Status asked = session_->once([&](Connection& connection) -> Answered {
        const ports::Millis asked_at = ports::since_boot();
        const bool is_late = asked_at > renewal_.valid_until(lease) - ttl_ms() / 2;
        Reply reply =
            is_late ? connection.ask(LeaseRenewal::sql(), LeaseRenewal::parameters(lease, session_->name()))
                    : connection.ask("SELECT 1 FROM pvsplan.farms WHERE farm = $1 AND token = $2 AND holder <> ''",
                                     {lease.farm, stored(lease.token)});
        is_held = !reply.rows.empty();
        Answered end = ended_for_sure(std::move(reply));
        if (is_late && is_held && end && *end) renewal_.confirmed(lease, asked_at);
        return end;
    });
    if (!asked) return std::move(asked).error();
    return is_held ? Result<bool>(true) : why_not_held(lease);
}

// A third of the time of a lease is left to whatever a command meets on its way.
Result<bool> PostgresLeases::may_command(const ports::Lease& lease) {
    const auto is_time_left = [&] { return ports::since_boot() < renewal_.valid_until(lease) - ttl_ms() * 3 / 10; };
    if (is_time_left()) return true;
    Result<bool> is_held = renew(lease);
    if (!is_held || !*is_held) return is_held;
    return is_time_left();
}

// The token on the runs goes with the lease, since appends look at that alone.
Status PostgresLeases::release(const ports::Lease& lease) {
    renewal_.stop(lease);
    return session_->once([&](Connection& connection) -> Answered {
        PostgresTransaction transaction(connection, session_->name().ttl_s);
        const std::vector<Parameter> whose = {lease.farm, stored(lease.token)};
        for (Reply reply :
             {transaction.begin(),
              connection.ask("UPDATE pvsplan.farms SET holder = '', run = '' WHERE farm = $1 AND token = $2", whose),
              connection.ask("UPDATE pvsplan.runs SET token = 0 WHERE farm = $1 AND token = $2", whose)})
            if (reply.type != Reply::Type::done) return ended(std::move(reply));
        return ended(transaction.commit());
    });
}

// For people and for whoever wants to acquire; nothing is decided by it.
Result<std::optional<ports::HeldLease>> PostgresLeases::held(const std::string& farm) const {
    auto rows = session_->ask(held_sql, {farm});
    if (!rows) return std::move(rows).error();
    if (rows->empty()) return std::optional<ports::HeldLease>();
    return held_of(rows->front());
}

// No lease of that token is there. Tokens only grow.
Result<bool> PostgresLeases::why_not_held(const ports::Lease& lease) {
    const auto rows = session_->ask("SELECT token FROM pvsplan.farms WHERE farm = $1", {lease.farm});
    if (!rows) return rows.error();
    const std::uint64_t token = rows->empty() ? 0 : static_cast<std::uint64_t>(number(rows->front(), 0));
    if (token >= lease.token || !is_confirmed(lease)) return false;
    return session_->put_back("the lease on the farm `" + lease.farm + "` is missing that it had confirmed");
}

// The row is read, judged here, and taken only if it still is as it was read. Whoever was faster makes the update find
// nothing, and all begins again.
Answered PostgresLeases::try_to_acquire(Connection& connection, const std::string& farm, const ports::LeaseOwner& owner,
                                        ports::Take how, const std::string& holder, ports::TakeResult& result) {
    const ports::Millis asked_at = ports::since_boot();
    // Counted from before the first question, which is the earliest moment that the server may have counted from.
    const auto acquired = [&](std::uint64_t token) {
        result.lease = ports::Lease{.farm = farm, .token = token};
        renewal_.confirmed(*result.lease, asked_at);
        return Status(Done{});
    };
    Reply made = connection.ask(
        "INSERT INTO pvsplan.farms VALUES ($1, 0, '', '', '', 0, '', '', '', '', '', 0, clock_timestamp()) "
        "ON CONFLICT DO NOTHING",
        {farm});
    if (made.type != Reply::Type::done) return ended(std::move(made));
    Reply there = connection.ask("SELECT token, holder FROM pvsplan.farms WHERE farm = $1", {farm});
    if (there.type != Reply::Type::done) return ended(std::move(there));
    const Row seen = there.rows.at(0);
    if (text(seen, 1) == holder) {  // it was committed, and its answer lost
        Reply sure = connection.ask(
            "UPDATE pvsplan.farms SET expires_at = clock_timestamp() + make_interval(secs => $3::int) "
            "WHERE farm = $1 AND holder = $2 RETURNING 1",
            {farm, holder, std::int64_t{session_->name().ttl_s}});
        if (sure.type != Reply::Type::done || sure.is_unconfirmed) return ended_for_sure(std::move(sure));
        if (sure.rows.empty()) return std::nullopt;
        return acquired(static_cast<std::uint64_t>(number(seen, 0)));
    }
    Reply lease = connection.ask(held_sql, {farm});
    if (lease.type != Reply::Type::done) return ended(std::move(lease));
    result.held_by = lease.rows.empty() ? std::nullopt : held_of(lease.rows.front());
    if (result.held_by && how == ports::Take::if_free && result.held_by->expiry != ports::Expiry::expired)
        return Status(Done{});
    // Of a lease that has only run out the server decides, whose clock it ran out by.
    const bool is_sure = how == ports::Take::over || !result.held_by ||
                         expiry_with_process(result.held_by->owner) == ports::Expiry::expired;
    const ports::Identity& who = owner.who;
    PostgresTransaction transaction(connection, session_->name().ttl_s);
    if (Reply began = transaction.begin(); began.type != Reply::Type::done) return ended(std::move(began));
    // From whoever was seen, and nobody else. Tokens also follow the time: what a backup brings back stays smaller.
    Reply taken = connection.ask(
        "UPDATE pvsplan.farms SET token = greatest(token + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint), "
        "holder = $4, account = $5, host = $6, pid = $7, started = $8, machine = $9, boot = $10, space = $11, "
        "run = $12, since = $13, expires_at = clock_timestamp() + make_interval(secs => $14::int) "
        "WHERE farm = $1 AND token = $2 AND holder = $3 AND ($15 = 'surely' OR expires_at <= clock_timestamp()) "
        "RETURNING token",
        {farm, number(seen, 0), text(seen, 1), holder, who.user, who.host, who.pid, who.started, who.machine, who.boot,
         who.space, owner.run, owner.since, std::int64_t{session_->name().ttl_s}, is_sure ? "surely" : "once expired"});
    if (taken.type != Reply::Type::done || taken.rows.empty())
        return taken.type == Reply::Type::refused ? ended(std::move(taken)) : std::nullopt;  // somebody was faster
    const std::int64_t token = number(taken.rows.front(), 0);
    // From this commit on the process before us can append nothing more, whatever it believes.
    Reply fenced = connection.ask("UPDATE pvsplan.runs SET token = $2 WHERE farm = $1", {farm, token});
    if (fenced.type != Reply::Type::done) return ended(std::move(fenced));
    Reply committed = transaction.commit();
    if (committed.type != Reply::Type::done || committed.is_unconfirmed) return std::nullopt;
    return acquired(static_cast<std::uint64_t>(token));
}

}  // namespace pvsplan::store
