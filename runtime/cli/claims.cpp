#include "runtime/cli/claims.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "runtime/engine/run.hpp"
#include "runtime/ports/calendar.hpp"
#include "runtime/ports/process_group.hpp"
#include "runtime/store/sqlite_store.hpp"

namespace pvsplan::cli {

namespace fs = std::filesystem;

std::string claim_owner(const ports::Identity& me, const std::string& store, ports::Millis now) {
    const ports::Borders& here = ports::borders_here();
    std::error_code code;
    const fs::path whole = fs::absolute(store, code);
    const nlohmann::json json = {{"user", me.user},
                                 {"host", me.host},
                                 {"pid", me.pid},
                                 {"started", me.started},
                                 {"process_machine", me.machine},
                                 {"boot", me.boot},
                                 {"space", me.space},
                                 {"machine", here.machine},
                                 {"mounts", here.mounts},
                                 {"store", code ? store : whole.lexically_normal().string()},
                                 {"since", ports::utc_text(now, "%Y-%m-%d %H:%M:%S UTC")}};
    return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string why_over(const std::string& run, const std::string& owner) {
    const auto json = nlohmann::json::parse(owner, nullptr, false);
    const auto text = [&json](const char* name) {
        return json.is_object() && json.contains(name) && json[name].is_string() ? json[name].get<std::string>() : "";
    };
    const ports::Borders& here = ports::borders_here();
    const std::string store = text("store");
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
    if (!is_there) return is_dead ? "its store `" + store + "` is gone, and its process too" : "";
    const auto opened = store::open_sqlite_store_to_read(store);
    if (!opened) return "";
    const auto row = (*opened)->run(run);
    if (!row) return "";
    if (!*row) return is_dead ? "its store `" + store + "` knows of no such run" : "";
    return engine::is_over(**row) ? "it is over (" + (*row)->outcome + ")" : "";
}

}  // namespace pvsplan::cli
