#include <memory>
#include <nlohmann/json.hpp>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/cli/archive.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/run_input.hpp"
#include "runtime/report/lines.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

struct LogArguments {
    std::string run = "last";
    std::string step;
    std::string format = "text";
    bool verify = false;
    bool output = false;
};

using verify::RequirementOutcome;
using Json = nlohmann::ordered_json;

// Words of `pvsplan.verify/1`: programs compare them.
std::string_view name_of(RequirementOutcome::Compliance compliance) {
    switch (compliance) {
        case RequirementOutcome::Compliance::kept: return "kept";
        case RequirementOutcome::Compliance::broken: return "broken";
        case RequirementOutcome::Compliance::not_told: return "not told";
        case RequirementOutcome::Compliance::waived: return "waived";
    }
    return "";
}

// A journal that is not intact proves nothing about requirements, so it goes before one that was not kept.
Exit exit_of(const verify::Report& report) {
    if (!report.is_intact()) return Exit::wrong;
    return report.is_good() ? Exit::done : Exit::does_not_compile;
}

// The verdict of `recover` stands beside that of the run and is not counted in `ok`: nothing was proved of it.
void print_json(Session& session, const verify::Report& report, const std::string& run) {
    const auto problems = [](const std::vector<verify::Problem>& all) {
        Json list = Json::array();
        for (const verify::Problem& one : all) list.push_back({{"record", one.record}, {"text", one.text}});
        return list;
    };
    Json json = {{"format", "pvsplan.verify/1"},
                 {"run", run},
                 {"ok", report.is_good()},
                 {"records", report.records},
                 {"damage", problems(report.damage)},
                 {"illegal", problems(report.illegal)},
                 {"requirements", Json::array()}};
    for (const RequirementOutcome& one : report.outcomes) {
        Json entry = {{"name", one.name}, {"verdict", name_of(one.compliance)}};
        if (one.compliance == RequirementOutcome::Compliance::broken) entry["record"] = one.record;
        if (!one.text.empty()) entry["text"] = one.text;
        if (report.is_recovering) {
            const bool is_told = one.compliance != RequirementOutcome::Compliance::not_told &&
                                 (one.recover_record != 0 || one.recover_text.empty());
            entry["recover"] = {{"verdict", !is_told ? "not told" : one.recover_text.empty() ? "kept" : "broken"}};
            if (one.recover_record != 0) entry["recover"]["record"] = one.recover_record;
            if (!one.recover_text.empty()) entry["recover"]["text"] = one.recover_text;
        }
        json["requirements"].push_back(std::move(entry));
    }
    session.out.write(diag::printed_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n");
}

// "kept all 23 requirements", "kept all 20 of 23 requirements that can be told"
std::string what_was_kept(const verify::Report& report) {
    const std::size_t not_told = report.count(RequirementOutcome::Compliance::not_told);
    const std::size_t asked = report.outcomes.size() - report.count(RequirementOutcome::Compliance::waived);
    if (asked == 0) return "a schedule that the plan allows";
    const std::string all = asked - not_told == 1 ? "the" : "all " + std::to_string(asked - not_told);
    std::string text = report.is_over ? "the run kept " : "the run has kept ";
    if (not_told == 0) return text + (asked == 1 ? "its requirement" : all + " requirements");
    if (not_told == asked) return "whether its requirements were kept cannot be told";
    return text + all + " of " + std::to_string(asked) + " requirements, of the others it cannot be told";
}

// No requirement is proved for a rollback by `recover`, so a violation there is no fault of the run. It is reported.
std::string what_recover_did(Session& session, const verify::Report& report) {
    if (!report.is_recovering) return "";
    std::size_t not_kept = 0;
    for (const RequirementOutcome& one : report.outcomes) {
        if (one.recover_text.empty()) continue;
        const std::string at =
            one.recover_record == 0 ? "it cannot be told: " : "record " + std::to_string(one.recover_record) + ": ";
        announce(session, "note", Ink::yellow,
                 "`" + one.name + "` while `recover` undid the run: " + at + one.recover_text);
        ++not_kept;
    }
    return ", until `recover` began, of which nothing is proved" +
           (not_kept == 0 ? "; it has kept them too" : "; it has not kept " + std::to_string(not_kept) + " of them");
}

// Findings come with the record that shows them; the last line is the verdict. Damage is told before what is illegal,
// and that before requirements: each makes those behind it meaningless.
Exit verify_run(Session& session, const ports::Runs& runs, const std::string& run, const std::string& format) {
    const base::Result<verify::Report> report = engine::verify_log(runs, run);
    if (!report) return complain(session, report.error(), Exit::wrong);
    const Exit exit = exit_of(*report);
    if (format == "json") {
        print_json(session, *report, run);
        return exit;
    }
    // What is of no single record has no number.
    const auto at = [](std::uint64_t record) {
        return record == 0 ? std::string() : "record " + std::to_string(record) + ": ";
    };
    for (const auto* problems : {&report->damage, &report->illegal})
        for (const verify::Problem& one : *problems)
            complain(session, (one.text.starts_with("record ") ? "" : at(one.record)) + one.text, exit);
    for (const RequirementOutcome& one : report->outcomes) {
        if (one.compliance == RequirementOutcome::Compliance::broken)
            complain(session, at(one.record) + "`" + one.name + "` was not kept: " + one.text, exit);
        if (one.compliance == RequirementOutcome::Compliance::not_told)
            announce(session, "note", Ink::yellow, "`" + one.name + "`: " + one.text);
    }
    if (!report->damage.empty()) return complain(session, "the journal of " + run + " is not as it was written", exit);
    if (!report->illegal.empty())
        return complain(session, "no run of this plan may have done what the journal of " + run + " says", exit);
    if (exit != Exit::done)
        return complain(session,
                        "the run " + run + " did not keep " +
                            std::to_string(report->count(RequirementOutcome::Compliance::broken)) + " of " +
                            base::counted(report->outcomes.size(), "requirement"),
                        exit);
    const std::string recovered = what_recover_did(session, *report);
    announce(session.out, "ok", Ink::green,
             base::counted(report->records, "record") + " of " + run + ", none was changed; " + what_was_kept(*report) +
                 recovered);
    return exit;
}

// What a command printed on a host may hold anything, so that control characters are made visible: a log must not be
// able to rewrite the terminal of who reads it.
void print(Session& session, const engine::LogLine& line, const LogArguments& arguments) {
    const Stream& out = session.out;
    if (arguments.format == "json") return out.write(line.json + "\n");
    std::string kind = line.kind;
    kind.resize(std::max<std::size_t>(kind.size(), 9), ' ');
    const std::string head = report::local_date_time(line.at) + "  " + kind + "  ";
    std::string what = line.node;
    if (!line.text.empty()) base::append(what, ": ", line.text);
    const std::uint32_t indent = diag::columns(head);
    bool first = true;
    for (const std::string& part : diag::wrapped(what, out.width > indent + 20 ? out.width - indent : 20)) {
        out.write((first ? head : std::string(indent, ' ')) + part + "\n");
        first = false;
    }
    if (!arguments.output && arguments.step.empty()) return;
    // Line by line, so that none can look like a line of the log.
    for (std::string_view rest = line.output; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        out.write("    | " + diag::harmless(rest.substr(0, end)) + "\n");
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
}

// A journal that ends while a job runs does not tell how the job ended.
void say_what_is_open(Session& session, const ports::Store& store, const std::string& run, const std::string& step) {
    const base::Result<engine::RunStatus> status = engine::status(store, run);
    if (!status) return;
    for (const auto& nodes : {status->nodes, status->rollback})
        for (const engine::NodeStatus& node : nodes)
            if ((node.state == "not known" || node.state == "may be running") && (step.empty() || step == node.node))
                session.out.write(diag::harmless("  -- what became of `" + node.node + "` is not known: " + node.text) +
                                  "\n");
}

// Records of several machines may be out of order in time; the journal's own order is what counts, and where the clock
// goes back it is said.
Exit show_log(Session& session, const LogArguments& arguments) {
    std::string named = arguments.run;
    base::Result<std::unique_ptr<const ports::Store>> store = open_store_with(session, named);
    if (!store) return complain(session, store.error(), Exit::wrong);
    const std::variant<ports::RunRow, Exit> found_run = named_run(session, **store, named);
    if (const Exit* exit = std::get_if<Exit>(&found_run)) return *exit;
    const ports::RunRow* const row = std::get_if<ports::RunRow>(&found_run);
    if (arguments.verify) return verify_run(session, **store, row->id, arguments.format);
    tell_missing_records(session, **store, *row);
    const base::Result<std::vector<engine::LogLine>> lines = engine::log(**store, row->id);
    if (!lines) return complain(session, lines.error(), Exit::wrong);
    ports::Millis before = 0;
    bool any = false;
    for (const engine::LogLine& line : *lines) {
        if (!arguments.step.empty() && line.node != arguments.step) continue;
        any = true;
        if (line.at < before && arguments.format != "json")
            session.out.write("  -- here the clock was " + report::duration_text(before - line.at) +
                              " behind the record before: it was set back, or is another machine's\n");
        before = line.at;
        print(session, line, arguments);
    }
    if (arguments.format != "json") say_what_is_open(session, **store, row->id, arguments.step);
    if (!any && !arguments.step.empty())
        return complain(session, "nothing is recorded of a step `" + arguments.step + "` in the run " + row->id,
                        Exit::usage);
    return Exit::done;
}

}  // namespace

Command log_command() {
    auto arguments = std::make_shared<LogArguments>();
    return {
        .name = "log",
        .group = Command::Group::run,
        .summary = "Print the journal of a run: who did what, when, and what came back",
        .description = "",
        .options =
            {{"RUN",
              "",
              "Its id, the beginning of it, `last` (the default), or `last:NAME` (of that plan or farm); or the file "
              "of one that was archived",
              &arguments->run,
              {},
              {},
              Option::Completes::runs},
             {"STEP",
              "",
              "Only what is recorded of this step, with all that it printed",
              &arguments->step,
              {},
              {},
              Option::Completes::steps},
             {"--output", "", "Also what the commands printed", &arguments->output},
             {"--verify", "",
              "Check that no record was changed, added or taken away, and that the run kept the order, the limits and "
              "the requirements of its plan",
              &arguments->verify},
             {"--format",
              "FORMAT",
              "How to print; json: the records as they are",
              &arguments->format,
              Option::Presence::optional,
              {"text", "json"}}},
        .run = [arguments](Session& session) { return show_log(session, *arguments); }};
}

}  // namespace pvsplan::cli
