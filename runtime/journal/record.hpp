// The records of a run, exactly. A record is one line of canonical JSON: members in the order below, those that are
// empty or zero left out, `prev` the SHA-256 of the record before. It is accepted only if encoding it again gives the
// same bytes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/clock.hpp"

namespace pvsplan::journal {

// object id -> attribute -> value as program::encode_value writes it
using StateTexts = std::map<std::string, std::map<std::string, std::string>>;

struct Record {
    enum class Type : std::uint8_t {
        began,           // the run: value = digest of the plan, by, account, host; said = the run that it does again
        resumed,         // by, host
        observed,        // states, outside of a step
        decided,         // a `when`: node = step that carries it, value = "holds" or "fails"
        started,         // node, attempt, states = before, host = the place where its host keeps its jobs
        finished,        // node, attempt, exit, out, err, outputs, states = observed
        failed,          // node, attempt (0: before its command was issued), exit, out, err, text = why, states;
                         // value = "ask first": it may have been done, and does not run again before a person said so
        unreached,       // node, attempt, text = why
        doubted,         // node, attempt, text = why or what was seen, states
        reconciled,      // node, value = "finished", "again", "begun" or "untouched"; text = how; states, outputs. By a
                         // person: by; said = the same for all that was said at once, which is judged as one
        approved,        // node, by, account, host, text = because; names = those that may approve and are they
        rollback_began,  // the rollback program goes on from here: by, text = because
        halted,          // value = outcome, text
        abandoned,   // node = an iteration of a loop that goes on without it; text = because. By a person who left it
                     // out: by, host; value = "again": who wants what was left out tried again
        readmitted,  // node = an iteration that was abandoned, and is tried again now that all else is over
        stopped,     // node = what failed; value = "halt" or "rollback"; text = because. By a person: by, and
                     // node = the step, or group, to before which it goes back; none: to the beginning
        taken,       // the run was taken from the process that had it, or a host from whoever claimed it: by, host,
                     // value = from whom, text = because; account: only of the run
        received,    // a message, used when the run comes there: node, value = "approve", by, account, host, text,
                     // said, names
        refused,     // a message that is not used: node, value = "approve", by, host, text = why, said
        window,      // node = a step that may start but for its window of time; value = "closed" or "open"
        until,       // the run stops before this node, or group of nodes: node, by, host; without a node: it has
        told,        // a notification is to be sent: value = "waiting", "failed", "doubt" or "done", text = what of;
                     // names = what it tells of, each told once; out = its content, as JSON
        sent,        // to one who is told: said = the number of the record `told`, node = "notify[0]", attempt
        unsent,      // likewise: it was given up, text = why
    };
    std::uint64_t number = 0;  // from 1
    ports::Millis at = 0;
    Type type = Type::began;
    std::string node = {};
    std::uint32_t attempt = 0;
    std::string value = {};
    std::int64_t exit_status = 0;
    std::string text = {};
    std::string by = {};
    std::string account = {};  // of `by`, within the border in which it is one
    std::string host = {};
    std::string said = {};  // name of the message, or of the call, by which a person said it
    std::vector<std::string> names = {};
    StateTexts states = {};
    std::map<std::string, std::string> outputs = {};  // encoded values
    std::string out = {};
    std::string err = {};
    std::string prev = {};

    friend bool operator==(const Record&, const Record&) = default;
};

std::string_view name_of(Record::Type type);

// One line without its end. The same record gives the same bytes on every machine.
std::string encode(const Record& record);
// An error: it is damaged, of a kind that a newer version writes, or not canonical.
base::Result<Record> decode(std::string_view bytes);

}  // namespace pvsplan::journal
