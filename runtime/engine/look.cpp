// Reading runs: nothing here writes.
#include <algorithm>
#include <array>

#include "compiler/base/lists.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/engine/job.hpp"
#include "runtime/engine/left_out.hpp"
#include "runtime/engine/messages.hpp"
#include "runtime/engine/notices.hpp"
#include "runtime/engine/offers.hpp"
#include "runtime/engine/ready.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/engine/stored_run.hpp"
#include "runtime/engine/wanted.hpp"
#include "runtime/engine/windows.hpp"
#include "runtime/journal/replay.hpp"
#include "runtime/ports/time_text.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::engine {

using program::Node;
using program::NodeId;
using state::Phase;
using Record = journal::Record;

// The numbers are promised to people: `Exit` (runtime/cli/session.hpp) names the same ones.
int exit_status(const Ended& ended) {
    switch (ended.outcome) {
        case Outcome::done: return 0;
        case Outcome::wrong: return 1;
        case Outcome::usage: return 2;
        case Outcome::refused: return 3;
        case Outcome::failed: return 4;
        case Outcome::rolled_back: return ended.is_asked ? 0 : 5;
        case Outcome::in_doubt: return 6;
        case Outcome::waiting: return 7;
        case Outcome::held: return 8;
        case Outcome::stale: return 9;
        case Outcome::left: return 10;
        // 128 and the number of the signal, as shells count.
        case Outcome::interrupted: return ended.signal == 15 ? 143 : ended.signal == 1 ? 129 : 130;
    }
    return 1;
}

std::string_view name_of(Outcome outcome) {
    constexpr std::array<std::string_view, 12> names = {"done",   "wrong",       "wrong usage", "refused",
                                                        "failed", "rolled back", "in doubt",    "waiting",
                                                        "locked", "stale",       "interrupted", "left"};
    return names.at(static_cast<std::size_t>(outcome));
}

// In the order of the enumeration, as all tables of names here.
std::string_view name_of(Event::Type type) {
    constexpr std::array<std::string_view, 26> names = {
        "run_began",      "run_resumed",      "rollback_began",     "step_started",
        "step_output",    "step_unreachable", "step_reachable",     "step_checking",
        "step_finished",  "step_failed",      "step_unreached",     "step_in_doubt",
        "step_skipped",   "step_reconciled",  "guard_decided",      "approval_wanted",
        "approval_given", "person_wanted",    "point_of_no_return", "observed",
        "stopping",       "heartbeat",        "run_ended",          "note",
        "window_closed",  "window_opened"};
    return names.at(static_cast<std::size_t>(type));
}

