#include "runtime/store/postgres_store.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "compiler/base/digest.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/store/postgres.hpp"
#include "runtime/store/postgres_housekeeping.hpp"
#include "runtime/store/postgres_leases.hpp"
#include "runtime/store/postgres_session.hpp"
#include "runtime/store/postgres_simulated.hpp"
#include "runtime/store/postgres_sites.hpp"
#include "runtime/store/postgres_tables.hpp"
#include "runtime/store/refusals.hpp"

namespace pvsplan::store {

namespace {

using base::Done;
using base::Error;
using base::Result;
using base::Status;

// Whether the same bytes may be there already.
enum class Sent : std::uint8_t { first, again };

// A run as far as a writer looks at it.
struct Seen {
    std::string farm;
    std::uint64_t token = 0;
    std::uint64_t records = 0;
    std::string head;
};

// Over twenty methods, since it is all five of the interfaces of ports::Store over one database.
class PostgresStore final : public ports::Store {
  public:
    PostgresStore(const base::StoreName& name, Connection::For what, std::unique_ptr<Connection> first)
        : session_(name, what, std::move(first)),
          leases_(session_),
          simulated_(session_),
          sites_(session_),
          housekeeping_(session_) {}

    // What was sent before, and whose answer was lost, is recognised by the hash of its last record.
    Status create_run(const ports::Lease& lease, const ports::RunRow& row, const std::string& plan_bytes, Use use,
                      const std::vector<ports::RecordRow>& first) override {
        if (lease.farm != row.farm) {
            if (Status ours = check_held(lease); !ours) return ours;
            return lease_on_another_farm(lease.farm, row.farm);
        }
        if (Status fine = check_numbers(row.id, 0, first); !fine) return fine;
        bool was_sent = false;
        Status created = session_.once([&](Connection& connection) -> Answered {
            const Sent sent = std::exchange(was_sent, true) ? Sent::again : Sent::first;
            return insert_run(connection, lease, row, plan_bytes, use, first, sent);
        });
        if (created) note_written(row.id, first);
        return created;
    }

    // The same bytes may be sent twice, where the first answer was lost. Numbers keep them from being written twice,
    // and the hash of the last tells whether what is there is ours.
    Status append(const ports::Lease& lease, const std::string& run_id, const std::vector<ports::RecordRow>& rows,
                  const std::optional<std::string>& outcome, ports::Millis now) override {
        const std::uint64_t before = rows.empty() ? 0 : rows.front().number - 1;
        const bool in_order = check_numbers(run_id, before, rows).ok();
        bool was_sent = false;
        Status appended = session_.once([&](Connection& connection) -> Answered {
            const Sent sent = was_sent ? Sent::again : Sent::first;
            if (in_order) {
                was_sent = true;
                const Reply reply = ask_to_append(connection, lease, run_id, rows, outcome, now);
                if (reply.type != Reply::Type::done) return ended(reply);
                if (reply.rows.empty()) return Status(Error{"the store's `pvsplan.append` is not the one of pvsplan"});
                // Settings may have changed under the connection; a new one is refused for as long as they are so.
                if (!check_durability(reply.rows.at(0), 1, session_.name())) {
                    connection.close();
                    return std::nullopt;
                }
                if (number(reply.rows.at(0), 0) == 1)
                    return reply.is_unconfirmed ? confirmed(connection, run_id) : Status(Done{});
            }
            return why_not_appended(connection, lease, run_id, rows, sent);
        });
        if (appended && !rows.empty()) sites_.records_are_there();
        if (appended) note_written(run_id, rows);
        return appended;
    }

    [[nodiscard]] bool is_shared() const override { return true; }
    ports::Sites* sites() override { return &sites_; }
    [[nodiscard]] const ports::Sites* sites() const override { return &sites_; }
    [[nodiscard]] bool is_put_back() const override { return session_.is_put_back(); }
    [[nodiscard]] std::uint64_t commits() const override { return commits_; }

    Result<std::vector<ports::RunRow>> runs() const override {
        auto rows = ask(std::string("SELECT ") + run_columns + " FROM pvsplan.runs ORDER BY begun_as");
        if (!rows) return std::move(rows).error();
        std::vector<ports::RunRow> all;
        for (const Row& row : *rows) all.push_back(run_of(row));
        return all;
    }

