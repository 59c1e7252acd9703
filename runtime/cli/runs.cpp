#include <memory>
#include <nlohmann/json.hpp>

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

Exit runs(Session& session, const std::string& format) {
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
    const std::map<std::string, std::string> simulated = simulated_words(**store, *rows);
    if (format == "json") {
        nlohmann::ordered_json all = nlohmann::ordered_json::array();
        for (std::size_t i = 0; i < rows->size(); ++i) {
            const ports::RunRow& row = (*rows)[i];
            all.push_back({{"run", row.id},
                           {"plan", row.plan},
                           {"farm", row.farm},
                           {"digest", row.digest},
                           {"outcome", outcomes[i]},
                           {"simulated", simulated.at(row.id)},
                           {"began", report::utc_time(row.begun_at)},
                           {"touched", report::utc_time(row.touched_at)},
                           {"records", row.records}});
            if (!windows[i].empty()) all.back()["because"] = windows[i];
        }
        const nlohmann::ordered_json json = {{"format", "pvsplan.runs/1"}, {"runs", std::move(all)}};
        session.out.write(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
        return Exit::done;
    }
    if (rows->empty()) {
        say(session, "no run yet");
        return Exit::done;
    }
    view::Table table({"run", "plan", "farm", "began", "outcome"});
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const ports::RunRow& row = (*rows)[i];
        table.add({row.id, row.plan, row.farm + farm_note(simulated.at(row.id)), report::local_date_time(row.begun_at),
                   outcomes[i] + (windows[i].empty() ? "" : ": " + windows[i])});
    }
    session.out.write(table.text(session.out));
    return Exit::done;
}

}  // namespace

Command runs_command() {
    auto format = std::make_shared<std::string>("text");
    return {
        .name = "runs",
        .group = Command::Group::run,
        .summary = "List the runs, the last one at the end",
        .description = "",
        .options = {{"--format", "FORMAT", "How to print", format.get(), Option::Presence::optional, {"text", "json"}}},
        .run = [format](Session& session) { return runs(session, *format); }};
}

}  // namespace pvsplan::cli
