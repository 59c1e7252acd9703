#include "runtime/store/memory_store.hpp"

#include <algorithm>

namespace pvsplan::store {
namespace {

base::Error dead() { return base::Error{"the rehearsed process has died"}; }
base::Error without_hold() { return base::Error{"the rehearsed process has lost its hold on the farm"}; }

}  // namespace

base::Status MemoryStore::create_run(const ports::Lease&, const ports::RunRow& row, const std::string& bytes, Use,
                                     const std::vector<ports::RecordRow>& first) {
    if (is_dead()) return dead();
    rows_.push_back(row);
    rows_.back().records = first.size();
    if (!first.empty()) rows_.back().head = first.back().hash;
    plans_[row.id] = bytes;
    records_[row.id] = first;
    ++commits_;
    if (left_ != never) --left_;
    return base::Done{};
}

base::Result<std::vector<ports::RunRow>> MemoryStore::runs() { return rows_; }

base::Result<std::optional<ports::RunRow>> MemoryStore::run(const std::string& id) {
    for (const ports::RunRow& row : rows_)
        if (row.id == id) return std::optional(row);
    return std::optional<ports::RunRow>();
}

base::Result<std::string> MemoryStore::plan_bytes(const std::string& run) { return plans_[run]; }

base::Status MemoryStore::append(const ports::Lease& lease, const std::string& run,
                                 const std::vector<ports::RecordRow>& rows, const std::optional<std::string>& outcome,
                                 ports::Millis now) {
    if (is_dead()) return dead();
    if (lease.token != token_) return without_hold();
    auto& records = records_[run];
    records.insert(records.end(), rows.begin(), rows.end());
    for (ports::RunRow& row : rows_) {
        if (row.id != run) continue;
        if (outcome) row.outcome = *outcome;
        row.touched_at = now;
        row.records = records.size();
        if (!rows.empty()) row.head = rows.back().hash;
    }
    ++commits_;
    if (left_ != never) --left_;
    return base::Done{};
}

base::Result<std::vector<ports::RecordRow>> MemoryStore::records(const std::string& run) { return records_[run]; }

base::Result<ports::TakeResult> MemoryStore::acquire(const std::string& farm, const ports::LeaseHolder& holder,
                                                     ports::Take how) {
    ports::TakeResult taken{.lease = ports::Lease{.farm = farm, .token = ++token_}, .held_by = std::nullopt};
    if (how == ports::Take::over) taken.held_by = holder_;
    holder_ = holder;
    return taken;
}

base::Status MemoryStore::release_farm(const ports::Lease& lease) {
    if (lease.token == token_ && !is_dead()) holder_.reset();
    return base::Done{};
}
base::Result<std::optional<ports::LeaseHolder>> MemoryStore::holder(const std::string&) {
    return std::optional<ports::LeaseHolder>();
}
base::Status MemoryStore::post_message(const std::string& run, const std::string& bytes) {
    messages_.push_back({.number = ++last_message_, .run = run, .bytes = bytes});
    return base::Done{};
}
base::Result<std::vector<ports::Message>> MemoryStore::messages(const std::string& run) {
    std::vector<ports::Message> all;
    for (const ports::Message& message : messages_)
        if (message.run == run) all.push_back(message);
    return all;
}
base::Status MemoryStore::remove_messages(const std::string& run, std::uint64_t up_to) {
    if (is_dead()) return dead();
    std::erase_if(messages_, [&](const ports::Message& one) { return one.run == run && one.number <= up_to; });
    return base::Done{};
}

base::Result<std::map<std::string, std::map<std::string, std::string>>> MemoryStore::simulated_state(
    const std::string&) {
    return states_;
}

base::Result<std::optional<ports::SimulatedJob>> MemoryStore::simulated_job(const std::string&,
                                                                            const std::string& key) {
    const auto found = jobs_.find(key);
    return found == jobs_.end() ? std::optional<ports::SimulatedJob>() : std::optional(found->second);
}

base::Status MemoryStore::change_simulated(const std::string&, const ports::SimulatedChange& change) {
    if (is_dead()) return dead();
    for (const auto& set : change.sets) states_[set.object][set.attribute] = set.value;
    for (const ports::SimulatedJob& job : change.jobs) jobs_[job.key] = job;
    return base::Done{};
}

}  // namespace pvsplan::store
