#include "runtime/journal/replay.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "compiler/base/digest.hpp"
#include "runtime/state/env.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::journal {

using program::ObjectId;
using program::Value;
using state::Move;
using state::NodeState;
using state::Phase;
using state::RunState;
using state::States;
using RecordType = Record::Type;

namespace {

// "record 12 (`finished` of `one`)"
std::string where(const Record& record) {
    return "record " + std::to_string(record.number) + " (`" + std::string(name_of(record.type)) + "`" +
           (record.node.empty() ? "" : " of `" + record.node + "`") + ")";
}

// A journal that cannot have come about: replay ends there, and nothing after it is believed.
base::Error misfit(const Record& record, const std::string& why) {
    return {where(record) + " does not fit what came before it: " + why};
}

// A value as a record has it. Nothing may follow it.
base::Result<Value> decode_value(const std::string& json, const program::ObjectsById& objects) {
    program::JsonReader in(json);
    Value value = program::read_value(in, nullptr, objects);
    in.end_of_text();
    if (!in.ok()) return in.error();
    return value;
}

// Objects by the ids of the plan: a record that names another is not one of its run.
base::Result<state::ObjectStates> decode_with(const StateTexts& texts, const program::ObjectsById& objects) {
    state::ObjectStates states;
    for (const auto& [id, values] : texts) {
        const auto object = objects.find(id);
        if (object == objects.end()) return base::Error{"the plan has no object `" + id + "`"};
        auto& into = states[object->second];
        for (const auto& [name, json] : values) {
            auto value = decode_value(json, objects);
            if (!value) return std::move(value).error();
            into.emplace(name, std::move(*value));
        }
    }
    return states;
}

// How the record moves its step in the table of phases; none: it is about something else.
std::optional<Move> move_of(const Record& record) {
    switch (record.type) {
        case RecordType::started: return Move::start;
        case RecordType::finished: return Move::finish;
        case RecordType::failed: return Move::fail;
        case RecordType::unreached: return Move::not_reach;
        case RecordType::doubted: return Move::doubt;
        case RecordType::approved: return Move::approve;
        case RecordType::reconciled:
            if (record.value == "finished") return Move::reconcile_finished;
            if (record.value == "again") return Move::reconcile_again;
            if (record.value == "begun") return Move::reconcile_begun;
            if (record.value == "untouched") return Move::reconcile_untouched;
            return std::nullopt;
        default: return std::nullopt;
    }
}

// What was observed last is how the farm is.
void learn(RunState& run, const state::ObjectStates& states) {
    for (const auto& [object, values] : states)
        for (const auto& [name, value] : values) run.farm[object.index()].insert_or_assign(name, value);
}

// The states that a step writes are unknown while it runs.
void forget_what_it_sets(RunState& run, const program::Node& node) {
    for (const auto& sets : node.sets) run.farm[sets.object.index()].erase(sets.attribute);
}

// Only what was known before is known again: what was not stays unknown.
void restore_what_it_sets(RunState& run, const program::Node& node, const state::ObjectStates& before) {
    for (const auto& sets : node.sets) {
        const auto object = before.find(sets.object);
        if (object == before.end()) continue;
        const auto value = object->second.find(sets.attribute);
        if (value != object->second.end())
            run.farm[sets.object.index()].insert_or_assign(sets.attribute, value->second);
    }
}

// What it was before the first start stays in `before`, for its undo; `before_attempt` is for an attempt that turns out
// never to have begun.
void start(RunState& run, const program::Node& node, NodeState& at, const Record& record, state::ObjectStates states) {
    at.attempt = record.attempt;
    ++at.tries;
    at.started_at = record.at;
    at.place = record.host;
    if (!at.began) {
        at.began = true;
        at.began_with = record.attempt;
        at.started_as = record.number;
        at.before = states;
    }
    at.before_attempt = std::move(states);
    at.done_after = record.number;
    forget_what_it_sets(run, node);
}

// A step that a person did by hand: its states before are those known until then.
void remember_before(const RunState& run, const program::Node& node, NodeState& at) {
    if (node.on) at.before[node.on] = run.farm[node.on.index()];
    for (const auto& sets : node.sets) {
        const States& known = run.farm[sets.object.index()];
        auto& before = at.before[sets.object];
        if (const auto value = known.find(sets.attribute); value != known.end()) before.insert(*value);
    }
}

// As if it had not been started, but for the number of the attempt: that is part of keys which hosts may know.
void never_began(NodeState& at) {
    at.began = false;
    at.began_with = 0;
    at.started_as = 0;
    at.left_as = 0;
}

// What goes with a new phase, which is already set.
void carry_out(RunState& run, const program::Node& node, NodeState& at, Move move, const Record& record,
               state::ObjectStates states) {
    if (move == Move::start) return start(run, node, at, record, std::move(states));
    at.ended_at = record.at;
    at.ended_as = record.number;
    if (at.left_as == 0) at.left_as = record.number;
    at.exit_status = record.exit_status;
    at.text = record.text;
    at.asks_first = move == Move::fail && record.value == "ask first";
    switch (move) {
        // An attempt that may be made again leaves its step in the phase of retrying.
        case Move::fail:
            if (record.attempt != 0 && !at.asks_first && at.tries <= node.retry.times) at.phase = Phase::retrying;
            break;
        // Nothing was begun, so what was known before that attempt holds still.
        case Move::not_reach:
            if (record.attempt == 0) break;
            restore_what_it_sets(run, node, at.before_attempt);
            if (record.attempt == at.began_with) never_began(at);
            break;
        // A person has looked: all retries are there again.
        case Move::reconcile_again: at.tries = 0; break;
        case Move::reconcile_untouched:
            at.tries = 0;
            restore_what_it_sets(run, node, at.before);
            never_began(at);
            break;
        case Move::doubt: forget_what_it_sets(run, node); break;  // what was seen before may have changed since
        case Move::reconcile_finished:
        case Move::reconcile_begun:
            if (!at.began) remember_before(run, node, at);
            if (at.started_as == 0) at.started_as = record.number;
            at.done_after = at.started_as;  // by whichever attempt
            at.began = true;
            forget_what_it_sets(run, node);
            break;
        default: break;
    }
    learn(run, states);
}

// Everything is checked before anything is changed: a record that does not fit leaves the state as it was.
base::Status apply_to_node(RunState& run, const Record& record) {
    const auto move = move_of(record);
    if (!move) return misfit(record, "it says nothing that this version knows");
    const auto& execution = run.now();
    const auto found = execution.by_path.find(record.node);
    if (found == execution.by_path.end()) return misfit(record, "there is no such step");
    const auto& node = execution.node(found->second);
    if ((*move == Move::approve) != (node.type == program::Node::Type::approval) ||
        node.type == program::Node::Type::join)
        return misfit(record, "the step is of another kind");
    auto& at = run.now_state().nodes[found->second.index()];
    const auto phase = state::after(at.phase, *move);
    if (!phase) return misfit(record, "the step was " + std::string(state::name_of(at.phase)));
    if (at.phase == Phase::waiting && *move == Move::reconcile_untouched && !at.began)
        return misfit(record, "the step had not begun");
    if (*move == Move::start && record.attempt <= at.attempt) return misfit(record, "that attempt was made before");
    auto states = decode_with(record.states, run.objects);
    if (!states) return misfit(record, states.error().text());
    std::map<std::string, Value> outputs;
    for (const auto& [name, json] : record.outputs) {
        auto value = decode_value(json, run.objects);
        if (!value) return misfit(record, value.error().text());
        outputs.emplace(name, std::move(*value));
    }
    at.phase = *phase;
    if (!outputs.empty()) at.outputs = std::move(outputs);
    carry_out(run, node, at, *move, record, std::move(*states));
    return base::Done{};
}

// A `when` is decided once, and what was decided holds for the whole run.
base::Status apply_decision(RunState& run, const Record& record) {
    const auto found = run.now().guard_by_step.find(record.node);
    if (found == run.now().guard_by_step.end()) return misfit(record, "there is no such `when`");
    auto& guard = run.now_state().guards[found->second.index()];
    if (guard != state::Decision::open) return misfit(record, "it was decided before");
    if (record.value != "holds" && record.value != "fails") return misfit(record, "it decides nothing");
    guard = record.value == "holds" ? state::Decision::holds : state::Decision::fails;
    return base::Done{};
}

// An iteration is left out after a failure, or since a person says so, and is taken in again; a rollback knows none.
base::Status apply_abandonment(RunState& run, const Record& record) {
    const auto found = run.execution.iteration_by_path.find(record.node);
    if (run.back || found == run.execution.iteration_by_path.end()) return misfit(record, "there is no such iteration");
    const std::size_t i = found->second.index();
    const bool abandons = record.type == RecordType::abandoned;
    if (abandons && record.value == "again")
        return run.forward.left_out.erase(found->second) == 1 ? base::Status(base::Done{})
                                                              : misfit(record, "it was not left out");
    const bool is_by_person = abandons && !record.by.empty();
    // A person may say of what a failure has abandoned that the run is to go on without it.
    const bool was_abandoned = run.forward.abandoned[i] != 0 && !is_by_person;
    if (abandons == was_abandoned || (is_by_person && run.forward.left_out.contains(found->second)))
        return misfit(record, abandons ? "it was abandoned before" : "it was not abandoned");
    run.forward.abandoned[i] = abandons ? record.number : 0;
    if (is_by_person) run.forward.left_out[found->second] = {record.by, record.text};
    if (!abandons) {
        run.forward.readmitted[i] = 1;
        run.forward.left_out.erase(found->second);
    }
    return base::Done{};
}

// The decision to roll back, all of it or back to a step. A second one may only go further back.
base::Status apply_stop(RunState& run, const Record& record) {
    if (record.value == "halt") return base::Done{};  // the failed step keeps the run halted
    if (record.value != "rollback") return misfit(record, "it decides nothing");
    const bool is_asked = !record.by.empty();
    const bool goes_further = run.back && !run.back_to.empty() && is_asked;
    if ((run.back || run.forward.rollback_because) && !goes_further)
        return misfit(record, "it was to be rolled back before");
    std::uint64_t began = 0;
    if (is_asked && !record.node.empty()) {
        began = state::began_as(run, record.node);
        if (began == 0) return misfit(record, "nothing of that step has begun");
    }
    // Numbers of records order steps by when they began.
    if (goes_further && began >= run.back->back_to) return misfit(record, "it goes back no further than before");
    run.back_to = is_asked ? record.node : "";
    run.back_to_as = began;
    run.forward.rollback_because = record.text;
    run.is_rollback_asked = is_asked;
    return base::Done{};
}

// An approval is kept until the run comes there; one that is refused goes, if it is the one that was kept.
base::Status apply_message(RunState& run, const Record& record) {
    if (record.type == RecordType::refused) {
        std::erase_if(run.approvals, [&](const auto& given) {
            return given.first == record.node && given.second.said == record.said;
        });
        return base::Done{};
    }
    if (!run.now().by_path.contains(record.node)) return misfit(record, "there is no such step");
    const bool is_new = run.approvals
                            .emplace(record.node, state::Approval{.by = record.by,
                                                                  .account = record.account,
                                                                  .host = record.host,
                                                                  .because = record.text,
                                                                  .said = record.said,
                                                                  .names = record.names})
                            .second;
    return is_new ? base::Status(base::Done{}) : misfit(record, "it was received before");
}

// A run waits for a window once at a time: closed and open alternate.
base::Status apply_window(RunState& run, const Record& record) {
    const auto found = run.execution.by_path.find(record.node);
    const program::WindowId window =
        found == run.execution.by_path.end() ? program::WindowId() : run.execution.node(found->second).window;
    if (run.back || !window) return misfit(record, "there is no step with a window of that name");
    if (record.value == "closed" ? !run.closed.insert(window).second
                                 : record.value != "open" || run.closed.erase(window) == 0)
        return misfit(record, "it says nothing new");
    return base::Done{};
}

// The run stops before what `path` names; empty: before nothing any more.
base::Status apply_until(RunState& run, const Record& record) {
    std::vector<char> held(record.node.empty() ? 0 : run.execution.size());
    bool is_found = record.node.empty();
    for (std::size_t i = 0; i < held.size(); ++i) {
        held[i] = state::is_within(run.execution.node(program::NodeId(i)).id, record.node) ? 1 : 0;
        is_found = is_found || held[i] != 0;
    }
    if (run.back || !is_found) return misfit(record, "there is no such step");
    if (run.until.empty() && record.node.empty()) return misfit(record, "it was to stop nowhere");
    run.until = record.node;
    run.forward.held = std::move(held);
    return base::Done{};
}

// Whoever wants to be told of such a thing is found in the plan, not in the record: the plan of a run never changes.
base::Status apply_told(RunState& run, const Record& record) {
    state::Notice notice{.when = record.value, .text = record.text, .content = record.out};
    for (std::size_t i = 0; i < run.plan->notify.size(); ++i)
        for (const program::Notify::When when : run.plan->notify[i].on)
            if (program::name_of(when) == record.value) notice.open.insert(i);
    if (notice.open.empty()) return misfit(record, "nobody is told of that");
    for (const std::string& name : record.names)
        if (run.told.contains(name)) return misfit(record, "it was told before");
    run.told.insert(record.names.begin(), record.names.end());
    run.notices.emplace(record.number, std::move(notice));
    return base::Done{};
}

// Once all are told and none was given up, the notification is forgotten.
base::Status apply_sent(RunState& run, const Record& record) {
    const auto is_it = [&](const auto& notice) { return std::to_string(notice.first) == record.said; };
    const auto found = std::find_if(run.notices.begin(), run.notices.end(), is_it);
    if (found == run.notices.end()) return misfit(record, "there is no such notification");
    state::Notice& notice = found->second;
    const auto to = std::find_if(notice.open.begin(), notice.open.end(),
                                 [&](std::size_t i) { return program::entry_of_notify(i) == record.node; });
    if (to == notice.open.end()) return misfit(record, "it is not to be sent there");
    if (record.type == RecordType::unsent) notice.given_up.emplace(*to, record.text);
    notice.open.erase(to);
    if (notice.open.empty() && notice.given_up.empty()) run.notices.erase(found);
    return base::Done{};
}

// By the type of the record. A refusal leaves the state as it was.
base::Status apply_body(RunState& run, const Record& record) {
    if ((record.type == RecordType::began) != (run.records == 0)) return misfit(record, "a run begins once, and first");
    switch (record.type) {
        case RecordType::began:
            if (record.value != run.plan->digest) return misfit(record, "it is the run of another compiled plan");
            run.started_by = record.by;
            run.starters = {{.user = record.by, .account = record.account}};
            run.went_on_as = record.number;
            return base::Done{};
        case RecordType::resumed:
            run.halted.clear();
            run.went_on_as = record.number;
            return base::Done{};
        case RecordType::window: return apply_window(run, record);
        case RecordType::until: return apply_until(run, record);
        case RecordType::taken:
            if (!record.account.empty())
                run.starters.push_back({.user = record.by, .account = record.account, .has_taken = true});
            return base::Done{};
        case RecordType::told: return apply_told(run, record);
        case RecordType::sent:
        case RecordType::unsent: return apply_sent(run, record);
        case RecordType::observed: {
            auto states = decode_with(record.states, run.objects);
            if (!states) return misfit(record, states.error().text());
            learn(run, *states);
            return base::Done{};
        }
        case RecordType::decided: return apply_decision(run, record);
        // Derived from the records before this one, so every replay derives the same program.
        case RecordType::rollback_began:
            if (run.back && run.back->back_to == run.back_to_as) return misfit(record, "its rollback has begun before");
            run.rollback_because = record.text;
            run.back = state::derive_rollback(run);
            run.halted.clear();
            return base::Done{};
        case RecordType::halted:
            run.halted = record.value;
            run.halted_because = record.text;
            if (record.value != "interrupted") run.told_as = record.number;
            return base::Done{};
        case RecordType::abandoned:
        case RecordType::readmitted: return apply_abandonment(run, record);
        case RecordType::stopped: return apply_stop(run, record);
        case RecordType::received:
        case RecordType::refused: return apply_message(run, record);
        default: return apply_to_node(run, record);
    }
}

}  // namespace

