#include "runtime/lsp/project_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "runtime/lsp/cursor.hpp"

namespace pvsplan::lsp {
namespace {

namespace fs = std::filesystem;

constexpr int max_depth = 8;
constexpr std::size_t max_entries = 20'000;

// A document says within its first lines what it is; the rest of a large file is not read.
std::string first_key_in(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string head(4096, '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    return first_key(Lines(head, Encoding::utf8));
}

}  // namespace

// Bounded in depth, entries and files, since an editor may have opened the root of a disk. What cannot be read is
// passed over: it is no reason to offer nothing. Links to folders are not entered, so that no ring is walked.
std::vector<ProjectFile> project_files(const std::string& folder) {
    std::vector<ProjectFile> files;
    std::error_code ec;
    std::size_t entries = 0;
    for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, ec), end;
         !ec && at != end && ++entries < max_entries; at.increment(ec)) {
        const std::string name = at->path().filename().string();
        std::error_code of_entry;
        const bool is_folder = at->is_directory(of_entry);
        if (is_folder && (name.starts_with('.') || name == "node_modules" || at.depth() >= max_depth))
            at.disable_recursion_pending();
        if (is_folder || name.starts_with('.') || !at->is_regular_file(of_entry)) continue;
        if (files.size() == max_project_files) break;
        const std::string extension = at->path().extension().string();
        const bool is_yaml = extension == ".yaml" || extension == ".yml";
        files.push_back({at->path().lexically_relative(folder).generic_string(),
                         is_yaml ? first_key_in(at->path()) : std::string()});
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

}  // namespace pvsplan::lsp