    Result<std::optional<ports::RunRow>> run(const std::string& id) const override {
        auto rows = ask(std::string("SELECT ") + run_columns + " FROM pvsplan.runs WHERE id = $1", {id});
        if (!rows) return std::move(rows).error();
        if (rows->empty()) return std::optional<ports::RunRow>();
        return std::optional(run_of(rows->front()));
    }

    Result<std::string> plan_bytes(const std::string& run_id) const override {
        auto rows =
            ask("SELECT bytes FROM pvsplan.plans JOIN pvsplan.runs ON compiled = sha256 WHERE runs.id = $1", {run_id});
        if (!rows) return std::move(rows).error();
        if (rows->empty()) return no_compiled_plan(run_id);
        return text(rows->front(), 0);
    }

    Result<std::vector<ports::RecordRow>> records(const std::string& run_id) const override {
        auto rows = ask("SELECT number, bytes, hash FROM pvsplan.records WHERE run = $1 ORDER BY number", {run_id});
        if (!rows) return std::move(rows).error();
        auto all = records_of(*rows);
        note_known(run_id, all);
        return all;
    }

    Result<ports::TakeResult> acquire(const std::string& farm, const ports::LeaseOwner& owner,
                                      ports::Take how) override {
        return leases_.acquire(farm, owner, how);
    }
    Result<bool> renew(const ports::Lease& lease) override { return leases_.renew(lease); }
    void heartbeat() override { leases_.heartbeat(); }
    Result<bool> may_command(const ports::Lease& lease) override { return leases_.may_command(lease); }
    Status release(const ports::Lease& lease) override { return leases_.release(lease); }
    Result<std::optional<ports::HeldLease>> held(const std::string& farm) const override { return leases_.held(farm); }

    // Who posts at the same time waits, so that no number becomes visible after a greater one was removed.
    Status post_message(const std::string& run_id, const std::string& bytes) override {
        const std::string mark = ports::random_word();
        return session_.once([&](Connection& connection) {
            // Where it is there already, writing it again waits for the copies again.
            return ended_for_sure(
                connection.ask("WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(8103, hashtext($1))) "
                               "INSERT INTO pvsplan.messages (run, bytes, mark) SELECT $1, $2, $3 FROM turn "
                               "ON CONFLICT (mark) DO UPDATE SET mark = excluded.mark",
                               {run_id, Parameter::bytes(bytes), mark}));
        });
    }

    Result<std::vector<ports::Message>> messages(const std::string& run_id) const override {
        auto rows = ask("SELECT number, bytes FROM pvsplan.messages WHERE run = $1 ORDER BY number", {run_id});
        if (!rows) return std::move(rows).error();
        std::vector<ports::Message> all;
        for (const Row& row : *rows) all.push_back({static_cast<std::uint64_t>(number(row, 0)), run_id, text(row, 1)});
        return all;
    }

    Status remove_messages(const std::string& run_id, std::uint64_t up_to) override {
        return session_.write("DELETE FROM pvsplan.messages WHERE run = $1 AND number <= $2", {run_id, stored(up_to)});
    }

    Result<std::map<std::string, std::map<std::string, std::string>>> simulated_state(
        const std::string& farm) const override {
        return simulated_.simulated_state(farm);
    }
    Result<std::optional<ports::SimulatedJob>> simulated_job(const std::string& farm,
                                                             const std::string& key) const override {
        return simulated_.simulated_job(farm, key);
    }
    Status change_simulated(const std::string& farm, const ports::SimulatedChange& change) override {
        return simulated_.change_simulated(farm, change);
    }
    Status reset_simulated(const std::string& farm) override { return simulated_.reset_simulated(farm); }

    Result<std::map<std::string, std::uint64_t>> sizes() const override { return housekeeping_.sizes(); }
    Result<std::uint64_t> size() const override { return housekeeping_.size(); }
    Status remove_run(const ports::RunRow& row, const std::string& where) override {
        return housekeeping_.remove_run(row, where);
    }
    Status give_room_back() override { return housekeeping_.give_room_back(); }
    Result<std::optional<std::string>> archived(const std::string& id) const override {
        return housekeeping_.archived(id);
    }
    Result<std::map<std::string, std::string>> archived_runs(const std::string& beginning) const override {
        return housekeeping_.archived_runs(beginning);
    }
    Result<std::optional<ports::PlanRun>> last_run_of(const std::string& digest) const override {
        return housekeeping_.last_run_of(digest);
    }

