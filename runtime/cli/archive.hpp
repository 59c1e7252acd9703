// Runs that are over, each in a file of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cli/session.hpp"
#include "runtime/ports/store.hpp"

namespace pvsplan::cli {

struct ArchiveArguments {
    std::string folder;             // where the files go; made, for this account alone, if it is not there
    std::string older_than;         // a duration
    std::vector<std::string> runs;  // or these
};
// Writes them into files, and takes each out of the store once its file is on the disk, was read back and verified. A
// run that is not over, or that a process still has, stays; so does one whose journal was changed.
Exit archive_runs(Session& session, const ArchiveArguments& arguments);

// The store to read in which `run` is. Where it names a file, that is the store, and `run` the one in it. The file may
// be a stranger's: what it says is decoded and checked, and nothing of it is run.
base::Result<std::unique_ptr<const ports::Store>> open_store_with(Session& session, std::string& run);

// "412 bytes", "18 kB", "3.4 MB". For people: rounded, in powers of ten.
std::string size_text(std::uint64_t bytes);

// For commands that go on with a run: the file of one that was archived is refused, and it is said what reads it.
// Nothing: no such file is named.
std::optional<Exit> refuse_archive(Session& session, const std::string& run);

}  // namespace pvsplan::cli
