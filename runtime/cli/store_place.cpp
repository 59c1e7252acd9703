#include "runtime/cli/store_place.hpp"

#include <filesystem>
#include <system_error>

#include "compiler/base/shell_word.hpp"
#include "compiler/base/store_name.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/store/postgres_store.hpp"
#include "runtime/store/sqlite_store.hpp"

namespace pvsplan::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* usual = ".pvsplan/state.db";

// Without links in the folders that are there: one file has one name, whichever way one came.
std::string one_name(const fs::path& file) {
    std::error_code failed;
    const fs::path whole = fs::absolute(file, failed);
    const fs::path canonical = fs::weakly_canonical(whole, failed);
    return (failed ? whole.lexically_normal() : canonical).string();
}

bool is_there(const fs::path& path) {
    std::error_code failed;
    return fs::exists(fs::symlink_status(path, failed));
}

// A store that this account may not look at is there all the same.
bool is_forbidden(const fs::path& file) {
    std::error_code failed;
    (void)fs::symlink_status(file, failed);
    return failed == std::errc::permission_denied && is_there(file.parent_path());
}

// The nearest store from `folder` upwards; `made` counts as if it were there. Empty: none. Upwards as git looks for its
// folder. The loop ends at the root, which is its own parent.
std::string nearest(const fs::path& folder, const std::string& made = {}) {
    for (fs::path at = folder;; at = at.parent_path()) {
        const fs::path file = at / usual;
        if (is_there(file) || is_forbidden(file) || (!made.empty() && one_name(file) == made)) return file.string();
        if (at == at.parent_path()) return "";
    }
}

fs::path here() {
    std::error_code failed;
    const fs::path folder = fs::current_path(failed);
    return failed ? fs::path(".") : folder;
}

// The folder of the project, if the store lies where one usually does. Empty otherwise: nobody can tell.
std::string project_of_store(const fs::path& file) {
    const bool is_usual = file.filename() == "state.db" && file.parent_path().filename() == ".pvsplan";
    return is_usual ? file.parent_path().parent_path().string() : "";
}

// A relative path is seen from `folder`: of the farm's text its project, of what was typed the current folder.
base::Result<StorePlace> named(const std::string& text, const fs::path& folder, const std::string& by) {
    base::Result<base::StoreName> store = base::store_name(text);
    if (!store)
        return std::move(store).error().because_of("`" + by + " " + base::shown_store(text) + "` names no store");
    if (store->type == base::StoreName::Type::server)
        return StorePlace{
            .file = text, .server = std::move(*store), .found = {}, .origin = StorePlace::Origin::named, .project = {}};
    const std::string name = one_name(folder / store->text);
    return StorePlace{
        .file = name, .found = {}, .origin = StorePlace::Origin::named, .project = project_of_store(name)};
}

StorePlace found_at(const fs::path& file) {
    return {.file = one_name(file), .found = file.string(), .project = project_of_store(one_name(file))};
}

bool is_same(const StorePlace& one, const StorePlace& other) {
    if (one.server && other.server) return one.server->text == other.server->text;
    return !one.server && !other.server && one.file == other.file;
}

// As it is told to people: short from where they typed the command.
std::string shown(const Session& session, const StorePlace& place) {
    const std::string& file = place.file;
    if (place.server) return file;
    if (!session.folder_before.empty()) return file;  // -C: they stand elsewhere
    const std::string from_here = fs::path(file).lexically_relative(here()).string();
    return from_here.empty() || from_here.starts_with("../../") ? file : from_here;
}

}  // namespace

