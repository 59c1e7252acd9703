#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/base/shell_word.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/cli/archive.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/prove.hpp"
#include "runtime/cli/run_input.hpp"
#include "runtime/cli/run_picture.hpp"
#include "runtime/report/lines.hpp"
#include "runtime/report/progress.hpp"
#include "runtime/view/table.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

using engine::NodeStatus;
using Json = nlohmann::ordered_json;

struct StatusArguments {
    std::string run = "last";
    std::string format = "text";
    std::string output = "-";
    bool all = false;
};

// Keys that say nothing are left out; what is there has one meaning (`pvsplan.status/1`).
Json node_json(const NodeStatus& node) {
    Json json = {{"step", node.node}, {"state", node.state}};
    if (!node.object.empty()) json["object"] = node.object;
    if (!node.text.empty()) json["text"] = node.text;
    if (node.attempts > 0) json["attempts"] = node.attempts;
    if (node.attempts > 0 && node.max_tries > 1) json["tries"] = node.tries;
    if (node.max_tries > 1) json["max_tries"] = node.max_tries;
    if (node.next_at > 0) json["next"] = report::utc_time(node.next_at);
    if (node.started_at > 0) json["started"] = report::utc_time(node.started_at);
    if (node.ended_at > 0) json["ended"] = report::utc_time(node.ended_at);
    if (!node.place.file.empty()) json["source"] = {{"file", node.place.file}, {"line", node.place.line}};
    return json;
}

// Why a run that waits does so, as its process said when it halted.
std::string why_it_waits(const engine::RunStatus& status) {
    return status.standing.type == engine::Standing::Type::waiting ? status.halted_because : "";
}

// In the order of the plan.
Json nodes_json(const std::vector<NodeStatus>& nodes) {
    Json all = Json::array();
    for (const NodeStatus& node : nodes) all.push_back(node_json(node));
    return all;
}