  private:
    // 1 where it was done, and the settings of the server that say what that is worth.
    static std::string append_sql(const std::string& appended) { return "SELECT " + appended + ", " + durability_sql; }
    static constexpr const char* append_records = "pvsplan.append($1, $2, $3, $4, $5, $6, $7, $8)";

    Result<std::vector<Row>> ask(const std::string& sql, const std::vector<Parameter>& parameters = {}) const {
        return session_.ask(sql, parameters);
    }

    // Asks the server: what this process believes of its lease counts for nothing.
    Status check_held(const ports::Lease& lease) {
        Result<bool> is_ours = renew(lease);
        if (!is_ours) return std::move(is_ours).error();
        if (!*is_ours) return lost_lease(lease.farm);
        return Done{};
    }

    Reply ask_to_append(Connection& connection, const ports::Lease& lease, const std::string& run_id,
                        const std::vector<ports::RecordRow>& rows, const std::optional<std::string>& outcome,
                        ports::Millis now) const;
    std::vector<Parameter> append_parameters(const ports::Lease& lease, const std::string& run_id,
                                             const std::vector<ports::RecordRow>& rows,
                                             const std::optional<std::string>& outcome, ports::Millis now) const;
    Answered insert_run(Connection& connection, const ports::Lease& lease, const ports::RunRow& row,
                        const std::string& plan_bytes, Use use, const std::vector<ports::RecordRow>& first, Sent sent);
    Answered why_not_appended(Connection& connection, const ports::Lease& lease, const std::string& run_id,
                              const std::vector<ports::RecordRow>& rows, Sent sent);
    static Answered confirmed(Connection& connection, const std::string& run_id);
    static std::optional<std::optional<Seen>> seen(Connection& connection, const std::string& run_id);
    // 0: nothing was confirmed to this process.
    [[nodiscard]] std::uint64_t known(const std::string& run_id) const {
        const auto found = known_.find(run_id);
        return found == known_.end() ? 0 : found->second;
    }
    // Also what was only read: a server that has less of it later has gone back.
    void note_known(const std::string& run_id, const std::vector<ports::RecordRow>& rows) const {
        if (!rows.empty()) known_[run_id] = std::max(known_[run_id], rows.back().number);
    }
    void note_written(const std::string& run_id, const std::vector<ports::RecordRow>& rows) {
        note_known(run_id, rows);
        ++commits_;
    }