namespace {

// Only the process that has the run knows whether a step runs.
std::string_view started_text(Standing::Type type) {
    if (type == Standing::Type::under_way) return "running";
    return type == Standing::Type::out_of_sight ? "may be running" : "not known";
}

std::string started_because(Standing::Type type) {
    if (type == Standing::Type::under_way) return "";
    if (type == Standing::Type::out_of_sight) return "it was under way when its process was last heard of";
    const std::string was = "it was under way when its process ended";
    return type >= Standing::Type::done ? was : was + "; `resume` looks what became of it";
}

// A run, one of its programs, and how it stands.
struct View {
    const state::RunState& run;
    const state::ExecutionGraph& execution;
    const state::ExecutionState& state;
    Standing::Type standing;
    std::optional<ports::Millis> now;
    // Made from the state alone: what may start is never stored.
    Ready ready{execution, state};
};

// The window for which the node waits at that moment, and its next opening.
struct WaitsForWindow {
    program::WindowId window;
    std::optional<program::Opening> opening;
};
std::optional<WaitsForWindow> window_waited_for(const View& view, NodeId id) {
    // A rollback waits for no window: what is half done is not left until next night.
    if (!view.now || view.run.back || !view.ready.start().contains(id)) return std::nullopt;
    const program::WindowId window = window_of(view.run, id);
    if (!window) return std::nullopt;
    const std::optional<program::Opening> opening = program::opening_at(view.run.plan->windows, window, *view.now);
    if (opening.value_or(program::Opening()).contains(*view.now)) return std::nullopt;
    return WaitsForWindow{window, opening};
}

// A rule goes before the ones below it: what the journal says of a node, then what follows from others, then what it
// waits for.
std::string state_text(const View& view, NodeId id) {
    const Node& node = view.execution.node(id);
    const Phase phase = view.state.nodes[id.index()].phase;
    if (phase == Phase::started)
        return is_by_hand(view.run, node) ? "wants a person" : std::string(started_text(view.standing));
    if (phase != Phase::waiting) return std::string(state::name_of(phase));
    if (view.ready.is_given_up(id)) return "left out";
    if (view.ready.is_over(id)) return "skipped";
    if (view.ready.approve().contains(id)) return "wants approval";
    if (window_waited_for(view, id)) return "waits for its window";
    return view.ready.start().contains(id) ? "ready" : "waiting";
}

// The reason beside a state, from what is closest to the node to what follows from others; empty where nothing is to
// say.
std::string text_for(const View& view, NodeId id) {
    const Node& node = view.execution.node(id);
    const state::NodeState& at = view.state.nodes[id.index()];
    if (at.phase == Phase::started && is_by_hand(view.run, node)) return instructions_of(view.run, node);
    if (at.phase == Phase::started) return started_because(view.standing);
    if (const auto waits = window_waited_for(view, id))
        return opens_text(*view.run.plan, waits->window, waits->opening) +
               (waits->opening ? " (in " + ports::duration_text(waits->opening->from - *view.now) + ")" : "");
    if (!at.text.empty()) return at.text;
    if (view.ready.approve().contains(id)) return question_of(*view.run.plan, node);
    const bool waits = at.phase == Phase::waiting && view.ready.is_given_up(id);
    if (waits && is_left_out(view.run, id)) return "a person left out its iteration; `resume --redo` tries it again";
    return waits ? "a step of its iteration failed; `resume` tries it again" : "";
}

// When it is tried again, or its window opens.
ports::Millis next_at(const View& view, NodeId id) {
    const state::NodeState& at = view.state.nodes[id.index()];
    if (at.phase == Phase::retrying) return at.ended_at + view.execution.node(id).retry.delay_ms;
    const auto waits = window_waited_for(view, id);
    return waits && waits->opening ? waits->opening->from : 0;
}

std::vector<NodeStatus> node_states(const View& view) {
    std::vector<NodeStatus> all;
    for (std::size_t i = 0; i < view.execution.size(); ++i) {
        const Node& node = view.execution.graph->nodes[i];
        // A join is no step: people have not written it.
        if (node.type == Node::Type::join) continue;
        const state::NodeState& at = view.state.nodes[i];
        all.push_back({.node = node.id,
                       .state = state_text(view, NodeId(i)),
                       .object = node.on ? view.run.plan->objects[node.on.index()].id : "",
                       .text = text_for(view, NodeId(i)),
                       .attempts = at.attempt,
                       .tries = at.tries,
                       .max_tries = node.retry.times + 1,
                       .next_at = next_at(view, NodeId(i)),
                       .started_at = at.started_at,
                       .ended_at = at.ended_at,
                       .place = node.source});
    }
    return all;
}

// Several steps wait for one window: the first of them is named.
void add_windows(RunStatus& status) {
    const auto is_said = [&](const std::string& text) {
        return std::any_of(status.wanted.begin(), status.wanted.end(), [&](const Wanted& wanted) {
            return wanted.type == Wanted::Type::window && wanted.text == text;
        });
    };
    for (const NodeStatus& node : status.is_rolling_back ? status.rollback : status.nodes)
        if (node.state == "waits for its window" && !is_said(node.text))
            status.wanted.push_back({.type = Wanted::Type::window, .node = node.node, .text = node.text});
}

// A run that some process has, or is over, needs nothing typed. One whose process is out of sight is offered only what
// a person must answer for.
std::vector<Offer> offers_of(const RunStatus& status, const StoredRun& stored, RollbackReach reach,
                             const ProveAgain& prove) {
    const std::string& id = status.row.id;
    if (status.standing.is_over() || status.standing.type == Standing::Type::under_way) return {};
    if (status.standing.type == Standing::Type::out_of_sight)
        return {{"pvsplan resume " + id + " --take-over --because '…'", "if its process is surely gone"}};
    Advice advice = advice_on(stored, status.wanted, reach, prove);
    std::vector<Offer> all;
    for (std::vector<Offer>& offers : advice.about)
        for (Offer& offer : offers) all.push_back(std::move(offer));
    for (Offer& offer : advice.about_all) all.push_back(std::move(offer));
    return all;
}

// {"enum": "running"} is running.
std::string plain(const std::string& json) {
    const std::size_t end = json.rfind('"');
    const std::size_t begin = json.find(": \"");
    if (json.starts_with('{') && begin != std::string::npos && begin + 3 <= end)
        return json.substr(begin + 3, end - begin - 3);
    return json;
}

// What is behind the kind and the step of a record, in one line; states come last, since there may be many.
std::string record_text(const Record& record) {
    std::string text = record.value;
    const auto add = [&](const std::string& more) {
        if (!more.empty()) base::append(text, ", ", more);
    };
    if (record.attempt > 1) add("attempt " + std::to_string(record.attempt));
    if (record.type == Record::Type::failed && record.attempt != 0)
        add("exit status " + std::to_string(record.exit_status));
    add(record.text);
    if (!record.by.empty()) add("by " + record.by + (record.host.empty() ? "" : " on " + record.host));
    if (!record.names.empty() && record.type != Record::Type::told) add("as " + base::joined(record.names));
    for (const auto& [object, states] : record.states)
        for (const auto& [name, value] : states) add(object + "." + name + " = " + plain(value));
    return text;
}

}  // namespace

