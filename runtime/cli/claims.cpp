#include "runtime/cli/claims.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "compiler/base/store_name.hpp"
#include "runtime/engine/hosts.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/ports/calendar.hpp"
#include "runtime/ports/process_group.hpp"
#include "runtime/store/sqlite_store.hpp"

namespace pvsplan::cli {

namespace fs = std::filesystem;

namespace {

// One that is kept by a server, and has its URL as its name.
bool is_server(const std::string& store) {
    const auto name = base::store_name(store);
    return name && name->type == base::StoreName::Type::server;
}

// `unknown`: what a store means that has no such run, and never archived it. A store that cannot be read proves
// nothing.
std::string why_over_in(const ports::Runs& runs, const std::string& run, const std::string& unknown) {
    const auto row = runs.run(run);
    if (!row) return "";
    if (!*row) {
        const auto archived = runs.archived(run);
        return archived.ok() && *archived ? "it is over, and was archived" : unknown;
    }
    return engine::is_over(**row) ? "it is over (" + (*row)->outcome + ")" : "";
}

// A store that was removed leaves the folder of its project behind. Of a disk that is not mounted now, of a share that
// is away and of a project that was moved, the folder is not there either, and the run may go on.
bool was_removed(const fs::path& store) {
    const fs::path folder = store.parent_path();
    std::error_code unseen;
    return fs::exists(folder.filename() == ".pvsplan" ? folder.parent_path() : folder, unseen);
}

}  // namespace

// The host keeps this text, and shows it to whoever finds its farm locked: it is ASCII in one line whatever the names
// are, and says all that why_over needs to decide from elsewhere.
std::string claim_owner(const ports::Identity& me, const std::string& store, ports::Millis now) {
    const ports::Borders& here = ports::borders_here();
    std::error_code code;
    const fs::path whole = is_server(store) ? fs::path(store) : fs::absolute(store, code).lexically_normal();
    const nlohmann::json json = {{"user", me.user},
                                 {"host", me.host},
                                 {"pid", me.pid},
                                 {"started", me.started},
                                 {"process_machine", me.machine},
                                 {"boot", me.boot},
                                 {"space", me.space},
                                 {"machine", here.machine},
                                 {"mounts", here.mounts},
                                 {"store", code ? store : whole.string()},
                                 {"since", ports::utc_text(now, "%Y-%m-%d %H:%M:%S UTC")}};
    return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// `owner` was read from a host and may be anybody's text: a member that is missing or of another type is empty, and
// with it every conclusion. A file is opened to be read only where the machine and its mounts are ours, so that the
// same path is the same file; a process is dead only where ports::life_of can tell.
std::string why_over(const OwnStore& own, const std::string& run, const std::string& owner) {
    const auto json = nlohmann::json::parse(owner, nullptr, false);
    const auto text = [&json](const char* name) {
        return json.is_object() && json.contains(name) && json[name].is_string() ? json[name].get<std::string>() : "";
    };
    const ports::Borders& here = ports::borders_here();
    const std::string store = text("store");
    // Whoever wrote the claim does not tell us to which server to connect. We have the farm there, so that a run which
    // was not recorded yet never will be.
    const bool was_recorded = text("run_is") != engine::not_recorded_yet;
    if (is_server(store))
        return store == own.name ? why_over_in(*own.runs, run, was_recorded ? "" : "it was never recorded") : "";
    if (store.empty() || text("machine") != here.machine || here.mounts == "-" || text("mounts") != here.mounts)
        return "";
    const bool has_pid = json.contains("pid") && json["pid"].is_number_integer();
    const bool is_dead = has_pid && ports::life_of({.user = text("user"),
                                                    .host = text("host"),
                                                    .pid = json["pid"].get<std::int64_t>(),
                                                    .started = text("started"),
                                                    .machine = text("process_machine"),
                                                    .boot = text("boot"),
                                                    .space = text("space")}) == ports::Life::dead;
    std::error_code code;
    const bool is_there = fs::exists(store, code);
    if (code) return "";
    if (!is_there) return is_dead && was_removed(store) ? "its store `" + store + "` is gone, and its process too" : "";
    // A store that does not know the run proves nothing while the process may still write its first record there; nor
    // where that had been written and others are known: then the store was put back from a backup, and steps of the run
    // have begun. One that never had a run was made anew in the place of one that is gone.
    const auto opened = store::open_sqlite_store_to_read(store);
    if (!opened) return "";
    const auto known = (*opened)->runs();
    const auto archived = (*opened)->archived_runs("");
    if (!known || !archived) return "";
    const bool is_new = known->empty() && archived->empty();
    const bool is_forgotten = is_dead && (!was_recorded || is_new);
    return why_over_in(**opened, run, is_forgotten ? "its store `" + store + "` knows of no such run" : "");
}

}  // namespace pvsplan::cli
