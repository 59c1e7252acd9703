#include "runtime/transport/odbc.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "compiler/base/digest.hpp"
#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/odbc_session.hpp"
#include "runtime/transport/patience.hpp"
#include "runtime/transport/sql_text.hpp"
#include "runtime/transport/thread_pool.hpp"

namespace pvsplan::transport {

namespace {

using ports::Job;
using ports::JobEvent;
using ports::Millis;
using JobEventType = ports::JobEvent::Type;

// What a thread found out.
struct SqlOutcome {
    enum class Was : std::uint8_t { ended, failed_to_start, unreachable, lost, none, still_runs };
    Was was = Was::ended;
    std::int64_t exit_status = 0;
    std::string out;
    std::uint64_t dropped = 0;
    std::string err;
    std::string text;
};

struct Work {
    Job job;
    std::string connection;
    std::vector<SqlBatch> batches;
    int login_timeout_s = 10;
    std::mutex mutex;                // of `session`
    OdbcSession* session = nullptr;  // while it executes
    std::atomic<bool> is_cancelled = false;
    std::atomic<bool> is_over = false;  // no thread is at it any more

    void cancel() {
        is_cancelled = true;
        const std::lock_guard lock(mutex);
        if (session != nullptr) session->cancel();
    }
};

// A driver cancels what runs, and nothing in the moment before that: so it is asked again until the thread is through.
void cancel_until_over(Loop& loop, const std::weak_ptr<Work>& work) {
    static constexpr ports::Millis again_ms = 50;
    const std::shared_ptr<Work> held = work.lock();
    if (!held || held->is_over) return;
    held->cancel();
    loop.after(again_ms, [&loop, work] { cancel_until_over(loop, work); });
}

// The lock of a session that says that a job runs. Two answers: true, it is ours now; false, another has it; none: this
// database has no such lock.
// Both databases let go of the lock when the session ends, however it does: a lock that is free says that nothing of
// the job runs any more.
std::optional<bool> take_lock(OdbcSession& session, const std::string& key, std::optional<SqlFault>& fault) {
    const auto database = session.database();
    SqlOutput output;
    if (database == "PostgreSQL") {
        const auto number = std::stoull(base::sha256_hex("pvsplan " + key).substr(0, 15), nullptr, 16);
        fault =
            session.execute(fmt::format("SELECT CASE WHEN pg_try_advisory_lock({}) THEN 1 ELSE 0 END AS held", number),
                            {}, 1000, output);
    } else if (database == "Microsoft SQL Server") {
        fault = session.execute(
            fmt::format("SET NOCOUNT ON; DECLARE @held int; EXEC @held = sp_getapplock @Resource='pvsplan {}', "
                        "@LockMode='Exclusive', @LockOwner='Session', @LockTimeout=0; "
                        "SELECT CASE WHEN @held >= 0 THEN 1 ELSE 0 END AS held",
                        key),
            {}, 1000, output);
    } else {
        return std::nullopt;
    }
    return !fault && output.rows.find(":1}") != std::string::npos;
}

// A database in this process: nothing of it outlives the connection.
bool is_own_file(const OdbcSession& session) { return session.database() == "SQLite"; }

// A database without such locks cannot tell, and that is said as `lost`. SQLite runs in this process: what began in an
// earlier one is gone with it.
SqlOutcome ask_about(OdbcSession& session, const Job& job) {
    std::optional<SqlFault> fault;
    const auto is_ours = take_lock(session, job.key, fault);
    if (fault) return {.was = SqlOutcome::Was::unreachable, .text = fault->text};
    if (is_own_file(session) || (is_ours && *is_ours)) {
        return {.was = SqlOutcome::Was::none,
                .text = "nothing of it runs on the database; whether it was carried out is for observation to say"};
    }
    if (is_ours) return {.was = SqlOutcome::Was::still_runs, .text = "the database is still at it"};
    return {.was = SqlOutcome::Was::lost, .text = "this database cannot say whether the batch is still running"};
}

// By number and line: the script is in the plan, and a batch has no name.
std::string where(const Work& work, std::size_t i) {
    return work.batches.size() == 1
               ? std::string()
               : fmt::format("batch {} of {} (line {}): ", i + 1, work.batches.size(), work.batches[i].line);
}

// The first batch that fails ends the script. What was cut off or cancelled may have
// been done, so that is no failure but `lost`.
SqlOutcome run_batches(OdbcSession& session, const Work& work) {
    SqlOutcome outcome;
    SqlOutput output;
    for (std::size_t i = 0; i < work.batches.size(); ++i) {
        const auto& batch = work.batches[i];
        const auto values = sql_values(batch.values, work.job.data, work.job.secrets);
        if (!values) return {.was = SqlOutcome::Was::failed_to_start, .text = values.error().text()};
        for (std::uint32_t time = 0; time < batch.times; ++time) {
            if (work.is_cancelled) return {.was = SqlOutcome::Was::lost, .text = where(work, i) + "cancelled"};
            const auto fault = session.execute(batch.text, *values, max_output, output);
            if (!fault) continue;
            const auto text = fmt::format("{}[{}] {}", where(work, i), fault->state, fault->text);
            if (fault->is_cut || work.is_cancelled) return {.was = SqlOutcome::Was::lost, .text = text};
            outcome.exit_status = 1;
            output.messages += text + "\n";
            // Ends the outer loop as well.
            i = work.batches.size() - 1;
            break;
        }
    }
    outcome.out = std::move(output.rows);
    outcome.dropped = output.dropped;
    if (output.dropped > 0)  // what comes last is then no row, so that nobody takes one for the last
        outcome.out += "[" + std::to_string(output.dropped) + std::string(ports::dropped_mark) + "\n";
    outcome.err = std::move(output.messages);
    return outcome;
}

// The lock is taken on the session that runs the batches, and before the first of them: from there on nobody else can
// begin this job.
SqlOutcome carry_out(Work& work) {
    OdbcSession session;
    if (const auto fault = session.connect(work.connection, work.login_timeout_s)) {
        const bool is_final = fault->is_login() || !fault->is_unreachable();
        return {.was = is_final ? SqlOutcome::Was::failed_to_start : SqlOutcome::Was::unreachable,
                .text = fmt::format("the database cannot be reached: [{}] {}", fault->state, fault->text)};
    }
    {
        const std::lock_guard lock(work.mutex);
        work.session = &session;
    }
    SqlOutcome outcome;
    if (work.job.type == Job::Type::observation) {
        outcome = run_batches(session, work);
    } else if (work.job.ask != Job::Ask::start) {
        outcome = ask_about(session, work.job);
    } else {
        std::optional<SqlFault> fault;
        const auto is_ours = take_lock(session, work.job.key, fault);
        if (fault) {
            outcome = {.was = SqlOutcome::Was::unreachable, .text = fault->text};
        } else if (is_ours && !*is_ours) {
            outcome = {.was = SqlOutcome::Was::still_runs,
                       .text = "the database is still at it, begun by an earlier connection"};
        } else {
            outcome = run_batches(session, work);
        }
    }
    const std::lock_guard lock(work.mutex);
    work.session = nullptr;
    return outcome;
}

class Odbc final : public ports::Transport {
  public:
    Odbc(Loop& loop, ports::Mailbox& mailbox, OdbcOptions options)
        : loop_(loop),
          mailbox_(mailbox),
          options_(options),
          threads_(std::make_unique<ThreadPool>(options.max_sessions)) {}
    // A driver cannot be interrupted but by a cancel, so all is cancelled before the threads are waited for, and what
    // they still post is run before the rest goes.
    ~Odbc() override {
        loop_.run_and_wait([this] {
            for (auto& [key, running] : running_) {
                loop_.cancel(running.limit);
                loop_.cancel(running.retry);
                cancel_until_over(loop_, running.work);
            }
            for (auto& work : abandoned_) cancel_until_over(loop_, work);
        });
        threads_.reset();
        loop_.run_and_wait([this] { running_.clear(); });
    }

