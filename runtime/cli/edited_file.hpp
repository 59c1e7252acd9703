// A file of a project that a command changes in its place: read as the compiler reads, and written only where it still
// is what was read.
#pragma once

#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "runtime/cli/project.hpp"

namespace pvsplan::cli {

struct EditedFile {
    Project project;
    std::string path;  // inside of the project
    std::string text;

    // As it is called from here.
    [[nodiscard]] std::string name() const { return project.prefix + path; }
};

// A link that leads out of the project is not followed, and a device or a pipe not opened: in a folder that was cloned
// both are a stranger's. With --root a link inside of the project may be followed: who typed it said how far.
base::Result<EditedFile> file_to_edit(const Session& session, const std::string& file);

// Writes `after` where the file still holds `before`. What an editor has saved meanwhile stays, and is an error.
base::Status write_edited(const std::string& path, std::string_view before, std::string_view after);

}  // namespace pvsplan::cli