namespace {

// No run of that name is there. One that was archived is named by the beginning of its id as others are; where none is
// left but those, `last` names none of them.
base::Error unknown_run(const ports::Runs& runs, const std::string& text, const std::string& otherwise) {
    const bool is_word = text.empty() || text == "last" || text.starts_with("last:");
    const auto archived = runs.archived_runs(is_word ? "" : text);
    if (!archived || archived->empty()) return base::Error{otherwise};
    const auto& [id, where] = *archived->rbegin();
    if (archived->size() == 1 && !is_word)
        return base::Error{"the run `" + id + "` was archived into `" + where +
                           "`; `log` and `status` take that file in place of a run, and nothing goes on with it"};
    return base::Error{is_word ? words_of_archived(*archived)
                               : "`" + text + "` is the beginning of " + std::to_string(archived->size()) +
                                     " runs that were archived, of `" + id + "` into `" + where + "`"};
}

}  // namespace

std::string words_of_archived(const std::map<std::string, std::string>& archived) {
    const auto& [id, where] = *archived.rbegin();
    return "no run is left here: " +
           (archived.size() == 1 ? "the run `" + id + "` was archived into `"
                                 : std::to_string(archived.size()) + " were archived, the last, `" + id + "`, into `") +
           where + "`; `log` and `status` take such a file in place of a run";
}

// Ids become names of folders on hosts and parts of printed commands, so a foreign one is refused before it gets there.
base::Status check_run_id(const std::string& id) {
    if (is_run_id(id)) return base::Done{};
    return base::Error{"the store has a run `" + id +
                       "`, and pvsplan gives no run such an id: somebody has changed it there"};
}

