#include "compiler/resolve/near_file.hpp"

#include <algorithm>
#include <vector>

#include "compiler/base/near.hpp"

namespace pvsplan::resolve {
namespace {

constexpr std::size_t max_folders = 50;  // that are looked into for a file of exactly that name

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// `.farm.yaml`: an ending would make all names of a folder alike.
std::string_view ending_of(std::string_view name) {
    const std::size_t dot = name.find('.', 1);
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

// Names are compared by what stands before the ending they share; else as a whole.
std::optional<std::string> nearest_file(const std::string& name, const std::vector<std::string>& names) {
    const std::string ending(ending_of(name));
    std::vector<std::string> stems;
    std::vector<std::string> others;
    for (const std::string& one : names) {
        if (one.ends_with('/')) continue;
        if (ending_of(one) == ending)
            stems.push_back(one.substr(0, one.size() - ending.size()));
        else
            others.push_back(one);
    }
    const std::string own_stem = name.substr(0, name.size() - ending.size());
    if (const auto stem = base::nearest(own_stem, stems)) return *stem + ending;
    if (auto near = base::nearest(name, others)) return near;
    // "contoso.yaml" where there is "contoso.farm.yaml", and nothing else that begins and ends so.
    std::vector<std::string> longer;
    for (const std::string& one : others)
        if (!ending.empty() && one.starts_with(own_stem + ".") && one.ends_with(ending)) longer.push_back(one);
    return longer.size() == 1 ? std::optional(longer.front()) : std::nullopt;
}

// Folders end with a `/` in `names`.
std::optional<std::string> nearest_folder(const std::string& name, const std::vector<std::string>& names) {
    std::vector<std::string> folders;
    for (const std::string& one : names)
        if (one.ends_with('/')) folders.push_back(one.substr(0, one.size() - 1));
    return base::nearest(name, folders);
}

std::string joined(const std::string& above, const std::string& name) {
    return above.empty() ? name : above + "/" + name;
}

// Part by part: a folder that is there is taken, else the one of the nearest name.
std::optional<std::string> near_path(const base::Files& files, const std::string& path) {
    std::string at;
    for (std::size_t begin = 0;;) {
        const std::size_t slash = path.find('/', begin);
        const std::string part = path.substr(begin, slash == std::string::npos ? slash : slash - begin);
        const std::vector<std::string> names = files.names_in(at);
        const bool is_file = slash == std::string::npos;
        const bool is_there = has(names, is_file ? part : part + "/");
        const std::optional<std::string> near = is_there  ? part
                                                : is_file ? nearest_file(part, names)
                                                          : nearest_folder(part, names);
        if (!near) return std::nullopt;
        at = joined(at, *near);
        if (is_file) return at;
        begin = slash + 1;
    }
}

// Looked for in the folder of `from`, and in those in it.
std::optional<std::string> same_name(const base::Files& files, std::string_view from, const std::string& written) {
    const std::string name = written.substr(written.find_last_of("/\\") + 1);  // npos + 1 is 0
    const std::size_t slash = from.rfind('/');
    const std::string here(slash == std::string_view::npos ? std::string_view() : from.substr(0, slash));
    const std::vector<std::string> names = files.names_in(here);
    if (has(names, name)) return joined(here, name);
    std::size_t looked = 0;
    for (const std::string& one : names) {
        if (!one.ends_with('/') || ++looked > max_folders) continue;
        const std::string beside = joined(here, one.substr(0, one.size() - 1));
        if (has(files.names_in(beside), name)) return joined(beside, name);
    }
    return std::nullopt;
}

// Written with another slash or another ending.
std::optional<std::string> other_spelling(const base::Files& files, std::string_view from, std::string name) {
    std::vector<std::string> others;
    if (name.find('\\') != std::string::npos) {
        std::replace(name.begin(), name.end(), '\\', '/');
        others.push_back(name);
    }
    const std::string stem = name.substr(0, name.rfind('.') > name.rfind('/') + 1 ? name.rfind('.') : name.size());
    for (const char* const ending : {".yaml", ".yml"}) {
        others.push_back(name + ending);
        others.push_back(stem + ending);
    }
    for (const std::string& other : others) {
        const base::Result<std::string> path = base::join_path(from, other);
        if (path && files.read(*path)) return other;
    }
    return std::nullopt;
}

}  // namespace

// A name that is found is read once more: what cannot be read is no way out.
std::optional<std::string> near_file(const base::Files& files, std::string_view from, const std::string& name) {
    if (auto other = other_spelling(files, from, name)) return other;
    if (from.empty()) return std::nullopt;
    const base::Result<std::string> path = base::join_path(from, name);
    const auto near = path ? near_path(files, *path) : std::nullopt;
    for (const auto& found : {near, same_name(files, from, name)})
        if (found && *found != from && files.read(*found)) return base::path_from(from, *found);
    return std::nullopt;
}

}  // namespace pvsplan::resolve
