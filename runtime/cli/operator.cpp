#include "runtime/cli/operator.hpp"

#include "compiler/diag/display.hpp"
#include "runtime/report/lines.hpp"
#include "runtime/view/step_names.hpp"

namespace pvsplan::cli {

Option run_option(std::string* into) {
    return {"RUN",
            "",
            "Its id, the beginning of it, `last`, or `last:NAME` (of that plan or farm)",
            into,
            Option::Presence::required,
            {},
            Option::Completes::runs};
}

// An id of a store that others can write is checked before it becomes part of a path or a command.
std::variant<ports::RunRow, Exit> named_run(Session& session, const ports::Runs& runs, const std::string& typed) {
    const base::Result<std::vector<ports::RunRow>> rows = runs.runs();
    if (!rows) return complain(session, rows.error(), Exit::wrong);
    base::Result<ports::RunRow> row = engine::find_run(runs, *rows, typed);
    if (!row) return complain(session, row.error(), Exit::usage);
    if (base::Status fine = engine::check_run_id(row->id); !fine) return complain(session, fine.error(), Exit::wrong);
    return std::move(*row);
}

void add_take_over(std::vector<Option>& options, TakeOver& take_over) {
    options.push_back({"--because", "TEXT", "Why, for the journal", &take_over.because});
    options.push_back({"--take-over", "",
                       "Take the run from the process that has it: that one can record and start nothing more, and "
                       "what it started on hosts is attached to. Wants --because",
                       &take_over.wanted});
}

// A copy, since the environment is shared: only this one command takes over.
base::Result<engine::Environment> taking_over(const engine::Environment& environment, const TakeOver& take_over) {
    engine::Environment mine = environment;
    if (!take_over.wanted) return mine;
    if (take_over.because.empty())
        return base::Error{"`--take-over` goes into the journal with a reason: pass `--because TEXT`"};
    mine.take_over_because = take_over.because;
    return mine;
}

// The store stays open for as long as what is returned.
std::variant<DecidedRun, Exit> run_to_decide(Session& session, const std::string& run, const TakeOver& take_over) {
    base::Result<std::unique_ptr<OpenEnvironment>> opened = open_store_session(session);
    if (!opened) return complain(session, opened.error(), Exit::wrong);
    base::Result<engine::Environment> taken = taking_over((*opened)->environment(), take_over);
    if (!taken) return complain(session, taken.error(), Exit::usage);
    std::variant<ports::RunRow, Exit> row = named_run(session, *taken->store, run);
    if (const Exit* exit = std::get_if<Exit>(&row)) return *exit;
    return DecidedRun{std::move(*opened), std::move(*taken), std::move(std::get<ports::RunRow>(row))};
}

Option until_option(std::string* into) {
    return {"--until",
            "STEP",
            "Stop before this step, or group of steps; `resume` goes on",
            into,
            {},
            {},
            Option::Completes::steps};
}

// A name of a group stays as it was typed; a number becomes the path, which is what the journal holds.
base::Result<std::string> step_of(const program::Plan& plan, std::string_view option, const std::string& typed) {
    if (typed.empty()) return typed;
    const view::StepNames names(plan);
    base::Result<std::vector<std::uint32_t>> found = names.find(typed);
    if (!found) return std::move(found).error().because_of("`" + std::string(option) + " " + typed + "`");
    return view::is_number(typed) ? names.path(found->front()) : typed;
}

std::string text_of(const ports::RunRow& run) {
    return run.id + ": " + run.plan + " on " + run.farm + ", begun " + report::local_date_time(run.begun_at);
}

// The hint goes behind the run (`pvsplan resume RUN --store …`). Commands stand in running text, between backticks or
// quotes, so that the run ends at one of these as well. A command at the end of the text, without anything behind it,
// is left alone.
std::string with_store(const Session& session, std::string text) {
    if (session.store_hint.empty()) return text;
    static constexpr std::string_view program = "pvsplan ";
    for (std::size_t at = text.find(program); at != std::string::npos; at = text.find(program, at)) {
        at += program.size();
        const std::size_t run = text.find(' ', at);  // after the name of the command
        if (run == std::string::npos) break;
        const std::size_t end = text.find_first_of(" `'\n", run + 1);
        at = end == std::string::npos ? text.size() : end;
        text.insert(at, session.store_hint);
        at += session.store_hint.size();
    }
    return text;
}

// Nothing is cut: a command is there to be copied as a whole, however wide the terminal is.
std::string offers_text(const Session& session, const std::vector<engine::Offer>& offers, std::uint32_t width) {
    constexpr std::uint32_t gap = 2;
    constexpr std::string_view mark = "# ";
    std::vector<std::string> lines;
    for (const engine::Offer& offer : offers)
        lines.push_back(with_store(session, "    $ " + diag::harmless(offer.command)));
    const auto fits = [&](std::size_t i, std::uint32_t column) {
        return diag::columns(lines[i]) <= column &&
               column + gap + diag::columns(mark) + diag::columns(offers[i].what) <= width;
    };
    // The column of the remarks: beside all commands that leave room for their own.
    std::uint32_t column = 0;
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (const std::uint32_t end = diag::columns(lines[i]); fits(i, end)) column = std::max(column, end);
    std::string text;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string remark = offers[i].what.empty() ? "" : std::string(mark) + offers[i].what;
        const bool is_beside = !remark.empty() && fits(i, column);
        if (!is_beside && !remark.empty()) text += "    " + remark + "\n";
        text += lines[i];
        if (is_beside) text += std::string(column - diag::columns(lines[i]) + gap, ' ') + remark;
        text += "\n";
    }
    return text;
}

void say_which(Session& session, const std::string& typed, const ports::RunRow& run) {
    if (typed != run.id) say(session, "`" + typed + "` is " + text_of(run));
}

}  // namespace pvsplan::cli