// A farm is locked in its store alone: a run in a second one would not see the first. So what is typed may repeat what
// the farm says and not contradict it.
base::Result<StorePlace> store_of(const Session& session, const Project& project, const program::Plan& plan,
                                  PlanInput::From from) {
    StorePlace place = found_at(fs::path(project.root) / usual);
    if (from == PlanInput::From::compiled && session.root.empty())
        if (const std::string found = nearest(project.root); !found.empty()) place = found_at(found);
    const bool farm_says = !plan.store.empty();
    if (farm_says && plan.store != base::store_here) {
        base::Result<StorePlace> said = named(plan.store, project.root, "store:");
        if (!said) return said;
        place = *said;
    }
    place.project = project.root;
    if (session.store.empty()) return place;
    base::Result<StorePlace> typed = named(session.store, here(), "--store");
    if (!typed) return typed;
    typed->project = project.root;
    if (!farm_says || is_same(*typed, place)) return typed;
    return base::Error{"the farm " + plan.farm + " keeps its runs in `" + shown(session, place) +
                           "`, as its file says (`store: " + plan.store + "`), and not in `" + shown(session, *typed) +
                           "`",
                       {"two stores would let two runs have the farm at once"}};
}

base::Result<StorePlace> store_from_here(const Session& session) {
    if (!session.store.empty()) return named(session.store, here(), "--store");
    if (!session.root.empty()) return found_at(fs::path(one_name(session.root)) / usual);
    // A store above might be another project's.
    if (const std::string why = why_here_is_closed(); !why.empty())
        return base::Error{"nobody can tell which store belongs to the current folder; name it with `--store FILE`",
                           {why}};
    const std::string found = nearest(here());
    if (found.empty())
        return base::Error{"there is no store in this folder or above it; the runs of a plan are kept in `" +
                           std::string(usual) + "` of its project: go there, or name it with `--store FILE`"};
    return found_at(found);
}

namespace {

// A store that was found is believed only if nobody else can have written it: its plans are commands that would run in
// the name of whoever types `resume`. A server checks for itself who connects.
base::Status trust(Session& session, const StorePlace& place) {
    if (place.server) {
        session.store_hint = " --store " + base::shell_word(place.file);
        return base::Done{};
    }
    const fs::path stands = session.folder_before.empty() ? here() : fs::path(session.folder_before);
    const std::string by_itself = nearest(stands, place.file);
    const bool is_found_by_itself = !by_itself.empty() && one_name(by_itself) == one_name(place.file);
    session.store_hint = is_found_by_itself ? "" : " --store " + base::shell_word(shown(session, place));
    if (place.origin == StorePlace::Origin::found)
        if (base::Status trusted = ports::check_is_trusted(place.found); !trusted) {
            const std::string file = shown(session, place);
            return base::Error{"the store `" + file +
                                   "` was found here, not named, and somebody else may have put it "
                                   "here: what it says would be run in your name; look at it, and "
                                   "name it with `--store " +
                                   base::shell_word(file) + "` if it is yours",
                               {trusted.error().text()}};
        }
    return base::Done{};
}

store::ToldOfWait told_of_wait(Session& session, Waits waits) {
    if (waits == Waits::no) return {};
    return [&session](const std::string& words) { say(session, words); };
}

}  // namespace

base::Result<std::unique_ptr<ports::Store>> open_store(Session& session, const StorePlace& place, Waits waits) {
    if (base::Status trusted = trust(session, place); !trusted) return std::move(trusted).error();
    return place.server ? store::open_postgres_store(*place.server, told_of_wait(session, waits))
                        : store::open_sqlite_store(place.file);
}

// What others could have written is not read, unless somebody says so.
base::Result<std::unique_ptr<const ports::Store>> open_store_to_read(Session& session, const StorePlace& place,
                                                                     Waits waits) {
    if (base::Status trusted = trust(session, place); !trusted) return std::move(trusted).error();
    return place.server ? store::open_postgres_store_to_read(*place.server, told_of_wait(session, waits))
                        : store::open_sqlite_store_to_read(place.file);
}

// A store that is there and cannot be opened is an error: taken for one that was not made yet, it would look as if
// nothing ran.
base::Result<std::unique_ptr<const ports::Store>> open_store_if_made(Session& session, const StorePlace& place) {
    auto store = open_store_to_read(session, place, Waits::no);
    if (store) return store;
    std::error_code failed;
    const base::Result<bool> is_made = place.server ? store::is_postgres_store_made(*place.server)
                                                    : base::Result<bool>(fs::exists(place.file, failed) || failed);
    if (is_made && !*is_made) return std::unique_ptr<const ports::Store>();
    return store;
}

}  // namespace pvsplan::cli