// Lower-case letters, digits and `-`, beginning with a digit: no id is a path, an option or several words.
bool is_run_id(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && text.size() <= 64 && is_digit(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
}

// A whole id goes before ids that begin with it, so a run can always be named.
base::Result<ports::RunRow> find_run(const ports::Runs& runs, const std::string& text) {
    base::Result<std::vector<ports::RunRow>> rows = runs.runs();
    if (!rows) return std::move(rows).error();
    return find_run(runs, *rows, text);
}

base::Result<ports::RunRow> find_run(const ports::Runs& runs, const std::vector<ports::RunRow>& rows,
                                     const std::string& text) {
    if (rows.empty()) return unknown_run(runs, text, "there is no run yet");
    // `rollback "$RUN"` where nobody has set RUN: every id begins with nothing.
    if (text.empty()) return base::Error{"the name of the run is empty; `pvsplan runs` lists them"};
    // The rows come in the order in which the runs began.
    if (text == "last") return rows.back();
    if (text.starts_with("last:")) {
        const std::string name = text.substr(5);
        for (auto row = rows.rbegin(); row != rows.rend(); ++row)
            if (row->plan == name || row->farm == name) return *row;
        return base::Error{"there is no run of a plan or on a farm `" + name + "`; `pvsplan runs` lists them"};
    }
    std::vector<ports::RunRow> found;
    for (const ports::RunRow& row : rows) {
        if (row.id == text) return row;
        if (row.id.starts_with(text)) found.push_back(row);
    }
    if (found.size() == 1) return found[0];
    if (found.empty()) return unknown_run(runs, text, "there is no run `" + text + "`; `pvsplan runs` lists them");
    return base::Error{"`" + text + "` is the beginning of " + std::to_string(found.size()) + " runs"};
}

// A site whose jobs nobody takes. A worker that is late may be gone, and does not count as there.
std::string untaken(const ports::SiteStands& site) {
    const bool is_anybody_there = std::any_of(site.workers.begin(), site.workers.end(),
                                              [](const ports::SiteStands::Worker& one) { return !one.is_late; });
    if (site.waiting == 0 || is_anybody_there) return "";
    return (site.waiting == 1 ? std::string("1 job waits") : std::to_string(site.waiting) + " jobs wait") +
           " for the site " + site.site + ", and no worker of it was seen lately";
}

namespace {

// A worker takes jobs and says what becomes of them; the journal of a run knows of none.
std::vector<std::string> untaken_of(const ports::Store& store, const std::string& farm) {
    std::vector<std::string> all;
    if (store.sites() == nullptr) return all;
    const base::Result<std::vector<ports::SiteStands>> sites = store.sites()->all_sites();
    if (!sites) return {"whether workers take its jobs cannot be read: " + sites.error().text()};
    for (const ports::SiteStands& site : *sites)
        if (std::find(site.farms.begin(), site.farms.end(), farm) != site.farms.end())
            if (std::string words = untaken(site); !words.empty()) all.push_back(std::move(words));
    return all;
}

// A run under way may have been written to after its row was read: where the row knows of fewer records, it is asked
// again.
std::string fault_of(const ports::Runs& runs, const StoredRun& stored, const state::RunState& state) {
    if (std::string fault = verify::fault_of_row(stored.row, *stored.plan); !fault.empty()) return fault;
    if (stored.row.records < stored.records.size()) {
        const base::Result<std::optional<ports::RunRow>> now = runs.run(stored.row.id);
        if (!now || !*now || (*now)->records >= stored.records.size()) return "";
    }
    return verify::fault_of_tail(stored.row, stored.records.size(), state.last_hash, state.halted);
}

}  // namespace

base::Result<RunStatus> status(const ports::Store& store, const std::string& run, std::optional<ports::Millis> now,
                               const ProveAgain& prove) {
    base::Result<StoredRun> stored = stored_run(store, run);
    if (!stored) return std::move(stored).error();
    base::Result<state::RunState> state = journal::replay(*stored->plan, stored->records);
    if (!state) return std::move(state).error();
    RunStatus status{.row = stored->row, .by = state->started_by, .simulated = program::simulated_text(*stored->plan)};
    base::Result<Standing> standing = standing_of(store, stored->row);
    if (!standing) return std::move(standing).error();
    status.standing = std::move(*standing);
    status.fault = fault_of(store, *stored, *state);
    if (status.standing.type == Standing::Type::under_way) status.untaken = untaken_of(store, stored->row.farm);
    status.is_rolling_back = state->is_rolling_back();
    status.back_to = state->back_to;
    status.halted_because = state->halted_because;
    status.until = status.is_rolling_back ? "" : state->until;
    // Both programs are shown: what the rollback has done does not replace what the run did.
    const Standing::Type stands = status.standing.type;
    status.nodes = node_states({*state, state->execution, state->forward, stands, now});
    if (state->back) status.rollback = node_states({*state, state->back->execution, state->back->state, stands, now});
    for (NodeStatus& node : status.nodes)
        if (const auto given = state->approvals.find(node.node);
            node.state == "waiting" && given != state->approvals.end())
            node.text = "approved by " + given->second.by + ", used when the run comes here";
    status.wanted = wanted_of(run, *state, Ready(state->now(), state->now_state()));
    add_windows(status);
    if (status.standing.type != Standing::Type::under_way) status.untold = untold_of(*state, {});
    if (prove) status.next = offers_of(status, *stored, reach_of(*state), prove);
    return status;
}

// A record that cannot be read is shown as damaged among the others: the log is what people look at when something is
// wrong.
base::Result<std::vector<LogLine>> log(const ports::Runs& runs, const std::string& run) {
    base::Result<std::vector<ports::RecordRow>> rows = runs.records(run);
    if (!rows) return std::move(rows).error();
    std::vector<LogLine> lines;
    for (const ports::RecordRow& row : *rows) {
        LogLine line{.number = row.number, .kind = "damaged", .text = "this record cannot be read", .json = row.bytes};
        if (const base::Result<Record> record = journal::decode(row.bytes); record.ok()) {
            line.at = record->at;
            line.kind = journal::name_of(record->type);
            line.node = record->node;
            line.text = record_text(*record);
            if (record->type != Record::Type::told) line.output = record->out + record->err;
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

// Verified from the bytes: verify() shares no code with replay(), so that the two check each other.
base::Result<verify::Report> verify_log(const ports::Runs& runs, const std::string& run) {
    base::Result<StoredRun> stored = stored_run(runs, run);
    if (!stored) return std::move(stored).error();
    return verify::verify(*stored->plan, stored->row, stored->records);
}

// By path of the step, in milliseconds. Reads the journals of at most 20 runs, so a long history costs no more.
base::Result<std::map<std::string, std::int64_t>> usual_durations(const ports::Runs& runs, const std::string& plan) {
    base::Result<std::vector<ports::RunRow>> rows = runs.runs();
    if (!rows) return std::move(rows).error();
    std::map<std::string, std::vector<std::int64_t>> known;
    static constexpr std::size_t max_runs = 20;  // the last ones tell enough
    std::size_t looked = 0;
    for (auto row = rows->rbegin(); row != rows->rend() && looked < max_runs; ++row) {
        if (row->plan != plan) continue;
        ++looked;
        const base::Result<std::vector<ports::RecordRow>> records = runs.records(row->id);
        if (!records) continue;
        std::map<std::string, ports::Millis> started;
        for (const ports::RecordRow& bytes : *records) {
            const base::Result<Record> record = journal::decode(bytes.bytes);
            if (!record) continue;
            if (record->type == Record::Type::started) started[record->node] = record->at;
            if (record->type == Record::Type::finished && started.contains(record->node))
                known[record->node].push_back(std::max<ports::Millis>(record->at - started[record->node], 0));
        }
    }
    std::map<std::string, std::int64_t> usual;
    for (auto& [node, times] : known) {
        // The median: one run that waited for a night does not change it.
        const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
        std::nth_element(times.begin(), middle, times.end());
        usual[node] = *middle;
    }
    return usual;
}

}  // namespace pvsplan::engine
