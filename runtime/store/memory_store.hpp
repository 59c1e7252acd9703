// A store without a disk, for rehearsals: it forgets everything, and it can die at a chosen write. Whoever takes the
// farm has it: those who had it are dead, or are to lose it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/ports/store.hpp"

namespace pvsplan::store {

class MemoryStore final : public ports::Store {
  public:
    // Counts writes of the journal; after the `writes`-th every further write fails, as if the process had died there.
    void die_after(std::uint64_t writes) { left_ = writes; }
    void live_again() { left_ = never; }
    [[nodiscard]] bool is_dead() const { return left_ == 0; }

    base::Status create_run(const ports::Lease& lease, const ports::RunRow& row, const std::string& bytes, Use use,
                            const std::vector<ports::RecordRow>& first) override;
    base::Result<std::vector<ports::RunRow>> runs() override;
    base::Result<std::optional<ports::RunRow>> run(const std::string& id) override;
    base::Result<std::string> plan_bytes(const std::string& run) override;
    base::Status append(const ports::Lease& lease, const std::string& run, const std::vector<ports::RecordRow>& rows,
                        const std::optional<std::string>& outcome, ports::Millis now) override;
    base::Result<std::vector<ports::RecordRow>> records(const std::string& run) override;
    base::Result<ports::TakeResult> acquire(const std::string& farm, const ports::LeaseHolder& holder,
                                            ports::Take how) override;
    base::Result<bool> holds(const ports::Lease& lease) override { return lease.token == token_; }
    base::Status release_farm(const ports::Lease& lease) override;
    base::Result<std::optional<ports::LeaseHolder>> holder(const std::string& farm) override;
    base::Status post_message(const std::string& run, const std::string& bytes) override;
    base::Result<std::vector<ports::Message>> messages(const std::string& run) override;
    base::Status remove_messages(const std::string& run, std::uint64_t up_to) override;
    base::Result<std::map<std::string, std::map<std::string, std::string>>> simulated_state(
        const std::string& farm) override;
    base::Result<std::optional<ports::SimulatedJob>> simulated_job(const std::string& farm,
                                                                   const std::string& key) override;
    base::Status change_simulated(const std::string& farm, const ports::SimulatedChange& change) override;
    [[nodiscard]] std::uint64_t commits() const override { return commits_; }

  private:
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    std::vector<ports::RunRow> rows_;
    std::map<std::string, std::string> plans_;
    std::map<std::string, std::vector<ports::RecordRow>> records_;
    std::map<std::string, std::map<std::string, std::string>> states_;
    std::map<std::string, ports::SimulatedJob> jobs_;
    std::vector<ports::Message> messages_;
    std::uint64_t last_message_ = 0;
    std::uint64_t token_ = 0;  // of who took the farm last: there is but one
    std::optional<ports::LeaseHolder> holder_;
    std::uint64_t left_ = never;
    std::uint64_t commits_ = 0;
};

}  // namespace pvsplan::store
