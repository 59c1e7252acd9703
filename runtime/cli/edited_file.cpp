#include "runtime/cli/edited_file.hpp"

#include <filesystem>

#include "compiler/base/files.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/ports/files.hpp"

namespace pvsplan::cli {
namespace {

namespace fs = std::filesystem;

// Whether a path that goes down from here ends elsewhere: a folder on its way is a link, which a pattern of the shell
// has followed.
bool leads_out(const std::string& file) {
    const fs::path typed = fs::path(file).lexically_normal();
    if (typed.is_absolute() || typed.empty() || *typed.begin() == "..") return false;
    std::error_code unseen;
    const fs::path here = fs::canonical(".", unseen);
    const fs::path folder = fs::weakly_canonical(fs::absolute(typed, unseen).parent_path(), unseen);
    const fs::path inside = folder.lexically_relative(here);
    return inside.empty() || *inside.begin() == "..";
}

}  // namespace

// Only a file of the project is written, never one that a link leads to elsewhere.
base::Result<EditedFile> file_to_edit(const Session& session, const std::string& file) {
    if (session.root.empty() && leads_out(file))
        return base::Error{
            "a folder on its way is a link that leads out of here; name the folder of the project with `--root DIR`"};
    base::Result<Project> project = project_of(session, file);
    if (!project) return std::move(project).error();
    base::Result<std::string> path = path_inside(*project, file);
    if (!path) return std::move(path).error();
    base::Result<std::string> text = base::FolderFiles(project->root).read(*path);
    if (!text) return std::move(text).error();
    return EditedFile{std::move(*project), std::move(*path), std::move(*text)};
}

// Between this look and the new file there is a moment that no system call closes; it is that of a rename, and not that
// of a proof.
base::Status write_edited(const std::string& path, std::string_view before, std::string_view after) {
    std::error_code failed;
    const auto now = ports::read_file(path, before.size() + 1, ports::Links::followed, failed);
    if (!now) return base::Error{"cannot write `" + path + "`", {failed.message()}};
    if (*now != before)
        return base::Error{
            "`" + path + "` has changed since it was read; it stays as it is, so that nothing of that is lost",
            {"once it is saved, do the same again"}};
    return write_file(path, after);
}

}  // namespace pvsplan::cli
