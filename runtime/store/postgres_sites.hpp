// Jobs for the sites, in the tables of a store on PostgreSQL.
#pragma once

#include "runtime/ports/sites.hpp"
#include "runtime/store/postgres_news.hpp"
#include "runtime/store/postgres_session.hpp"

namespace pvsplan::store {

class PostgresSites final : public ports::Sites {
  public:
    explicit PostgresSites(PostgresSession& session) : session_(&session), news_(session) {}  // which outlives it

    base::Result<std::vector<ports::SiteStands>> all_sites() const override;
    News news() override { return {.is_there = session_->take_notification(), .descriptor = session_->descriptor()}; }
    base::Status keep_plan(const std::string& sha256, const std::string& bytes) override;
    base::Status ask(const std::vector<ports::SiteJob>& jobs) override;
    void ask_with_records(std::vector<ports::SiteJob> jobs, std::vector<std::uint64_t> taken) override;
    base::Result<std::vector<ports::SiteReport>> reports(const std::string& asker,
                                                         const std::vector<std::uint64_t>& taken) override;
    base::Result<std::vector<ports::SiteJobStands>> open_jobs(const std::string& asker) override;
    base::Result<bool> withdraw(const std::string& asker, const std::string& key) override;
    base::Status be_present(const ports::SiteWorker& worker) override;
    base::Status leave(const std::string& worker) override;
    base::Result<std::vector<ports::SiteJob>> take(const ports::SiteWorker& worker, std::uint32_t max_jobs,
                                                   std::int64_t hold_ms) override;
    base::Result<std::vector<Held>> hold(const std::string& worker, const std::vector<Held>& jobs,
                                         std::int64_t hold_ms) override;
    base::Result<std::string> plan_bytes_of(const std::string& sha256) override;
    base::Status report(const std::string& worker, const std::vector<Report>& reports) override;

    // What goes with the next records, as part of the statement that appends them.
    [[nodiscard]] bool has_something_for_records() const { return !jobs_.empty() || !taken_.empty(); }
    static const char* with_records_sql();  // 1; its parameters are from $9 on
    [[nodiscard]] std::vector<Parameter> with_records_parameters() const;
    // They are committed: whoever waits for the jobs is told.
    void records_are_there();

  private:
    // Both go with the next append, and are empty again once it is committed.
    std::vector<ports::SiteJob> jobs_;
    std::vector<std::uint64_t> taken_;
    PostgresSession* session_;
    PostgresNews news_;
};

}  // namespace pvsplan::store
