#include "runtime/store/memory_store.hpp"

#include <algorithm>

#include "runtime/store/refusals.hpp"

namespace pvsplan::store {
namespace {

// What every write answers once the rehearsed process has died; reading goes on, for whoever looks at what is left.
base::Error dead() { return base::Error{"the rehearsed process has died"}; }

}  // namespace

// The refusals come in the order in which the other stores have them, so that all say the same about the same fault.
base::Status MemoryStore::create_run(const ports::Lease& lease, const ports::RunRow& row, const std::string& plan_bytes,
                                     Use use, const std::vector<ports::RecordRow>& first) {
    if (is_dead()) return dead();
    if (!is_held(lease)) return lost_lease(lease.farm);
    if (lease.farm != row.farm) return lease_on_another_farm(lease.farm, row.farm);
    if (find(row.id) != nullptr) return run_is_there(row.id);
    if (archived_.contains(row.id)) return run_is_there(row.id);
    if (use == Use::single) {
        for (const Run& run : runs_)
            if (run.row.digest == row.digest) return used_plan(run.row.id);
        for (const auto& [id, run] : archived_)
            if (run.digest == row.digest) return used_archived_plan(id);
    }
    if (base::Status status = check_numbers(row.id, 0, first); !status) return status;
    Run& run = runs_.emplace_back(Run{.row = row, .plan_bytes = plan_bytes, .records = {}, .begun_as = ++last_begun_});
    run.row.records = 0;
    run.row.head.clear();
    commit(run, first);
    return base::Done{};
}

// Fenced by the lease, as in the other stores: one that was taken over appends nothing.
base::Status MemoryStore::append(const ports::Lease& lease, const std::string& id,
                                 const std::vector<ports::RecordRow>& rows, const std::optional<std::string>& outcome,
                                 ports::Millis now) {
    if (is_dead()) return dead();
    if (!is_held(lease)) return lost_lease(lease.farm);
    const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const Run& one) { return one.row.id == id; });
    if (run == runs_.end()) return no_run(id);
    if (lease.farm != run->row.farm) return lease_on_another_farm(lease.farm, run->row.farm);
    if (base::Status status = check_numbers(id, run->row.records, rows); !status) return status;
    if (outcome) run->row.outcome = *outcome;
    if (outcome || !rows.empty()) run->row.touched_at = now;
    commit(*run, rows);
    return base::Done{};
}

// A rehearsed process dies between two commits, never within one: that is all that a real store promises.
void MemoryStore::commit(Run& run, const std::vector<ports::RecordRow>& rows) {
    run.records.insert(run.records.end(), rows.begin(), rows.end());
    run.row.records = run.records.size();
    if (!rows.empty()) run.row.head = rows.back().hash;
    ++commits_;
    if (left_ != never) --left_;
}

base::Result<std::vector<ports::RunRow>> MemoryStore::runs() const {
    std::vector<ports::RunRow> rows;
    for (const Run& run : runs_) rows.push_back(run.row);
    return rows;
}

base::Result<std::optional<ports::RunRow>> MemoryStore::run(const std::string& id) const {
    const Run* found = find(id);
    return found == nullptr ? std::optional<ports::RunRow>() : std::optional(found->row);
}

base::Result<std::string> MemoryStore::plan_bytes(const std::string& run) const {
    const Run* found = find(run);
    if (found == nullptr) return no_compiled_plan(run);
    return found->plan_bytes;
}

base::Result<std::vector<ports::RecordRow>> MemoryStore::records(const std::string& run) const {
    const Run* found = find(run);
    return found == nullptr ? std::vector<ports::RecordRow>() : found->records;
}

// Linear: a rehearsal has a run or two.
const MemoryStore::Run* MemoryStore::find(const std::string& id) const {
    const auto found = std::find_if(runs_.begin(), runs_.end(), [&](const Run& one) { return one.row.id == id; });
    return found == runs_.end() ? nullptr : &*found;
}

base::Result<std::optional<std::string>> MemoryStore::archived(const std::string& id) const {
    const auto found = archived_.find(id);
    return found == archived_.end() ? std::optional<std::string>() : std::optional(found->second.where);
}

base::Result<std::map<std::string, std::string>> MemoryStore::archived_runs(const std::string& beginning) const {
    std::map<std::string, std::string> all;
    for (const auto& [id, run] : archived_)
        if (id.starts_with(beginning)) all[id] = run.where;
    return all;
}

// By the order in which runs began, also of those that were archived since.
base::Result<std::optional<ports::PlanRun>> MemoryStore::last_run_of(const std::string& digest) const {
    std::map<std::uint64_t, ports::PlanRun> all;
    for (const Run& run : runs_)
        if (run.row.digest == digest) all[run.begun_as] = {.id = run.row.id, .outcome = run.row.outcome, .archive = {}};
    for (const auto& [id, run] : archived_)
        if (run.digest == digest) all[run.begun_as] = {.id = id, .outcome = run.outcome, .archive = run.where};
    return all.empty() ? std::optional<ports::PlanRun>() : std::optional(all.rbegin()->second);
}

