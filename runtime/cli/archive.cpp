#include "runtime/cli/archive.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/core.h>

#include "compiler/base/counted.hpp"
#include "compiler/base/shell_word.hpp"
#include "compiler/diag/display.hpp"
#include "compiler/program/value.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/follow.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/engine/standing.hpp"
#include "runtime/ports/files.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/store/archive.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

namespace fs = std::filesystem;

// Why it cannot be taken out; empty: it is over, and no process has it. The lease is asked besides the outcome: a
// process records the end of its run before it lets the farm go, and may still tell people of it.
base::Result<std::string> why_it_stays(const ports::Store& store, const ports::RunRow& row) {
    const base::Result<engine::Standing> standing = engine::standing_of(store, row);
    if (!standing) return standing.error();
    if (!standing->is_over()) return "it is not over: " + engine::words_of(*standing);
    const auto held = store.held(row.farm);
    if (!held) return held.error();
    if (*held && (*held)->owner.run == row.id && (*held)->expiry != ports::Expiry::expired)
        return engine::text_of((*held)->owner.who) + " has it";
    return std::string();
}

// The named ones, all of which have to be over. A run that is named twice, once as `last` say, is there once: it could
// not be taken out a second time.
base::Result<std::vector<ports::RunRow>> named_runs(const ports::Store& store, const std::vector<std::string>& names) {
    std::vector<ports::RunRow> all;
    for (const std::string& name : names) {
        base::Result<ports::RunRow> row = engine::find_run(store, name);
        if (!row) return std::move(row).error();
        const base::Result<std::string> why = why_it_stays(store, *row);
        if (!why) return why.error();
        if (!why->empty()) return base::Error{"the run " + row->id + " cannot be archived", {*why}};
        const bool is_new =
            std::none_of(all.begin(), all.end(), [&](const ports::RunRow& one) { return one.id == row->id; });
        if (is_new) all.push_back(std::move(*row));
    }
    return all;
}

// Those whose last record is as old; the others stay, and what is not over is told.
base::Result<std::vector<ports::RunRow>> old_runs(Session& session, const ports::Store& store, ports::Millis age) {
    const base::Result<std::vector<ports::RunRow>> rows = store.runs();
    if (!rows) return rows.error();
    std::vector<ports::RunRow> all;
    for (const ports::RunRow& row : *rows) {
        if (ports::SystemClock().now() - row.touched_at < age) continue;
        const base::Result<std::string> why = why_it_stays(store, row);
        if (!why) return why.error();
        if (why->empty())
            all.push_back(row);
        else
            announce(session, "note", Ink::yellow, "the run " + row.id + " stays: " + *why);
    }
    return all;
}

// Why nobody can tell which runs are meant; empty: it can be told.
std::string why_unclear(const ArchiveArguments& arguments) {
    const std::string& age = arguments.older_than;
    if (arguments.runs.empty() && age.empty()) return "which runs? `--older-than 90d`, or name them";
    if (!arguments.runs.empty() && !age.empty()) return "name runs, or say `--older-than`: not both";
    if (!age.empty() && !program::parse_duration(age)) return "`--older-than " + age + "` is not a duration (90d, 12h)";
    return "";
}

// why_unclear has refused what is no duration.
base::Result<std::vector<ports::RunRow>> chosen(Session& session, const ports::Store& store,
                                                const ArchiveArguments& arguments) {
    if (arguments.older_than.empty()) return named_runs(store, arguments.runs);
    return old_runs(session, store, program::parse_duration(arguments.older_than)->as_duration()->milliseconds);
}

// The file of the run, which says so when its journal is not as it was written. It is decoded and verified as `log FILE
// --verify` would: a run whose journal was changed stays in the store, where what was done to it can still be looked
// into.
base::Result<std::string> text_of_run(const ports::Store& store, const ports::RunRow& row) {
    const base::Result<std::string> plan = store.plan_bytes(row.id);
    if (!plan) return plan.error();
    const base::Result<std::vector<ports::RecordRow>> records = store.records(row.id);
    if (!records) return records.error();
    std::string text = store::archive_text(row, *plan, *records);
    const auto archive = store::archive_in(text);
    if (!archive) return archive.error();
    const base::Result<verify::Report> report = engine::verify_log(**archive, row.id);
    if (!report) return report.error();
    if (!report->damage.empty())
        return base::Error{"its journal is not as it was written; `pvsplan log " + row.id + " --verify` says more",
                           {report->damage.front().text}};
    return text;
}

// On the disk when it returns, and read from there again. Where it is there already, an earlier process was killed
// before it removed the run, and perhaps before the folder was on the disk.
base::Status write_once(const std::string& file, const std::string& text) {
    std::error_code failed;
    if (fs::exists(file, failed)) {
        if (ports::read_file(file, text.size() + 1, ports::Links::refused, failed) != text)
            return base::Error{"`" + file + "` is there, and holds something else"};
    } else if (base::Status written = write_file(file, text); !written) {
        return written;
    }
    if ((failed = ports::sync_folder(fs::path(file).parent_path().string())))
        return base::Error{"cannot bring `" + file + "` to the disk", {failed.message()}};
    if (ports::read_file(file, text.size() + 1, ports::Links::refused, failed) == text) return base::Done{};
    return base::Error{"`" + file + "` was written, and reads otherwise", {failed.message()}};
}