    void start_or_attach(Job job) override {
        loop_.post([this, job = std::move(job)]() mutable { begin(std::move(job)); });
    }
    // The session runs to its end; its result is dropped.
    void forget(const std::string& key) override {
        loop_.post([this, key] { drop(key); });
    }

  private:
    struct Running {
        std::shared_ptr<Work> work;
        bool is_unreachable = false;
        Patience patience;
        Loop::Timer limit = 0;
        Loop::Timer retry = 0;
    };

    void begin(Job job);
    void enqueue(std::shared_ptr<Work> work);
    void ended(const std::shared_ptr<Work>& work, SqlOutcome outcome);
    void again(const std::string& key, JobEventType if_over, std::string text, const char* told);
    // The key is a copy: one that belongs to the job goes with it.
    void finish(std::string key, JobEventType is, std::string text) {
        drop(key);
        mailbox_.post({.key = std::move(key), .type = is, .text = std::move(text)});
    }
    void drop(const std::string& key);

    Loop& loop_;
    ports::Mailbox& mailbox_;
    OdbcOptions options_;
    std::map<std::string, Running> running_;     // of the loop
    std::set<std::shared_ptr<Work>> abandoned_;  // of the loop: forgotten, but still at it

    std::unique_ptr<ThreadPool> threads_;
};

// Everything that can be wrong with the job is found before a thread takes it: then it certainly has not begun.
void Odbc::begin(Job job) {
    const auto key = job.key;
    if (running_.contains(key)) return;  // this process is at it: its end will be told once
    if (job.body != program::Body::Type::sql) return finish(key, JobEventType::never_started, "odbc runs `sql` alone");
    auto connection = odbc_connection(job);
    if (!connection) return finish(key, JobEventType::never_started, connection.error().text());
    auto batches = split_sql(job.text);
    if (!batches) return finish(key, JobEventType::never_started, batches.error().text());
    for (const auto& batch : *batches) {
        if (auto values = sql_values(batch.values, job.data, job.secrets); !values) {
            return finish(key, JobEventType::never_started, values.error().text());
        }
    }
    auto work = std::make_shared<Work>();
    work->connection = std::move(*connection);
    work->batches = std::move(*batches);
    work->login_timeout_s = connect_timeout_of(job, options_.login_timeout_s);
    work->job = std::move(job);
    // Entered before a thread may have ended it.
    Running& running = running_[key];
    running.work = work;
    running.patience.tries();
    if (work->job.timeout_ms > 0) {
        running.limit = loop_.after(work->job.timeout_ms, [this, key] {
            const auto at_it = running_.at(key).work;
            const bool is_observation = at_it->job.type == Job::Type::observation;
            if (is_observation) cancel_until_over(loop_, at_it);
            finish(key, JobEventType::lost,
                   is_observation
                       ? "the database has not answered within " + std::to_string(at_it->job.timeout_ms / 1000) + " s"
                       : "it has not ended within its timeout, and may be running still");
        });
    }
    enqueue(std::move(work));
}

// The thread has its own share of the work, so that a job that is forgotten meanwhile stays alive in it.
void Odbc::enqueue(std::shared_ptr<Work> work) {
    work->is_over = false;
    threads_->give([this, work = std::move(work)] {
        auto outcome =
            work->is_cancelled ? SqlOutcome{.was = SqlOutcome::Was::lost, .text = "cancelled"} : carry_out(*work);
        work->is_over = true;
        loop_.post([this, work, outcome = std::move(outcome)]() mutable { ended(work, std::move(outcome)); });
    });
}

// An end of a session that nobody waits for any more, or of an earlier try, is dropped.
void Odbc::ended(const std::shared_ptr<Work>& work, SqlOutcome outcome) {
    abandoned_.erase(work);
    const auto& key = work->job.key;
    const auto found = running_.find(key);
    if (found == running_.end() || found->second.work != work) return;
    using Was = SqlOutcome::Was;
    const bool is_attached = work->job.ask != Job::Ask::start;
    if (outcome.was != Was::unreachable && std::exchange(found->second.is_unreachable, false)) {
        mailbox_.post({.key = key, .type = JobEventType::reachable});
    }
    switch (outcome.was) {
        case Was::ended: {
            drop(key);
            return mailbox_.post({.key = work->job.key,
                                  .type = JobEventType::ended,
                                  .exit_status = outcome.exit_status,
                                  .out = std::move(outcome.out),
                                  .err = std::move(outcome.err),
                                  .dropped = outcome.dropped});
        }
        case Was::failed_to_start:
            return finish(work->job.key, is_attached ? JobEventType::lost : JobEventType::never_started,
                          std::move(outcome.text));
        case Was::unreachable:
            return again(work->job.key, is_attached ? JobEventType::lost : JobEventType::never_started,
                         std::move(outcome.text), "unreachable");
        case Was::lost: return finish(work->job.key, JobEventType::lost, std::move(outcome.text));
        case Was::none: return finish(work->job.key, JobEventType::no_record, std::move(outcome.text));
        case Was::still_runs:
            if (work->job.ask == Job::Ask::look) return finish(work->job.key, JobEventType::running, "");
            if (work->job.ask == Job::Ask::kill)
                return finish(work->job.key, JobEventType::lost,
                              outcome.text + "; a batch of SQL is ended on the server, by whoever may do so there");
            return again(work->job.key, JobEventType::lost, std::move(outcome.text), nullptr);
    }
}

// A database that is still at it is asked again without telling people that it is away: it is not.
void Odbc::again(const std::string& key, JobEventType if_over, std::string text, const char* told) {
    Running& running = running_.at(key);
    if (running.patience.is_over(running.work->job.patience_ms)) return finish(key, if_over, std::move(text));
    if (told != nullptr && !std::exchange(running.is_unreachable, true)) {
        mailbox_.post({.key = key, .type = JobEventType::unreachable, .text = std::move(text)});
    }
    const auto pause =
        running.patience.pause(options_.first_retry_ms, options_.max_retry_ms, running.work->job.patience_ms);
    running.retry = loop_.after(pause, [this, key] {
        const auto found = running_.find(key);
        if (found != running_.end()) enqueue(found->second.work);
    });
}

// A command goes on in its session, and is remembered so that the end of this process can cancel it.
void Odbc::drop(const std::string& key) {
    const auto found = running_.find(key);
    if (found == running_.end()) return;
    loop_.cancel(found->second.limit);
    loop_.cancel(found->second.retry);
    if (found->second.work->job.type == Job::Type::command) abandoned_.insert(found->second.work);
    running_.erase(found);
}

}  // namespace

std::unique_ptr<ports::Transport> make_odbc(Loop& loop, ports::Mailbox& mailbox, OdbcOptions options) {
    return std::make_unique<Odbc>(loop, mailbox, options);
}

}  // namespace pvsplan::transport
