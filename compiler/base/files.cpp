#include "compiler/base/files.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace pvsplan::base {
namespace fs = std::filesystem;

namespace {

// Git keeps tokens there, and what is wrong with a document is shown to whoever reads a review.
bool is_of_git(const fs::path& relative) {
    return std::find(relative.begin(), relative.end(), ".git") != relative.end();
}

bool leads_out(const fs::path& relative) { return relative.empty() || *relative.begin() == ".."; }

}  // namespace

std::vector<std::string> Files::names_in(std::string_view /*folder*/) const { return {}; }

FolderFiles::FolderFiles(std::string root) {
    std::error_code ec;
    const fs::path real = fs::canonical(root.empty() ? "." : root, ec);
    root_ = ec ? root : real.string();
}

// The real path is looked at, since a link within the project may lead anywhere. Bytes are read in one piece, so that a
// file which grows meanwhile is cut at the size that was allowed.
Result<std::string> FolderFiles::read(std::string_view path) const {
    const std::string path_text(path);
    if (Result<std::string> inside = join_path("", path); !inside) return inside;
    std::error_code ec;
    const fs::path real = fs::canonical(fs::path(root_) / path, ec);
    if (ec) return Error{"cannot read `" + path_text + "`: " + ec.message()};
    const fs::path relative = real.lexically_relative(root_);
    if (leads_out(relative)) return Error{"`" + path_text + "` is a link that leads out of the project folder"};
    if (is_of_git(relative)) return Error{"`" + path_text + "` is git's own, and no file of a project"};
    if (!fs::is_regular_file(real, ec)) return Error{"`" + path_text + "` is not a regular file"};
    const auto size = fs::file_size(real, ec);
    if (ec) return Error{"cannot read `" + path_text + "`: " + ec.message()};
    if (size > max_bytes)
        return Error{"`" + path_text + "` has " + std::to_string(size) + " bytes; the most that is read is " +
                     std::to_string(max_bytes)};
    std::string bytes(size, '\0');
    errno = 0;  // the library tells no reason of its own
    std::ifstream in(real, std::ios::binary);
    in.read(bytes.data(), static_cast<std::streamsize>(size));
    if (!in || in.gcount() != static_cast<std::streamsize>(size))
        return Error{"cannot read `" + path_text +
                     "`: " + (errno != 0 ? std::generic_category().message(errno) : "it became shorter meanwhile")};
    return bytes;
}

// Confined as reading is.
std::vector<std::string> FolderFiles::names_in(std::string_view folder) const {
    if (!folder.empty() && !join_path("", folder)) return {};
    std::error_code ec;
    const fs::path real = fs::canonical(fs::path(root_) / folder, ec);
    if (ec) return {};
    const fs::path relative = real.lexically_relative(root_);
    if (leads_out(relative) || is_of_git(relative)) return {};
    std::vector<std::string> names;
    for (fs::directory_iterator at(real, ec), end; !ec && at != end; at.increment(ec)) {
        std::string name = at->path().filename().string();
        if (name.starts_with('.')) continue;
        if (names.size() == max_names) return {};
        std::error_code of_entry;
        if (at->is_directory(of_entry)) name += '/';
        names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

// What is an absolute path on any system is one on all of them, so that a project means the same everywhere.
Result<std::string> join_path(std::string_view from, std::string_view name) {
    const std::string path_text(name);
    if (name.empty()) return Error{"the path is empty"};
    if (name.find('\0') != std::string_view::npos) return Error{"the path has a NUL byte"};
    if (name.starts_with('/') || name.starts_with('\\') || (name.size() > 1 && name[1] == ':'))
        return Error{"`" + path_text + "` is an absolute path; paths are relative and stay inside the project folder"};
    const fs::path joined = (fs::path(from).parent_path() / name).lexically_normal();
    if (joined.empty() || *joined.begin() == "..") return Error{"`" + path_text + "` leaves the project folder"};
    return joined.generic_string();
}

std::string path_from(std::string_view from, std::string_view other) {
    const std::string path = fs::path(other).lexically_relative(fs::path(from).parent_path()).generic_string();
    return path.starts_with("..") ? path : "./" + path;
}

}  // namespace pvsplan::base
