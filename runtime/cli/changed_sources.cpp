#include "runtime/cli/changed_sources.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "compiler/base/digest.hpp"

namespace pvsplan::cli {
namespace {

std::optional<std::string> read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// The folder of --root, or the nearest one around that has the store of a project.
std::string project_folder(const Session& session) {
    if (!session.root.empty()) return session.root;
    std::error_code ec;
    for (std::filesystem::path folder = std::filesystem::current_path(ec); !ec; folder = folder.parent_path()) {
        if (std::filesystem::exists(folder / ".pvsplan", ec)) return folder.string();
        if (folder == folder.parent_path()) break;
    }
    return ".";
}

}  // namespace

std::vector<std::string> changed_sources(const std::string& project, const program::Plan& plan) {
    std::vector<std::string> changed;
    bool is_any_there = false;
    for (const auto& [file, sha256] : plan.inputs) {
        if (file.starts_with("stdlib/")) continue;
        const std::optional<std::string> text = read(std::filesystem::path(project) / file);
        is_any_there = is_any_there || text;
        if (!text)
            changed.push_back("`" + file + "` is gone");
        else if (base::sha256_hex(*text) != sha256)
            changed.push_back("`" + file + "` has changed");
    }
    if (!is_any_there) changed.clear();
    return changed;
}

void say_what_changed(Session& session, const std::string& run, const program::Plan& plan) {
    const std::vector<std::string> changed = changed_sources(project_folder(session), plan);
    if (changed.empty()) return;
    std::string text = "since the plan of this run was compiled ";
    for (std::size_t i = 0; i < changed.size(); ++i) text += (i == 0 ? "" : ", ") + changed[i];
    say(session, text + "; the run goes on as it was compiled");
    say(session, "for the new text: `pvsplan rollback " + run + "`, or `pvsplan abandon " + run +
                     "`, and then `pvsplan apply` anew");
}

}  // namespace pvsplan::cli