// Numbers have no gap: a record that is missing would change what the later ones mean.
base::Status apply(RunState& run, const Record& record) {
    if (record.number != run.records + 1)
        return misfit(record, "number " + std::to_string(run.records + 1) + " is missing");
    if (auto status = apply_body(run, record); !status) return status;
    run.records = record.number;
    const bool is_said = record.type != RecordType::sent && record.type != RecordType::unsent;
    if (is_said && !record.said.empty()) run.received.insert(record.said);
    if (record.type == RecordType::approved) run.approvals.erase(record.node);
    run.last_at = record.at;
    return base::Done{};
}

// The number of the row first: the next one is written under the number that follows, and has to come last again. Then
// the hash: bytes that are not those which were written say nothing else that could be believed.
base::Result<Record> read_next(const RunState& run, const ports::RecordRow& row) {
    const std::string number = std::to_string(run.records + 1);
    if (row.number != run.records + 1)
        return base::Error{"record " + number + " is not there: what follows has the number " +
                           std::to_string(row.number)};
    if (base::sha256_hex(row.bytes) != row.hash)
        return base::Error{"record " + number + " was changed: its hash is not that of its text"};
    auto record = decode(row.bytes);
    if (!record) return std::move(record).error().because_of("record " + number + " was changed");
    if (record->prev != run.last_hash)
        return base::Error{"record " + number + " does not follow the one before it: the chain of hashes is broken"};
    return record;
}

