// What people approve: recorded where nobody has the run, left for whoever has it otherwise.
#include "runtime/engine/messages.hpp"
#include "runtime/engine/pen.hpp"
#include "runtime/engine/taking.hpp"

namespace pvsplan::engine {

using state::Phase;
using Record = journal::Record;

namespace {

Ended answered(const std::string& run, const std::string& node, const Record& answer) {
    Ended ended{.outcome = Outcome::done, .run = run, .message = "`" + node + "` is approved"};
    if (answer.is == Record::Is::received)
        ended.message = "the approval of `" + node + "` is recorded; it is used when the run comes there";
    if (answer.is == Record::Is::refused) {
        ended.outcome = Outcome::usage;
        ended.message = "the approval of `" + node + "` was refused: " + answer.text;
    }
    return ended;
}

// Under the hold: all that was said to the run and not taken in yet, and then this.
Ended take_in(const World& world, const Taken& taken, const std::string& run, const Record& message) {
    const ports::Hold& hold = taken.hold;
    base::Result<Kept> now = load(*world.store, run);
    if (!now) return let_go(world, hold, Outcome::wrong, run, now.error().text());
    if (is_over(now->row))
        return let_go(world, hold, Outcome::usage, run, "the run " + run + " is over: " + now->row.outcome);
    Pen pen(*world.store, *world.clock, hold, run, *now->state);
    if (std::optional<Record> record = taken_record(world, taken.from)) pen.write(std::move(*record));
    const auto hear = [&](const Record& said) {
        const Ready ready(now->state->now(), now->state->now_state());
        Record answer = said.is == Record::Is::refused ? said : answer_to(*now->state, ready, said);
        pen.write(answer);
        return answer;
    };
    const base::Result<std::vector<ports::Letter>> letters = world.store->letters(run);
    if (!letters) return let_go(world, hold, Outcome::wrong, run, letters.error().text());
    Record own = message;
    for (const Record& said : unheard(*now->state, *letters)) {
        const Record answer = hear(said);
        if (said.said == message.said) own = answer;
    }
    if (!now->state->heard.contains(message.said)) own = hear(message);
    if (base::Status written = pen.commit(); !written)
        return let_go(world, hold, Outcome::wrong, run, written.error().text());
    if (!letters->empty()) (void)world.store->remove_letters(run, letters->back().number);
    (void)world.store->release_farm(hold);
    Ended ended = answered(run, message.node, own);
    if (own.is == Record::Is::approved) ended.message += "; `pvsplan resume " + run + "` goes on";
    return ended;
}

// What became of a message, as far as the journal says.
std::optional<Record> answer_in_journal(ports::Store& store, const std::string& run, const std::string& said) {
    const base::Result<std::vector<ports::RecordRow>> rows = store.records(run);
    if (!rows) return std::nullopt;
    for (auto row = rows->rbegin(); row != rows->rend(); ++row)
        if (row->bytes.find(said) != std::string::npos)
            if (base::Result<Record> record = journal::decode(row->bytes); record && record->said == said)
                return std::move(*record);
    return std::nullopt;
}

}  // namespace

Ended approve(const World& world, const std::string& run, const std::string& node, const std::string& because,
              ports::Millis patience_ms) {
    base::Result<Kept> kept = load(*world.store, run);
    if (!kept) return {.outcome = Outcome::usage, .message = kept.error().text()};
    const state::Course& course = kept->state->now();
    const auto found = course.by_path.find(node);
    if (found == course.by_path.end() || course.node(found->second).is != program::Node::Is::approval)
        return {.outcome = Outcome::usage, .run = run, .message = "the run has no approval `" + node + "`"};
    if (const std::string why = may_not_approve(*kept->plan, kept->state->started_by, world.me.user); !why.empty())
        return {.outcome = Outcome::usage, .run = run, .message = why};
    if (kept->state->now_state().nodes[found->second.index()].phase == Phase::finished)
        return {.outcome = Outcome::done, .run = run, .message = "`" + node + "` was approved before"};
    if (is_over(kept->row))
        return {.outcome = Outcome::usage, .run = run, .message = "the run " + run + " is over: " + kept->row.outcome};
    if (kept->state->approvals.contains(node))
        return {.outcome = Outcome::done,
                .run = run,
                .message = "`" + node + "` was approved before; it is used when the run comes there"};
    const Record message =
        approval_message(*kept->plan, node, because, world.me.user, world.me.host, world.clock->now());
    Ended ended;
    std::optional<Taken> taken = take(world, kept->row.farm, run, ended);
    if (taken) return take_in(world, *taken, run, message);
    if (ended.outcome != Outcome::held) return ended;
    if (base::Status posted = world.store->post_letter(run, journal::encode(message)); !posted)
        return wrong(posted.error(), run);
    static constexpr ports::Millis look_every_ms = 100;
    for (const ports::Millis until = world.clock->steady() + patience_ms; world.clock->steady() < until;) {
        if (const std::optional<Record> answer = answer_in_journal(*world.store, run, message.said); answer) {
            ended = answered(run, node, *answer);
            if (answer->is == Record::Is::approved) ended.message += "; the run that is under way goes on";
            return ended;
        }
        taken = take(world, kept->row.farm, run, ended);  // it may have come to rest meanwhile, without having looked
        if (taken) return take_in(world, *taken, run, message);
        (void)world.clock->wait(*world.mailbox, world.clock->steady() + look_every_ms);
    }
    return {.outcome = Outcome::left,
            .run = run,
            .message = "the approval of `" + node +
                       "` was left for the run, which has not taken it yet; `pvsplan log " + run +
                       "` shows when it has"};
}

}  // namespace pvsplan::engine
