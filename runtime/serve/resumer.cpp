#include "runtime/serve/resumer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/engine/run.hpp"
#include "runtime/ports/time_text.hpp"
#include "runtime/report/lines.hpp"
#include "runtime/serve/markup.hpp"

namespace pvsplan::serve {

using engine::AskedFor;
using engine::Standing;
using ports::Millis;

namespace {

constexpr Millis never = std::numeric_limits<Millis>::max();
constexpr Millis look_again_ms = 60'000;  // the clock of people may be set meanwhile

}  // namespace

// A fault of the store ends the whole look: with half of the runs known nothing is started. A run that cannot be read
// by itself is told, and keeps none of the others from it.
void Resumer::look(const ports::Store& store, const ports::Clock& clock) {
    const Millis steady = clock.steady();
    const Millis now = clock.now();
    const base::Result<std::vector<ports::RunRow>> rows = store.runs();
    if (!rows) return say_fault(rows.error().text());
    std::vector<Looked> all;
    for (const ports::RunRow& row : *rows) {
        Looked& one = all.emplace_back(Looked{.row = row});
        if (engine::is_over(row)) continue;
        const base::Result<Standing> standing = engine::standing_of(store, row);
        if (!standing) return say_fault(standing.error().text());
        if (!standing->holder && is_quiet(store, row, steady)) {
            one.asked_for = quiet_[row.id].asked_for;
            continue;
        }
        const base::Result<std::optional<AskedFor>> asked_for = engine::asked_for(store, row, *standing, now);
        if (asked_for) one.asked_for = *asked_for;
        if (!asked_for) one.fault = asked_for.error().text();
        if (!asked_for || standing->holder) continue;
        const Millis until = *asked_for ? steady + std::min((*asked_for)->from - now, look_again_ms) : never;
        quiet_[row.id] = {.records = row.records, .asked_for = *asked_for, .until = until};
    }
    turn(all, steady, now);
}

// Journals are read only where something has come since the last look, or a window may have opened.
bool Resumer::is_quiet(const ports::Store& store, const ports::RunRow& row, Millis steady) const {
    const auto quiet = quiet_.find(row.id);
    if (quiet == quiet_.end() || quiet->second.records != row.records || steady >= quiet->second.until) return false;
    const auto messages = store.messages(row.id);
    return messages && messages->empty();
}

// In place of what was told before: that may not be so any more.
void Resumer::say_fault(std::string why) {
    const std::scoped_lock lock(mutex_);
    taken_up_ = {{.run = "",
                  .words = "no run is taken up, since the store cannot be read: " + std::move(why),
                  .wants_person = true}};
}

// Processes that have ended are counted first, so that their places are free. Where the store has less than was seen
// nothing is started at all: what is missing may have been done.
void Resumer::turn(const std::vector<Looked>& all, Millis steady, Millis now) {
    reap(steady);
    std::vector<TakenUp> words;
    for (const Looked& one : all)
        if (has_gone_back(one.row))
            words.push_back(
                {.run = "",
                 .words = "no run is taken up: the store has less of the run " + one.row.id +
                          " than this server has seen, so it was put back to an earlier time. Look at what "
                          "is missing; after that go on with that run by hand, or start `pvsplan serve` anew",
                 .wants_person = true});
    const bool is_put_back = !words.empty();
    for (const Looked& one : all) {
        if (!one.fault.empty()) words.push_back({one.row.id, "it is not taken up: " + one.fault, true});
        const bool is_due = is_seen_again(one) && !is_put_back;
        const auto asking = askings_.find(one.row.id);
        if (is_due && one.asked_for->from > now) {
            words.push_back({.run = one.row.id,
                             .words = "this server takes it up when its window opens, " +
                                      ports::local_date_time(one.asked_for->from)});
        } else if (is_due) {
            words.push_back(take_up(one, steady, now));
        } else if (asking != askings_.end() && asking->second.starts > 0) {
            const Asked asked = one.asked_for && !asking->second.process ? Asked::still : Asked::no_more;
            words.push_back(told(one.row.id, asking->second, asked));
        }
    }
    const std::scoped_lock lock(mutex_);
    taken_up_ = std::move(words);
}

std::vector<TakenUp> Resumer::taken_up() const {
    const std::scoped_lock lock(mutex_);
    return taken_up_;
}

std::size_t Resumer::under_way() const {
    return static_cast<std::size_t>(std::count_if(askings_.begin(), askings_.end(),
                                                  [](const auto& one) { return one.second.process.has_value(); }));
}

// A process is asked without waiting.
void Resumer::reap(Millis steady) {
    for (auto& [run, asking] : askings_) {
        if (!asking.process) continue;
        const std::optional<int> status = resumes_->end_of(*asking.process);
        if (status) note_end(asking, "it ended with exit status " + std::to_string(*status), steady);
    }
}

// The pause counts from the end; after the last start there is none.
void Resumer::note_end(Asking& asking, std::string how, Millis steady) {
    asking.process.reset();
    asking.ended = std::move(how);
    if (asking.starts < max_starts) asking.next_at = steady + pauses_ms.at(asking.starts - 1);
}

// Whoever has gone on with the run since has looked at it: then it has more.
bool Resumer::has_gone_back(const ports::RunRow& row) {
    auto& [records, head] = seen_[row.id];
    if (row.records < records || (row.records == records && records > 0 && row.head != head)) return true;
    records = row.records;
    head = row.head;
    return false;
}

// Whoever dies is believed to have died if nothing of the run has moved between two looks.
bool Resumer::is_seen_again(const Looked& one) {
    const bool has_died = one.asked_for && one.asked_for->type == AskedFor::Type::process_died;
    if (!has_died) {
        sightings_.erase(one.row.id);
        return one.asked_for.has_value();
    }
    const auto [before, is_first] = sightings_.try_emplace(one.row.id, one.row.records);
    return !is_first && std::exchange(before->second, one.row.records) == one.row.records;
}

// Starts count for what was asked once; what is asked anew begins with none. A run whose process of ours lives is never
// started again. Whether it really goes on is decided by its lease, in that process.
TakenUp Resumer::take_up(const Looked& one, Millis steady, Millis now) {
    const std::string& run = one.row.id;
    if (!engine::is_run_id(run))
        return {.run = run, .words = "it is not taken up: this is no id of a run", .wants_person = true};
    Asking& asking = askings_[run];
    if (asking.since != one.asked_for->since && !asking.process) asking = {.since = one.asked_for->since};
    if (asking.process || asking.starts >= max_starts || steady < asking.next_at)
        return told(run, asking, Asked::still);
    if (under_way() >= max_parallel_)
        return {.run = run,
                .words = "it was asked for; this server takes it up once one of the " + std::to_string(max_parallel_) +
                         " ends that it has taken up"};
    ++asking.starts;
    asking.at = now;
    sightings_.erase(run);
    const base::Result<std::int64_t> process = resumes_->start(run);
    if (process) {
        asking.process = *process;
    } else {
        note_end(asking, "it could not be started: " + process.error().text(), steady);
    }
    return told(run, asking, Asked::still);
}

// Always with the log: it is where the reason stands.
TakenUp Resumer::told(const std::string& run, const Asking& asking, Asked now) const {
    const std::string times = asking.starts == 1 ? "at " : std::to_string(asking.starts) + " times, the last time at ";
    TakenUp told{.run = run, .words = "this server took it up " + times + ports::local_date_time(asking.at)};
    if (asking.process) {
        told.words += ", as process " + std::to_string(*asking.process);
    } else if (now == Asked::still && asking.starts < max_starts) {
        told.words += ": " + asking.ended + ". It is taken up again " +
                      report::duration_text(pauses_ms.at(asking.starts - 1)) + " after that";
    } else if (now == Asked::still) {
        told.words += ", and leaves it alone now: " + asking.ended;
        told.wants_person = true;
    } else {
        told.words += ": " + asking.ended;
    }
    told.words += "; what that process said is in " + resumes_->log_of(run) + ", on the machine of this server";
    return told;
}

}  // namespace pvsplan::serve
