// Approvals: recorded here if no process has the run, else posted to the inbox of the run.
#include "runtime/engine/journal_writer.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/engine/messages.hpp"

namespace pvsplan::engine {

using state::Phase;
using Record = journal::Record;

namespace {

// What the journal answers is what people are told: an approval that was refused there is wrong usage here.
Ended answered(const std::string& run, const std::string& node, const Record& answer) {
    Ended ended{.outcome = Outcome::done, .run = run, .message = "`" + node + "` is approved"};
    if (answer.type == Record::Type::received)
        ended.message = "the approval of `" + node + "` is recorded; it is used when the run comes there";
    if (answer.type == Record::Type::refused) {
        ended.outcome = Outcome::usage;
        ended.message = "the approval of `" + node + "` was refused: " + answer.text;
    }
    return ended;
}

// The answer to a message, if the journal has one.
base::Result<std::optional<Record>> answer_in_journal(const ports::Runs& runs, const std::string& run,
                                                      const std::string& said) {
    const base::Result<std::vector<ports::RecordRow>> rows = runs.records(run);
    if (!rows) return rows.error();
    // The answer is among the last records, so they are read from the end; only those that hold the name of the message
    // are decoded.
    for (auto row = rows->rbegin(); row != rows->rend(); ++row)
        if (row->bytes.find(said) != std::string::npos)
            if (base::Result<Record> record = journal::decode(row->bytes); record && record->said == said)
                return std::optional(std::move(*record));
    return std::optional<Record>();
}

// With the lease: first the messages that wait in the inbox, then this one. The process that had the run may have
// answered it before it ended.
Ended take_in(const Environment& environment, const Taken& taken, const std::string& run, const Record& message) {
    const ports::Lease& lease = taken.lease;
    base::Result<LoadedRun> now = load(*environment.store, run);
    if (!now) return let_go(environment, lease, Outcome::wrong, run, now.error().text());
    const base::Result<std::optional<Record>> before = answer_in_journal(*environment.store, run, message.said);
    if (!before) return let_go(environment, lease, Outcome::wrong, run, before.error().text());
    // A second process with the same message must not record it twice.
    if (*before) {
        (void)environment.store->release(lease);
        return answered(run, message.node, **before);
    }
    if (is_over(now->row))
        return let_go(environment, lease, Outcome::usage, run, "the run " + run + " is over: " + now->row.outcome);
    // Each answer is folded into the state before the next message is judged, so of two approvals of one step the
    // second is refused.
    JournalWriter journal_writer(environment.store, *environment.clock, lease, run, *now->state);
    if (std::optional<Record> record = taken_record(environment, taken.from)) journal_writer.write(std::move(*record));
    const auto receive = [&](const Record& said) {
        const Ready ready(now->state->now(), now->state->now_state());
        Record answer = said.type == Record::Type::refused ? said : answer_to(*now->state, ready, said);
        journal_writer.write(answer);
        return answer;
    };
    const base::Result<std::vector<ports::Message>> messages = environment.store->messages(run);
    if (!messages) return let_go(environment, lease, Outcome::wrong, run, messages.error().text());
    Record own;
    // The own message may be among them, posted before the lease was free; then it is answered there.
    for (const Record& said : unreceived(*now->state, *messages)) {
        const Record answer = receive(said);
        if (said.said == message.said) own = answer;
    }
    if (own.said.empty()) own = receive(message);
    if (base::Status written = journal_writer.commit(); !written)
        return not_written(environment, lease, run, written.error());
    // The answers are durable by now. Dies this process before the messages are removed, the next reader finds their
    // names in the journal and answers none twice.
    if (!messages->empty()) (void)environment.store->remove_messages(run, messages->back().number);
    (void)environment.store->release(lease);
    Ended ended = answered(run, message.node, own);
    if (own.type == Record::Type::approved) ended.message += "; `pvsplan resume " + run + "` goes on";
    return ended;
}

}  // namespace

// First all that can be refused without the lease. Then the lease decides who records: this process, if nobody has the
// run, else the one that has it, whose answer is waited for.
Ended approve(const Environment& environment, const std::string& run, const std::string& node,
              const std::string& because, ports::Millis patience_ms) {
    const base::Result<std::optional<ports::RunRow>> row = environment.store->run(run);
    if (!row) return wrong(row.error());
    if (!*row) return {.outcome = Outcome::usage, .message = "there is no run `" + run + "`"};
    base::Result<LoadedRun> loaded = load(*environment.store, run);
    if (!loaded) return wrong(loaded.error(), run);
    const state::ExecutionGraph& execution = loaded->state->now();
    const auto found = execution.by_path.find(node);
    if (found == execution.by_path.end() || execution.node(found->second).type != program::Node::Type::approval)
        return {.outcome = Outcome::usage, .run = run, .message = "the run has no approval `" + node + "`"};
    if (loaded->state->now_state().nodes[found->second.index()].phase == Phase::finished)
        return {.outcome = Outcome::done, .run = run, .message = "`" + node + "` was approved before"};
    if (is_over(loaded->row))
        return {
            .outcome = Outcome::usage, .run = run, .message = "the run " + run + " is over: " + loaded->row.outcome};
    if (loaded->state->approvals.contains(node))
        return {.outcome = Outcome::done,
                .run = run,
                .message = "`" + node + "` was approved before; it is used when the run comes there"};
    // Asked before anything is posted, so that whoever may not is told at once. The process that has the run asks
    // again: its state may be newer.
    const program::Node& approved = execution.node(found->second);
    const Record message = approval_from(environment, *loaded->plan, approved, because);
    if (std::string why = may_not_approve(*loaded->state, approved, message); !why.empty())
        return {.outcome = Outcome::usage,
                .run = run,
                .message = why + whom_nobody_knows(environment.accounts, *loaded->state, approved, message)};
    Ended ended;
    std::optional<Taken> taken = take(environment, loaded->row.farm, run, ended);
    if (taken) return take_in(environment, *taken, run, message);
    if (ended.outcome != Outcome::held) return ended;
    if (base::Status posted = environment.store->post_message(run, journal::encode(message)); !posted)
        return wrong(posted.error(), run);
    static constexpr ports::Millis look_every_ms = 100;
    for (const ports::Millis until = environment.clock->steady() + patience_ms;;) {
        const auto answer = answer_in_journal(*environment.store, run, message.said);
        if (!answer)
            return {.outcome = Outcome::left,
                    .run = run,
                    .message = "the approval of `" + node +
                               "` was left for the run, and nobody can tell whether it has taken it: " +
                               answer.error().text()};
        if (*answer) {
            ended = answered(run, node, **answer);
            if ((*answer)->type == Record::Type::approved) ended.message += "; the run that is under way goes on";
            return ended;
        }
        // Whoever had the run may have halted since without reading its inbox; then the message is taken in here.
        taken = take(environment, loaded->row.farm, run, ended);
        if (taken) return take_in(environment, *taken, run, message);
        if (environment.clock->steady() >= until) break;
        (void)environment.clock->wait(*environment.mailbox, environment.clock->steady() + look_every_ms);
    }
    return {.outcome = Outcome::left,
            .run = run,
            .message = "the approval of `" + node +
                       "` was left for the run, which has not taken it yet; `pvsplan log " + run +
                       "` shows when it has"};
}

}  // namespace pvsplan::engine
