#include "runtime/engine/asked_for.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/ready.hpp"
#include "runtime/engine/stored_run.hpp"
#include "runtime/engine/windows.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

namespace {

using Record = journal::Record;

// What the last records of a run say of who has said something.
struct Tail {
    std::uint64_t halted = 0;    // number of the record; 0: it never has
    std::uint64_t answered = 0;  // of the last approval that is used
    bool was_to_stop = false;    // it halted where it was to
    Record::Type last = Record::Type::began;
};

// Reads the records of a run from the last one back to where its last process but one began.
// Whatever was approved before the last `halted` was known to the process that halted, so nothing before that process
// began matters.
base::Result<Tail> tail_of(const std::vector<ports::RecordRow>& rows) {
    Tail tail;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        const base::Result<Record> record = journal::decode(row->bytes);
        if (!record) return record.error();
        if (row == rows.rbegin()) tail.last = record->type;
        const bool is_approved = record->type == Record::Type::approved;
        if (is_approved && tail.answered == 0) tail.answered = record->number;
        if (record->type == Record::Type::halted && tail.halted == 0) tail.halted = record->number;
        if (tail.halted == 0) continue;
        if (record->type == Record::Type::until && record->node.empty()) tail.was_to_stop = true;
        if (record->type == Record::Type::resumed) break;
    }
    return tail;
}

// When the first of the windows opens, or has opened, for which steps of the run wait; nothing: none does.
base::Result<std::optional<ports::Millis>> opening_waited_for(const ports::Runs& runs, const std::string& run,
                                                              ports::Millis now) {
    const base::Result<StoredRun> stored = stored_run(runs, run);
    if (!stored) return stored.error();
    std::optional<ports::Millis> first;
    if (stored->plan->windows.empty()) return first;
    const base::Result<state::RunState> state = journal::replay(*stored->plan, stored->records);
    if (!state) return state.error();
    if (state->is_rolling_back()) return first;
    Windows windows(*stored->plan);
    const Ready ready(state->now(), state->now_state());
    // A rollback waits for no window, so only steps that go forward are asked.
    for (const program::NodeId node : ready.start())
        if (const program::WindowId window = window_of(*state, node))
            if (const auto opening = windows.opening(window, now))
                first = std::min(first.value_or(opening->from), opening->from);
    return first;
}

}  // namespace

base::Result<std::optional<AskedFor>> asked_for(const ports::Store& store, const ports::RunRow& run,
                                                const Standing& standing, ports::Millis now) {
    const bool is_gone = standing.type == Standing::Type::gone;
    if (!is_gone && standing.type != Standing::Type::waiting) return std::optional<AskedFor>();
    const base::Result<std::vector<ports::RecordRow>> rows = store.records(run.id);
    if (!rows) return rows.error();
    base::Result<Tail> tail = tail_of(*rows);
    if (!tail) return std::move(tail).error().because_of("the journal of the run " + run.id + " is damaged");
    // It grows only when a person says something or the run halts again. So whoever resumes a run and finds it
    // unchanged afterwards does not resume it for the same reason for ever.
    const std::uint64_t since = std::max(tail->halted, tail->answered);
    const AskedFor died{.type = AskedFor::Type::process_died, .since = since};
    const AskedFor answered{.type = AskedFor::Type::person_answered, .since = since};
    // Whoever approves after the process has died takes the lease for a moment, and is then the last who wrote.
    const bool is_said_last = tail->last == Record::Type::approved || tail->last == Record::Type::received;
    if (is_gone && standing.holder) return std::optional(died);
    if (is_gone) return is_said_last ? std::optional(answered) : std::nullopt;
    if (tail->was_to_stop) return std::optional<AskedFor>();
    if (tail->answered > tail->halted) return std::optional(answered);
    const base::Result<std::vector<ports::Message>> messages = store.messages(run.id);
    if (!messages) return messages.error();
    // A message that the journal names was answered, and only not removed yet: it asks for nothing.
    const bool is_unread = std::any_of(messages->begin(), messages->end(), [&](const ports::Message& message) {
        const base::Result<Record> said = journal::decode(message.bytes);
        return said && std::none_of(rows->begin(), rows->end(), [&](const ports::RecordRow& row) {
                   return row.bytes.find(said->said) != std::string::npos;
               });
    });
    if (is_unread) return std::optional(answered);
    const base::Result<std::optional<ports::Millis>> opens = opening_waited_for(store, run.id, now);
    if (!opens) return opens.error();
    if (!*opens) return std::optional<AskedFor>();
    return std::optional(AskedFor{.type = AskedFor::Type::window_opens, .since = since, .from = **opens});
}

}  // namespace pvsplan::engine
