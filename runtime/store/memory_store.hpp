// A store without a disk, for rehearsals: it forgets everything, and it can die at a chosen write. All that a rehearsed
// process and its successors do, they do with one of these.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/ports/store.hpp"
#include "runtime/store/expiry.hpp"

namespace pvsplan::store {

// Over twenty methods, since it is all five of the interfaces of ports::Store over the same runs.
// Used by one thread. Also what an archived run is read from, and a store in which nothing is.
class MemoryStore final : public ports::Store {
  public:
    using ExpiryOf = std::function<ports::Expiry(const ports::LeaseOwner&)>;
    // `expiry_of`: rehearsed processes are none that the system knows, so whoever makes them says which of them live.
    explicit MemoryStore(ExpiryOf expiry_of = expiry_with_process) : expiry_of_(std::move(expiry_of)) {}

    // After so many more commits of runs every further write of whatever kind fails, as if the process had died there.
    void die_after(std::uint64_t commits) { left_ = commits; }
    void live_again() { left_ = never; }
    [[nodiscard]] bool is_dead() const { return left_ == 0; }

    // A run as it was kept elsewhere, whatever its row says of its records.
    void put(const ports::RunRow& row, const std::string& plan_bytes, std::vector<ports::RecordRow> records) {
        runs_.push_back(
            Run{.row = row, .plan_bytes = plan_bytes, .records = std::move(records), .begun_as = ++last_begun_});
    }

    base::Status create_run(const ports::Lease& lease, const ports::RunRow& row, const std::string& plan_bytes, Use use,
                            const std::vector<ports::RecordRow>& first) override;
    base::Result<std::vector<ports::RunRow>> runs() const override;
    base::Result<std::optional<ports::RunRow>> run(const std::string& id) const override;
    base::Result<std::string> plan_bytes(const std::string& run) const override;
    base::Status append(const ports::Lease& lease, const std::string& run, const std::vector<ports::RecordRow>& rows,
                        const std::optional<std::string>& outcome, ports::Millis now) override;
    base::Result<std::vector<ports::RecordRow>> records(const std::string& run) const override;
    base::Result<std::optional<std::string>> archived(const std::string& id) const override;
    base::Result<std::map<std::string, std::string>> archived_runs(const std::string& beginning) const override;
    base::Result<std::optional<ports::PlanRun>> last_run_of(const std::string& digest) const override;
    [[nodiscard]] std::uint64_t commits() const override { return commits_; }

    base::Result<ports::TakeResult> acquire(const std::string& farm, const ports::LeaseOwner& owner,
                                            ports::Take how) override;
    base::Result<bool> renew(const ports::Lease& lease) override;
    base::Status release(const ports::Lease& lease) override;
    base::Result<std::optional<ports::HeldLease>> held(const std::string& farm) const override;

    base::Status post_message(const std::string& run, const std::string& bytes) override;
    base::Result<std::vector<ports::Message>> messages(const std::string& run) const override;
    base::Status remove_messages(const std::string& run, std::uint64_t up_to) override;

    base::Result<std::map<std::string, std::map<std::string, std::string>>> simulated_state(
        const std::string& farm) const override;
    base::Result<std::optional<ports::SimulatedJob>> simulated_job(const std::string& farm,
                                                                   const std::string& key) const override;
    base::Status change_simulated(const std::string& farm, const ports::SimulatedChange& change) override;
    base::Status reset_simulated(const std::string& farm) override;

    base::Result<std::map<std::string, std::uint64_t>> sizes() const override;
    base::Result<std::uint64_t> size() const override;
    base::Status remove_run(const ports::RunRow& row, const std::string& where) override;
    base::Status give_room_back() override { return base::Done{}; }

  private:
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    struct Run {
        ports::RunRow row;
        std::string plan_bytes;
        std::vector<ports::RecordRow> records;
        std::uint64_t begun_as = 0;  // larger than that of every run before
    };
    struct Farm {
        std::uint64_t token = 0;  // of the last lease
        std::optional<ports::LeaseOwner> owner;
        std::map<std::string, std::map<std::string, std::string>> states;
        std::map<std::string, ports::SimulatedJob> jobs;
    };

    // Null: there is none.
    [[nodiscard]] const Run* find(const std::string& id) const;
    // By the token, as on a disk: an owner whose lease was taken over has a smaller one.
    [[nodiscard]] bool is_held(const ports::Lease& lease) const;
    // Appends, and counts down to the death.
    void commit(Run& run, const std::vector<ports::RecordRow>& rows);

    ExpiryOf expiry_of_;
    std::vector<Run> runs_;  // few
    // The row of a run that was taken out: no plan takes its id again, and `where` leads to its file.
    struct Archived {
        std::string digest;
        std::string outcome;
        std::uint64_t begun_as = 0;
        std::string where;
    };
    std::map<std::string, Archived> archived_;  // by id
    std::map<std::string, Farm> farms_;
    std::vector<ports::Message> messages_;
    std::uint64_t last_message_ = 0;
    std::uint64_t last_begun_ = 0;
    std::uint64_t left_ = never;
    std::uint64_t commits_ = 0;
};

}  // namespace pvsplan::store