// Bytes of the plan and of the records, by run.
base::Result<std::map<std::string, std::uint64_t>> MemoryStore::sizes() const {
    std::map<std::string, std::uint64_t> all;
    for (const Run& run : runs_) {
        all[run.row.id] = run.plan_bytes.size();
        for (const ports::RecordRow& record : run.records) all[run.row.id] += record.bytes.size();
    }
    return all;
}

base::Result<std::uint64_t> MemoryStore::size() const {
    const auto by_run = sizes();
    std::uint64_t all = 0;
    for (const auto& [run, bytes] : *by_run) all += bytes;
    return all;
}

// Only a run that is as the caller has read it goes, as in the other stores.
base::Status MemoryStore::remove_run(const ports::RunRow& row, const std::string& where) {
    if (is_dead()) return dead();
    const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const Run& one) {
        return one.row.id == row.id && one.row.records == row.records && one.row.head == row.head &&
               one.row.outcome == row.outcome;
    });
    if (run == runs_.end()) return not_as_it_was(row.id);
    archived_[row.id] = {.digest = row.digest, .outcome = row.outcome, .begun_as = run->begun_as, .where = where};
    runs_.erase(run);
    std::erase_if(messages_, [&](const ports::Message& one) { return one.run == row.id; });
    if (left_ != never) --left_;
    return base::Done{};
}

// The token grows with each owner, and never goes back.
base::Result<ports::TakeResult> MemoryStore::acquire(const std::string& farm, const ports::LeaseOwner& owner,
                                                     ports::Take how) {
    if (is_dead()) return dead();
    std::optional<ports::HeldLease> there = *held(farm);
    if (there && how == ports::Take::if_free && there->expiry != ports::Expiry::expired)
        return ports::TakeResult{.lease = {}, .held_by = std::move(there)};
    Farm& leased = farms_[farm];
    leased.owner = owner;
    return ports::TakeResult{.lease = ports::Lease{.farm = farm, .token = ++leased.token}, .held_by = std::move(there)};
}

bool MemoryStore::is_held(const ports::Lease& lease) const {
    const auto farm = farms_.find(lease.farm);
    return farm != farms_.end() && farm->second.owner && farm->second.token == lease.token;
}

// There is nothing to put off: the lease lasts as long as the process of its owner.
base::Result<bool> MemoryStore::renew(const ports::Lease& lease) { return is_held(lease); }

base::Status MemoryStore::release(const ports::Lease& lease) {
    if (is_dead()) return dead();
    if (is_held(lease)) farms_.at(lease.farm).owner.reset();
    return base::Done{};
}

base::Result<std::optional<ports::HeldLease>> MemoryStore::held(const std::string& farm) const {
    const auto found = farms_.find(farm);
    if (found == farms_.end() || !found->second.owner) return std::optional<ports::HeldLease>();
    const ports::LeaseOwner& owner = *found->second.owner;
    return std::optional(ports::HeldLease{.owner = owner, .expiry = expiry_of_(owner)});
}

base::Status MemoryStore::post_message(const std::string& run, const std::string& bytes) {
    if (is_dead()) return dead();
    messages_.push_back({.number = ++last_message_, .run = run, .bytes = bytes});
    return base::Done{};
}

base::Result<std::vector<ports::Message>> MemoryStore::messages(const std::string& run) const {
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
    const std::string& farm) const {
    const auto found = farms_.find(farm);
    return found == farms_.end() ? decltype(Farm::states)() : found->second.states;
}

base::Result<std::optional<ports::SimulatedJob>> MemoryStore::simulated_job(const std::string& farm,
                                                                            const std::string& key) const {
    const auto found = farms_.find(farm);
    if (found == farms_.end()) return std::optional<ports::SimulatedJob>();
    const auto job = found->second.jobs.find(key);
    return job == found->second.jobs.end() ? std::optional<ports::SimulatedJob>() : std::optional(job->second);
}

// A job that is there stays as it was begun.
base::Status MemoryStore::change_simulated(const std::string& farm, const ports::SimulatedChange& change) {
    if (is_dead()) return dead();
    Farm& changed = farms_[farm];
    for (const auto& set : change.sets) changed.states[set.object][set.attribute] = set.value;
    for (const ports::SimulatedJob& job : change.jobs) changed.jobs.try_emplace(job.key, job);
    return base::Done{};
}

base::Status MemoryStore::reset_simulated(const std::string& farm) {
    if (is_dead()) return dead();
    farms_[farm].states.clear();
    return base::Done{};
}

}  // namespace pvsplan::store