    mutable PostgresSession session_;
    PostgresLeases leases_;
    PostgresSimulatedFarm simulated_;
    PostgresSites sites_;
    PostgresHousekeeping housekeeping_;
    // By run: the last record that the server confirmed or showed to us.
    mutable std::map<std::string, std::uint64_t> known_;
    std::uint64_t commits_ = 0;
};

// In the order of $1 to $8 of append_records.
std::vector<Parameter> PostgresStore::append_parameters(const ports::Lease& lease, const std::string& run_id,
                                                        const std::vector<ports::RecordRow>& rows,
                                                        const std::optional<std::string>& outcome,
                                                        ports::Millis now) const {
    return {run_id,
            lease.farm,
            stored(lease.token),
            stored(rows.empty() ? known(run_id) : rows.front().number - 1),  // what goes without any is no less
            column(rows, [](const ports::RecordRow& row) { return std::string_view(row.bytes); }),
            column(rows, [](const ports::RecordRow& row) { return row.hash; }),
            outcome,
            now};
}

// With the jobs whose start the records tell.
Reply PostgresStore::ask_to_append(Connection& connection, const ports::Lease& lease, const std::string& run_id,
                                   const std::vector<ports::RecordRow>& rows, const std::optional<std::string>& outcome,
                                   ports::Millis now) const {
    std::vector<Parameter> parameters = append_parameters(lease, run_id, rows, outcome, now);
    if (rows.empty() || !sites_.has_something_for_records())
        return connection.ask(append_sql(append_records), parameters);
    for (Parameter& one : sites_.with_records_parameters()) parameters.push_back(std::move(one));
    const std::string then = PostgresSites::with_records_sql();
    return connection.ask(append_sql("CASE " + std::string(append_records) + " WHEN 1 THEN " + then + " ELSE 0 END"),
                          parameters);
}

// Nothing where the answer was lost; within it nothing where there is no such run.
std::optional<std::optional<Seen>> PostgresStore::seen(Connection& connection, const std::string& run_id) {
    const Reply reply = connection.ask("SELECT farm, token, records, head FROM pvsplan.runs WHERE id = $1", {run_id});
    if (reply.type != Reply::Type::done) return std::nullopt;
    if (reply.rows.empty()) return std::optional<Seen>();
    const Row& row = reply.rows.front();
    return std::optional(Seen{.farm = text(row, 0),
                              .token = static_cast<std::uint64_t>(number(row, 1)),
                              .records = static_cast<std::uint64_t>(number(row, 2)),
                              .head = text(row, 3)});
}

// The append changed nothing, or nobody has told whether it did: the reason, or nothing where it is to be sent again.
Answered PostgresStore::why_not_appended(Connection& connection, const ports::Lease& lease, const std::string& run_id,
                                         const std::vector<ports::RecordRow>& rows, Sent sent) {
    const Reply farm = connection.ask("SELECT token, holder <> '' FROM pvsplan.farms WHERE farm = $1", {lease.farm});
    if (farm.type != Reply::Type::done) return ended(farm);
    const auto run = seen(connection, run_id);
    if (!run) return std::nullopt;
    const std::uint64_t known = this->known(run_id);
    if (!*run) {
        const auto archived = connection.ask("SELECT 1 FROM pvsplan.archived WHERE run = $1", {run_id});
        if (archived.type != Reply::Type::done) return ended(archived);
        if (!archived.rows.empty()) return Status(no_run(run_id));
    }
    const std::uint64_t there = *run ? (*run)->records : 0;
    const std::uint64_t token = farm.rows.empty() ? 0 : static_cast<std::uint64_t>(number(farm.rows.front(), 0));
    // Tokens and records only grow.
    if ((token < lease.token && leases_.is_confirmed(lease)) || there < known) {
        const std::uint64_t missing = known > there ? known - there : 0;
        return Status(session_.put_back("of the run `" + run_id + "` " +
                                        (missing == 1 ? "1 record is" : std::to_string(missing) + " records are") +
                                        " missing that it had confirmed"));
    }
    if (token != lease.token || number(farm.rows.front(), 1) == 0) return Status(lost_lease(lease.farm));
    if (!*run) return Status(no_run(run_id));
    if ((*run)->farm != lease.farm) return Status(lease_on_another_farm(lease.farm, (*run)->farm));
    if (sent == Sent::again && !rows.empty() && there == rows.back().number && (*run)->head == rows.back().hash)
        return confirmed(connection, run_id);
    if (Status follows = check_numbers(run_id, there, rows); !follows) return follows;
    return std::nullopt;
}

// What is there is durable where the server says so: on each copy that is waited for. A wait that was broken off is
// made up for by the next commit, since copies take commits in their order.
Answered PostgresStore::confirmed(Connection& connection, const std::string& run_id) {
    return ended_for_sure(connection.ask("UPDATE pvsplan.runs SET records = records WHERE id = $1", {run_id}));
}

// One transaction: the lease is locked first, then the plan's digest, so that two that create never wait for each
// other.
Answered PostgresStore::insert_run(Connection& connection, const ports::Lease& lease, const ports::RunRow& row,
                                   const std::string& plan_bytes, Use use, const std::vector<ports::RecordRow>& first,
                                   Sent sent) {
    PostgresTransaction transaction(connection, session_.name().ttl_s);
    if (Reply began = transaction.begin(); began.type != Reply::Type::done) return ended(std::move(began));
    // Nobody can take the farm until this is committed.
    Reply farm = connection.ask("SELECT 1 FROM pvsplan.farms WHERE farm = $1 AND token = $2 AND holder <> '' FOR SHARE",
                                {lease.farm, stored(lease.token)});
    if (farm.type != Reply::Type::done) return ended(std::move(farm));
    if (farm.rows.empty()) return Status(lost_lease(lease.farm));
    // Nobody else creates a run of the plan meanwhile; of our own first attempt, which may still be on its way, the end
    // is waited for.
    Reply turn = connection.ask("SELECT pg_advisory_xact_lock(8104, hashtext($1))", {row.digest});
    if (turn.type != Reply::Type::done) return ended(std::move(turn));
    Reply same = connection.ask(
        "SELECT id, is_archived FROM (SELECT id, digest, false AS is_archived FROM pvsplan.runs "
        "UNION ALL SELECT run, digest, true FROM pvsplan.archived) AS known "
        "WHERE id = $1 OR (digest = $2 AND $3 = 'single') ORDER BY id <> $1, is_archived",
        {row.id, row.digest, use == Use::single ? "single" : "many"});
    if (same.type != Reply::Type::done) return ended(std::move(same));
    if (!same.rows.empty()) {
        const auto run = seen(connection, row.id);
        if (!run) return std::nullopt;
        const bool is_ours = sent == Sent::again && *run && (*run)->token == lease.token &&
                             (*run)->records == first.size() && (first.empty() || (*run)->head == first.back().hash);
        if (is_ours) {
            if (Answered touched = confirmed(connection, row.id); !touched || !*touched) return touched;
            return ended_for_sure(transaction.commit());
        }
        const std::string there = text(same.rows.front(), 0);
        const bool is_archived = number(same.rows.front(), 1) != 0;
        return Status(there == row.id ? run_is_there(row.id)
                      : is_archived   ? used_archived_plan(there)
                                      : used_plan(there));
    }
    // Runs of one plan share its bytes.
    const std::string compiled = base::sha256_hex(plan_bytes);
    Reply plan = connection.ask("INSERT INTO pvsplan.plans (sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                                {compiled, Parameter::bytes(plan_bytes)});
    if (plan.type != Reply::Type::done) return ended(std::move(plan));
    Reply run = connection.ask(
        "INSERT INTO pvsplan.runs (id, plan, farm, digest, compiled, outcome, begun_at, touched_at, records, token) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)",
        {row.id, row.plan, row.farm, row.digest, compiled, row.outcome, row.begun_at, row.touched_at,
         stored(lease.token)});
    if (run.type != Reply::Type::done) return ended(std::move(run));
    Reply records = connection.ask(append_sql(append_records),
                                   append_parameters(lease, row.id, first, std::nullopt, row.touched_at));
    if (records.type != Reply::Type::done) return ended(std::move(records));
    Reply committed = transaction.commit();
    // An answer that does not say whether the copies have it is looked at again.
    return ended_for_sure(std::move(committed));
}

}  // namespace

// The copies are asked before a table is made: a server that would confirm too early gets none.
Result<std::unique_ptr<ports::Store>> open_postgres_store(const base::StoreName& name, const ToldOfWait& waits) {
    if (ports::random_word().empty())
        return Error{"this machine gives no random words, by which leases are told apart"};
    auto connection = Connection::open(name, Connection::For::writing, waits);
    if (!connection) return std::move(connection).error();
    if (Status sure = check_copies(**connection, name); !sure) return std::move(sure).error();
    if (Status ready = make_tables(**connection, name); !ready) return std::move(ready).error();
    return std::unique_ptr<ports::Store>(
        std::make_unique<PostgresStore>(name, Connection::For::writing, std::move(*connection)));
}

// Makes no table: what is only looked at stays as it is.
Result<std::unique_ptr<const ports::Store>> open_postgres_store_to_read(const base::StoreName& name,
                                                                        const ToldOfWait& waits) {
    auto connection = Connection::open(name, Connection::For::reading, waits);
    if (!connection) return std::move(connection).error();
    if (Status ready = check_tables(**connection, name); !ready) return std::move(ready).error();
    return std::unique_ptr<const ports::Store>(
        std::make_unique<PostgresStore>(name, Connection::For::reading, std::move(*connection)));
}

Result<bool> is_postgres_store_made(const base::StoreName& name) {
    auto connection = Connection::open(name, Connection::For::reading);
    if (!connection) return std::move(connection).error();
    return has_tables(**connection, name);
}

}  // namespace pvsplan::store
