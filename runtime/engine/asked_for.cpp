#include "runtime/engine/asked_for.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "runtime/journal/record.hpp"

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

// Of the records of a run, from the last one back to where its last process but one began.
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

}  // namespace

base::Result<std::optional<AskedFor>> asked_for(const ports::Store& store, const ports::RunRow& run,
                                                const Standing& standing) {
    const bool is_gone = standing.type == Standing::Type::gone;
    if (!is_gone && standing.type != Standing::Type::waiting) return std::optional<AskedFor>();
    const base::Result<std::vector<ports::RecordRow>> rows = store.records(run.id);
    if (!rows) return rows.error();
    base::Result<Tail> tail = tail_of(*rows);
    if (!tail) return std::move(tail).error().because_of("the journal of the run " + run.id + " is damaged");
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
    const bool is_unread = std::any_of(messages->begin(), messages->end(), [&](const ports::Message& message) {
        const base::Result<Record> said = journal::decode(message.bytes);
        return said && std::none_of(rows->begin(), rows->end(), [&](const ports::RecordRow& row) {
                   return row.bytes.find(said->said) != std::string::npos;
               });
    });
    return is_unread ? std::optional(answered) : std::nullopt;
}

}  // namespace pvsplan::engine
