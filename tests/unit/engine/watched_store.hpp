// A store of which a test says, at each call, what becomes of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/ports/store.hpp"

namespace pvsplan::engine::test {

// Over twenty methods, since it is all five of the interfaces of ports::Store around another store.
class WatchedStore final : public ports::Store {
  public:
    enum class CallResult : std::uint8_t {
        works,
        fails,               // and nothing of it is there
        fails_though_there,  // it is carried out, and told as a failure
    };
    static constexpr std::string_view reason = "the disk has gone";

    explicit WatchedStore(std::unique_ptr<ports::Store> inner) : inner_(std::move(inner)) {}

    // Asked before each call; none: it works.
    std::function<CallResult(std::string_view call)> before;
    // Told of each call that came to the store.
    std::function<void(std::string_view call)> after;

    base::Status create_run(const ports::Lease& lease, const ports::RunRow& row, const std::string& bytes, Use use,
                            const std::vector<ports::RecordRow>& first) override {
        return call<base::Status>("create_run", [&] { return inner_->create_run(lease, row, bytes, use, first); });
    }
    base::Result<std::vector<ports::RunRow>> runs() const override {
        return call<base::Result<std::vector<ports::RunRow>>>("runs", [&] { return inner_->runs(); });
    }
    base::Result<std::optional<ports::RunRow>> run(const std::string& id) const override {
        return call<base::Result<std::optional<ports::RunRow>>>("run", [&] { return inner_->run(id); });
    }
    base::Result<std::string> plan_bytes(const std::string& run) const override {
        return call<base::Result<std::string>>("plan_bytes", [&] { return inner_->plan_bytes(run); });
    }
    base::Status append(const ports::Lease& lease, const std::string& run, const std::vector<ports::RecordRow>& rows,
                        const std::optional<std::string>& outcome, ports::Millis now) override {
        return call<base::Status>("append", [&] { return inner_->append(lease, run, rows, outcome, now); });
    }
    base::Result<std::vector<ports::RecordRow>> records(const std::string& run) const override {
        return call<base::Result<std::vector<ports::RecordRow>>>("records", [&] { return inner_->records(run); });
    }
    base::Result<std::optional<std::string>> archived(const std::string& id) const override {
        return inner_->archived(id);
    }
    base::Result<std::map<std::string, std::string>> archived_runs(const std::string& beginning) const override {
        return inner_->archived_runs(beginning);
    }
    base::Result<std::optional<ports::PlanRun>> last_run_of(const std::string& digest) const override {
        return call<base::Result<std::optional<ports::PlanRun>>>("last_run_of",
                                                                 [&] { return inner_->last_run_of(digest); });
    }
    base::Result<std::map<std::string, std::uint64_t>> sizes() const override { return inner_->sizes(); }
    base::Result<std::uint64_t> size() const override { return inner_->size(); }
    base::Status remove_run(const ports::RunRow& row, const std::string& where) override {
        return inner_->remove_run(row, where);
    }
    base::Status give_room_back() override { return inner_->give_room_back(); }
    base::Result<ports::TakeResult> acquire(const std::string& farm, const ports::LeaseOwner& owner,
                                            ports::Take how) override {
        return call<base::Result<ports::TakeResult>>("acquire", [&] { return inner_->acquire(farm, owner, how); });
    }
    base::Result<bool> renew(const ports::Lease& lease) override {
        return call<base::Result<bool>>("renew", [&] { return inner_->renew(lease); });
    }
    void heartbeat() override {
        inner_->heartbeat();
        if (after) after("heartbeat");
    }
    base::Status release(const ports::Lease& lease) override {
        return call<base::Status>("release", [&] { return inner_->release(lease); });
    }
    base::Result<std::optional<ports::HeldLease>> held(const std::string& farm) const override {
        return call<base::Result<std::optional<ports::HeldLease>>>("held", [&] { return inner_->held(farm); });
    }
    base::Status post_message(const std::string& run, const std::string& bytes) override {
        return call<base::Status>("post_message", [&] { return inner_->post_message(run, bytes); });
    }
    base::Result<std::vector<ports::Message>> messages(const std::string& run) const override {
        return call<base::Result<std::vector<ports::Message>>>("messages", [&] { return inner_->messages(run); });
    }
    base::Status remove_messages(const std::string& run, std::uint64_t up_to) override {
        return call<base::Status>("remove_messages", [&] { return inner_->remove_messages(run, up_to); });
    }
    base::Result<std::map<std::string, std::map<std::string, std::string>>> simulated_state(
        const std::string& farm) const override {
        return call<base::Result<std::map<std::string, std::map<std::string, std::string>>>>(
            "simulated_state", [&] { return inner_->simulated_state(farm); });
    }
    base::Result<std::optional<ports::SimulatedJob>> simulated_job(const std::string& farm,
                                                                   const std::string& key) const override {
        return call<base::Result<std::optional<ports::SimulatedJob>>>("simulated_job",
                                                                      [&] { return inner_->simulated_job(farm, key); });
    }
    base::Status change_simulated(const std::string& farm, const ports::SimulatedChange& change) override {
        return call<base::Status>("change_simulated", [&] { return inner_->change_simulated(farm, change); });
    }
    base::Status reset_simulated(const std::string& farm) override {
        return call<base::Status>("reset_simulated", [&] { return inner_->reset_simulated(farm); });
    }
    [[nodiscard]] std::uint64_t commits() const override { return inner_->commits(); }

  private:
    template <class Answer, class Act>
    Answer call(std::string_view name, const Act& act) const {
        const CallResult result = before ? before(name) : CallResult::works;
        if (result == CallResult::fails) return base::Error{std::string(reason)};
        Answer answer = act();
        if (after) after(name);
        if (result == CallResult::fails_though_there) return base::Error{std::string(reason)};
        return answer;
    }

    std::unique_ptr<ports::Store> inner_;
};

}  // namespace pvsplan::engine::test