// What a process that was killed left of this file while it wrote it (ports::replace_file): its run is still in the
// store. One that is being written stays; on another machine its writer finds it gone, and the run in place.
void remove_parts_of(const std::string& file) {
    const std::string begin = fs::path(file).filename().string() + ".part";
    std::error_code failed;
    for (fs::directory_iterator at(fs::path(file).parent_path(), failed), end; !failed && at != end;
         at.increment(failed)) {
        const std::string name = at->path().filename().string();
        const bool is_part = name.starts_with(begin) && name.size() > begin.size() &&
                             name.find_first_not_of("0123456789", begin.size()) == std::string::npos;
        if (!is_part || !ports::is_reusable(at->path()) || ports::is_open_for_writing(at->path())) continue;
        std::error_code kept;
        fs::remove(at->path(), kept);
    }
}

// The run leaves the store last, once its file is known to be whole: a death before that leaves both, and the next
// attempt finds the file as it is. On a store that machines share, a path means nothing without its host.
base::Status archive_one(ports::Store& store, const ports::RunRow& row, const std::string& file) {
    if (base::Status fine = engine::check_run_id(row.id); !fine) return fine;
    const base::Result<std::string> text = text_of_run(store, row);
    if (!text) return text.error();
    remove_parts_of(file);
    if (base::Status written = write_once(file, *text); !written) return written;
    return store.remove_run(row, store.is_shared() ? ports::who_am_i().host + ":" + file : file);
}

// A run that cannot be archived keeps none of the others from it; the exit status tells that one stayed.
Exit archive_all(Session& session, ports::Store& store, const std::vector<ports::RunRow>& rows,
                 const std::string& folder) {
    if (base::Status made = ports::make_private_folders(folder); !made)
        return complain(session, base::Error{"cannot make the folder `" + folder + "`", {made.error().text()}},
                        Exit::wrong);
    Exit exit = Exit::done;
    std::size_t count = 0;
    for (const ports::RunRow& row : rows) {
        const std::string file = (fs::path(folder) / (row.id + std::string(store::archive_suffix))).string();
        if (base::Status archived = archive_one(store, row, file); !archived) {
            exit =
                complain(session, std::move(archived).error().because_of("the run " + row.id + " stays in the store"),
                         Exit::wrong);
            continue;
        }
        list_written(session, file);
        ++count;
    }
    if (count == 0) return exit;
    if (base::Status given = store.give_room_back(); !given)
        announce(session, "note", Ink::yellow, "the store is as large as before: " + given.error().text());
    const base::Result<std::uint64_t> size = store.size();
    say(session, base::counted(count, "run") + " archived" + (size ? "; the store takes " + size_text(*size) : ""));
    return exit;
}

// No id of a run has a slash or that ending.
bool is_file_name(const std::string& run) {
    return run.find('/') != std::string::npos || run.ends_with(store::archive_suffix);
}

}  // namespace

// Nothing is written before the question, not even the folder.
Exit archive_runs(Session& session, const ArchiveArguments& arguments) {
    if (const std::string why = why_unclear(arguments); !why.empty()) return complain(session, why, Exit::usage);
    const base::Result<StorePlace> place = store_from_here(session);
    if (!place) return complain(session, place.error(), Exit::wrong);
    // One that is only read is there: to open it for writing would make an empty one.
    if (const auto there = open_store_to_read(session, *place); !there)
        return complain(session, there.error(), Exit::wrong);
    const base::Result<std::unique_ptr<ports::Store>> store = open_store(session, *place);
    if (!store) return complain(session, store.error(), Exit::wrong);
    const base::Result<std::vector<ports::RunRow>> rows = chosen(session, **store, arguments);
    if (!rows) return complain(session, rows.error(), Exit::wrong);
    if (rows->empty()) {
        say(session, "no run is over and older than " + arguments.older_than);
        return Exit::done;
    }
    std::error_code failed;
    const std::string folder = fs::absolute(arguments.folder, failed).lexically_normal().string();
    const std::string question = "Take " + base::counted(rows->size(), "run") + " out of the store, into files in " +
                                 diag::harmless(base::shell_word(arguments.folder)) + "? [y/N]";
    if (!session.yes) {
        const Answer answer = ask(session, question, "", "--yes");
        if (answer == Answer::nobody) return Exit::usage;
        if (answer == Answer::no) return complain(session, "not confirmed; nothing was done", Exit::wrong);
    }
    return archive_all(session, **store, *rows, folder);
}

// An archive holds one run, which `last` finds whatever its id.
base::Result<std::unique_ptr<const ports::Store>> open_store_with(Session& session, std::string& run) {
    if (!is_file_name(run)) return open_store_to_read(session);
    auto archive = store::open_archive(run);
    if (archive) run = "last";
    return archive;
}

// Nothing where `run` is no file.
std::optional<Exit> refuse_archive(Session& session, const std::string& run) {
    if (!is_file_name(run)) return std::nullopt;
    const auto archive = store::open_archive(run);
    if (!archive) return complain(session, archive.error(), Exit::wrong);
    const base::Result<ports::RunRow> row = engine::find_run(**archive, "last");
    if (!row) return complain(session, row.error(), Exit::wrong);
    const std::string file = base::shell_word(run);
    return complain(session,
                    "the run " + row->id + " is over (" + row->outcome +
                        ") and was archived into this file: nothing goes on with it; `pvsplan status " + file +
                        "` and `pvsplan log " + file + "` read it",
                    Exit::usage);
}

// Rounded, as disks are counted: in powers of ten.
std::string size_text(std::uint64_t bytes) {
    if (bytes < 1000) return fmt::format("{} bytes", bytes);
    if (bytes < 1'000'000) return fmt::format("{} kB", (bytes + 500) / 1000);
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace pvsplan::cli
