#include <memory>
#include <nlohmann/json.hpp>

#include "compiler/diag/display.hpp"
#include "runtime/cli/archive.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/run_input.hpp"
#include "runtime/engine/standing.hpp"
#include "runtime/report/lines.hpp"
#include "runtime/view/table.hpp"

namespace pvsplan::cli {
namespace {

// Appended to the name of the farm.
std::string farm_note(const std::string& simulated) {
    return simulated == "all" ? " (simulated)" : simulated == "some" ? " (partly simulated)" : "";
}

// "waits for its window, opens Fri 2026-11-27 22:00 CET (in 3 h 12 m)"; empty: it waits for none.
std::string window_words(const ports::Store& store, const ports::RunRow& row) {
    const base::Result<engine::RunStatus> status = engine::status(store, row.id, ports::SystemClock().now());
    if (!status) return "";
    for (const engine::Wanted& wanted : status->wanted)
        if (wanted.type == engine::Wanted::Type::window) return "waits for its window, " + wanted.text;
    return "";
}

// What is free in it counts as well.
Exit say_size(Session& session, const ports::Store& store) {
    const base::Result<std::uint64_t> size = store.size();
    if (!size) return complain(session, size.error(), Exit::wrong);
    say(session, "the store takes " + size_text(*size));
    return Exit::done;
}

struct RunsArguments {
    std::string format = "text";
    bool sizes = false;
    ArchiveArguments archive;
};

// `sizes`: empty where nobody asked for them.
std::string runs_json(const std::vector<ports::RunRow>& rows, const std::vector<std::string>& outcomes,
                      const std::vector<std::string>& windows, const std::map<std::string, std::string>& simulated,
                      const std::map<std::string, std::uint64_t>& sizes) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const ports::RunRow& row = rows[i];
        all.push_back({{"run", row.id},
                       {"plan", row.plan},
                       {"farm", row.farm},
                       {"digest", row.digest},
                       {"outcome", outcomes[i]},
                       {"simulated", simulated.at(row.id)},
                       {"began", report::utc_time(row.begun_at)},
                       {"touched", report::utc_time(row.touched_at)},
                       {"records", row.records}});
        if (const auto size = sizes.find(row.id); size != sizes.end()) all.back()["bytes"] = size->second;
        if (!windows[i].empty()) all.back()["because"] = windows[i];
    }
    const nlohmann::ordered_json json = {{"format", "pvsplan.runs/1"}, {"runs", std::move(all)}};
    return diag::printed_json(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + "\n";
}

// How a run stands is worked out from its row and from who has its farm: a row alone says what its process wrote last,
// and that may have died.
Exit list_runs(Session& session, const RunsArguments& arguments) {
    base::Result<std::unique_ptr<const ports::Store>> store = open_store_to_read(session);
    if (!store) return complain(session, store.error(), Exit::wrong);
    base::Result<std::vector<ports::RunRow>> rows = (*store)->runs();
    if (!rows) return complain(session, rows.error(), Exit::wrong);
    std::vector<std::string> outcomes;
    std::vector<std::string> windows;
    for (const ports::RunRow& row : *rows) {
        base::Result<engine::Standing> standing = engine::standing_of(**store, row);
        if (!standing) return complain(session, standing.error(), Exit::wrong);
        outcomes.emplace_back(engine::name_of(standing->type));
        windows.push_back(standing->is_over() ? "" : window_words(**store, row));
    }
    std::map<std::string, std::uint64_t> sizes;
    if (arguments.sizes) {
        base::Result<std::map<std::string, std::uint64_t>> known = (*store)->sizes();
        if (!known) return complain(session, known.error(), Exit::wrong);
        sizes = std::move(*known);
    }
    const std::map<std::string, std::string> simulated = simulated_words(**store, *rows);
    if (arguments.format == "json") {
        session.out.write(runs_json(*rows, outcomes, windows, simulated, sizes));
        return Exit::done;
    }
    if (rows->empty()) {
        const auto archived = (*store)->archived_runs("");
        if (!archived) return complain(session, archived.error(), Exit::wrong);
        say(session, archived->empty() ? "no run yet" : engine::words_of_archived(*archived));
        return Exit::done;
    }
    std::vector<std::string> columns = {"run", "plan", "farm", "began", "outcome"};
    if (arguments.sizes) columns.insert(columns.begin() + 4, "size");
    view::Table table(columns);
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const ports::RunRow& row = (*rows)[i];
        std::vector<std::string> cells = {row.id, row.plan, row.farm + farm_note(simulated.at(row.id)),
                                          report::local_date_time(row.begun_at),
                                          outcomes[i] + (windows[i].empty() ? "" : ": " + windows[i])};
        if (arguments.sizes) cells.insert(cells.begin() + 4, size_text(sizes[row.id]));
        table.add(cells);
    }
    session.out.write(table.text(session.out));
    return arguments.sizes ? say_size(session, **store) : Exit::done;
}

// Options of the archive without it would be passed over silently.
Exit list_or_archive(Session& session, const RunsArguments& arguments) {
    const ArchiveArguments& archive = arguments.archive;
    if (!archive.folder.empty()) return archive_runs(session, archive);
    if (!archive.older_than.empty() || !archive.runs.empty())
        return complain(session, "`--older-than` and RUN go with `--archive FOLDER`", Exit::usage);
    return list_runs(session, arguments);
}

}  // namespace

Command runs_command() {
    auto arguments = std::make_shared<RunsArguments>();
    return {
        .name = "runs",
        .group = Command::Group::run,
        .summary = "List the runs, the last one at the end",
        .description =
            "`--archive FOLDER` takes runs that are over out of the store, those that are named or, with `--older-than "
            "90d`, all whose last record is as old: each is written into FOLDER as RUN.journal, and leaves the store "
            "once "
            "that is on the disk, was read back, and its journal verified. `pvsplan log FILE`, `log FILE --verify` and "
            "`status FILE` read it. A run that is under way, halted, waits or is in doubt stays. What the store keeps "
            "is that a compiled plan has had its run, and where.",
        .options = {{"RUN", "", "With --archive: these", &arguments->archive.runs, {}, {}, Option::Completes::runs},
                    {"--sizes", "", "Also what each takes in the store, and the store in all", &arguments->sizes},
                    {"--archive",
                     "FOLDER",
                     "Write runs that are over into files, and take them out of the store",
                     &arguments->archive.folder,
                     Option::Presence::optional,
                     {},
                     Option::Completes::files},
                    {"--older-than", "AGE", "With --archive: all whose last record is as old (90d)",
                     &arguments->archive.older_than},
                    Option::format("How to print", &arguments->format, {"text", "json"})},
        .run = [arguments](Session& session) { return list_or_archive(session, *arguments); }};
}

}  // namespace pvsplan::cli