// Bytes that are no UTF-8 are replaced: a text that a host printed must not keep the rest from being read.
std::string status_json(const engine::RunStatus& status) {
    Json json = {{"format", "pvsplan.status/1"},
                 {"run", status.row.id},
                 {"plan", status.row.plan},
                 {"farm", status.row.farm},
                 {"digest", status.row.digest},
                 {"outcome", engine::name_of(status.standing.type)},
                 {"by", status.by},
                 {"simulated", status.simulated},
                 {"began", report::utc_time(status.row.begun_at)},
                 {"touched", report::utc_time(status.row.touched_at)}};
    if (const auto& holder = status.standing.holder; holder && status.standing.is_held())
        json["held_by"] = {{"user", holder->who.user},
                           {"host", holder->who.host},
                           {"pid", holder->who.pid},
                           {"since", report::utc_time(holder->since)}};
    if (!status.until.empty()) json["until"] = status.until;
    if (!why_it_waits(status).empty()) json["because"] = why_it_waits(status);
    json["steps"] = nodes_json(status.nodes);
    if (status.is_rolling_back) json["rollback"] = nodes_json(status.rollback);
    if (!status.back_to.empty()) json["back_to"] = status.back_to;
    json["wanted"] = Json::array();
    for (const engine::Wanted& wanted : status.wanted)
        json["wanted"].push_back({{"is", engine::name_of(wanted.type)}, {"step", wanted.node}, {"text", wanted.text}});
    if (!status.untold.empty()) json["untold"] = status.untold;
    json["next"] = Json::array();
    for (const engine::Offer& offer : status.next)
        json["next"].push_back({{"command", offer.command}, {"what", offer.what}});
    return diag::printed_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

// "attempt 2 of 3 in 25 s: exit status 1"
std::string what_of(const NodeStatus& node, ports::Millis now) {
    const bool is_tried_again = node.state == "retrying";
    if (node.attempts <= 1 && !is_tried_again) return node.text;
    const std::uint32_t more = is_tried_again ? 1 : 0;
    std::string what = report::attempt_text(node.attempts + more, node.tries + more, node.max_tries);
    if (is_tried_again && node.next_at > now) what += " in " + report::duration_text(node.next_at - now);
    return what + (node.text.empty() ? "" : ": " + node.text);
}

// In a long run what is over or has not begun is only counted, so that what needs a person is on the first screen.
void add_nodes(Session& session, const std::vector<NodeStatus>& nodes, const StatusArguments& arguments) {
    const ports::Millis now = ports::SystemClock().now();
    static constexpr std::size_t few = 40;
    std::map<std::string, std::uint64_t> counts;
    for (const NodeStatus& node : nodes) ++counts[node.state];
    std::string summary;
    for (const auto& [state, count] : counts) base::append(summary, ", ", std::to_string(count) + " " + state);
    const bool shows_all = arguments.all || nodes.size() <= few;
    view::Table table({"step", "state", "took", "what"});
    for (const NodeStatus& node : nodes) {
        const bool is_dull = node.state == "finished" || node.state == "skipped" || node.state == "waiting";
        if (!shows_all && is_dull) continue;
        const bool took = node.started_at > 0 && node.ended_at >= node.started_at;
        table.add({node.node, node.state, took ? report::duration_text(node.ended_at - node.started_at) : "",
                   what_of(node, now)});
    }
    session.out.write(table.text(session.out));
    session.out.write("\n" + base::counted(nodes.size(), "step") + ": " + summary + "\n");
}

// "usually 12 m more", for a run that is not over. Nothing is said of a rollback, whose steps are others.
std::string expectation(const ports::Runs& runs, const engine::RunStatus& status) {
    const base::Result<std::unique_ptr<RunInput>> input = read_run_input(runs, status.row);
    if (!input || status.is_rolling_back) return "";
    report::Progress progress;
    progress.nodes = &(*input)->plan.graph;
    if (auto usual = engine::usual_durations(runs, status.row.plan); usual.ok()) progress.usual = std::move(*usual);
    bool is_over = true;
    for (const NodeStatus& node : status.nodes) {
        // Whoever estimates takes these as done, and does not count their time again.
        if (node.state == "finished" || node.state == "skipped") {
            progress.reconciled.insert(node.node);
            continue;
        }
        is_over = false;
        if (node.state == "running") progress.running[node.node].since = node.started_at;
    }
    if (is_over) return "";
    const std::optional<std::int64_t> left = progress.expected_left_ms(ports::SystemClock().now());
    return left ? "what is left usually takes " + report::duration_text(*left) : "no history of how long it takes";
}

// From what one asks first to what one types next: how it stands, why, its steps, what is expected, the commands.
void print(Session& session, const ports::Runs& runs, const engine::RunStatus& status,
           const StatusArguments& arguments) {
    const Stream& out = session.out;
    out.write(inked(out, "run " + status.row.id, Ink::bold) + ": " +
              std::string(engine::name_of(status.standing.type)) + "\n");
    out.write(diag::harmless("plan " + status.row.plan + " on farm " + status.row.farm + ", begun " +
                             report::local_date_time(status.row.begun_at) +
                             (status.by.empty() ? "" : " by " + status.by)) +
              "\n");
    if (const bool has_halted = status.standing.type >= engine::Standing::Type::halted; !has_halted)
        for (const std::string& line : diag::wrapped(engine::words_of(status.standing), out.width))
            out.write(line + "\n");
    for (const std::string& one : status.untaken)
        for (const std::string& line : diag::wrapped(diag::harmless(one), out.width))
            out.write(inked(out, line, Ink::yellow) + "\n");
    if (!status.until.empty()) out.write(diag::harmless("it stops before `" + status.until + "`") + "\n");
    if (const std::string why = why_it_waits(status); !why.empty())
        for (const std::string& line : diag::wrapped(why, out.width)) out.write(line + "\n");
    if (!status.simulated.empty()) out.write(inked(out, status.simulated, Ink::yellow) + "\n");
    out.write(diag::harmless(status.row.digest) + "\n\n");
    add_nodes(session, status.nodes, arguments);
    if (status.is_rolling_back) {
        const std::string to = status.back_to.empty() ? "" : " to before " + diag::harmless(status.back_to);
        out.write("\n" + inked(out, "Rollback", Ink::bold) + to + "\n");
        add_nodes(session, status.rollback, arguments);
    }
    if (const std::string expected = expectation(runs, status); !expected.empty()) out.write(expected + "\n");
    for (const std::string& one : status.untold)
        for (const std::string& line : diag::wrapped(one, out.width)) out.write(line + "\n");
    for (const engine::Wanted& wanted : status.wanted)
        if (wanted.type == engine::Wanted::Type::left_out)
            out.write("\n" + inked(out, diag::harmless(wanted.node), Ink::yellow) +
                      diag::harmless(" is left out by " + wanted.text) + "\n");
    if (!status.next.empty()) out.write("\n" + offers_text(session, status.next, out.width));
}

// Only read: a run that is under way goes on undisturbed.
Exit show_status(Session& session, const StatusArguments& arguments) {
    std::string named = arguments.run;
    // A run that was archived comes out of its file, as a store with this run alone.
    base::Result<std::unique_ptr<const ports::Store>> store = open_store_with(session, named);
    if (!store) return complain(session, store.error(), Exit::wrong);
    const std::variant<ports::RunRow, Exit> found_run = named_run(session, **store, named);
    if (const Exit* exit = std::get_if<Exit>(&found_run)) return *exit;
    const ports::RunRow* const row = std::get_if<ports::RunRow>(&found_run);
    const base::Result<engine::RunStatus> status =
        engine::status(**store, row->id, ports::SystemClock().now(), proof_for_advice());
    if (!status) tell_missing_records(session, **store, *row);
    if (!status) return complain(session, status.error(), Exit::wrong);
    if (!status->fault.empty())
        announce(session, "warning", Ink::yellow,
                 status->fault + "; `pvsplan log " + base::shell_word(arguments.run) + " --verify` says more");
    if (arguments.format == "json") return put_out(session, arguments.output, status_json(*status));
    if (arguments.format == "html") {
        const base::Result<std::string> drawn = run_picture(**store, *status);
        if (!drawn) return complain(session, drawn.error(), Exit::wrong);
        return put_out(session, arguments.output, *drawn);
    }
    if (arguments.output != "-") return complain(session, "-o goes with --format json or html", Exit::usage);
    print(session, **store, *status, arguments);
    return Exit::done;
}

}  // namespace

Command status_command() {
    auto arguments = std::make_shared<StatusArguments>();
    return {.name = "status",
            .group = Command::Group::run,
            .summary = "Show where a run stands and what it waits for",
            .description = "`--format html` draws the plan as lanes over time, with what became of each step.",
            .options = {{"RUN",
                         "",
                         "Its id, the beginning of it, `last` (the default), or `last:NAME` (of that plan or farm); or "
                         "the file of "
                         "one that was archived",
                         &arguments->run,
                         {},
                         {},
                         Option::Completes::runs},
                        {"--all", "", "Show also the steps of a long run that are over or wait", &arguments->all},
                        {"--format",
                         "FORMAT",
                         "How to print",
                         &arguments->format,
                         Option::Presence::optional,
                         {"text", "json", "html"}},
                        output_option(&arguments->output)},
            .run = [arguments](Session& session) { return show_status(session, *arguments); }};
}

}  // namespace pvsplan::cli