// In time linear in the records, but for a rollback, whose program is derived once.
base::Result<RunState> replay(const program::Plan& plan, const std::vector<ports::RecordRow>& rows) {
    RunState run(plan);
    for (const auto& row : rows) {
        auto record = read_next(run, row);
        if (!record) return std::move(record).error();
        if (auto status = apply(run, *record); !status) return std::move(status).error();
        run.last_hash = row.hash;
    }
    return run;
}

// Each record holds the hash of the one before it, so that none can be changed, taken out or put in between unseen.
ports::RecordRow seal(const RunState& run, Record& record) {
    record.number = run.records + 1;
    record.prev = run.last_hash;
    ports::RecordRow row{.number = record.number, .bytes = encode(record), .hash = {}};
    row.hash = base::sha256_hex(row.bytes);
    return row;
}

// Values that are not known are left out: replay takes what is missing for unknown.
StateTexts encode_states(const state::ObjectStates& states, const program::Plan& plan) {
    const program::PlanNames names(plan);
    StateTexts texts;
    for (const auto& [object, values] : states) {
        auto& into = texts[plan.objects.at(object.index()).id];
        for (const auto& [name, value] : values)
            if (!value.has_unknown()) program::write_value(into[name], value, nullptr, names);
    }
    return texts;
}

base::Result<state::ObjectStates> decode_states(const StateTexts& texts, const program::Plan& plan) {
    program::ObjectsById objects;
    for (std::size_t i = 0; i < plan.objects.size(); ++i) objects.emplace(plan.objects[i].id, ObjectId(i));
    return decode_with(texts, objects);
}

}  // namespace pvsplan::journal
