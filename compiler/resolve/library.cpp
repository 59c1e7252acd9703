#include "compiler/resolve/library.hpp"

#include <span>

#include "compiler/base/embedded.hpp"

namespace pvsplan::resolve {

std::span<const base::Embedded> library_files();  // embedded: "pvs/module.yaml"

namespace {
constexpr std::string_view folder = "stdlib/";
constexpr std::string_view endings[] = {"/module.yaml", ".policy.yaml"};
constexpr std::string_view script_ending = ".ps1";
}  // namespace

std::optional<std::string_view> library_text(std::string_view path) {
    if (!path.starts_with(folder)) return std::nullopt;
    path.remove_prefix(folder.size());
    return base::find_text(library_files(), path);
}

// As plans and modules name it.
std::string library_name(std::string_view path) {
    if (path.starts_with(folder)) path.remove_prefix(folder.size());
    for (const std::string_view ending : {endings[0], endings[1], script_ending})
        if (path.ends_with(ending)) path.remove_suffix(ending.size());
    return std::string(path);
}

std::vector<std::string> library_paths() {
    std::vector<std::string> paths;
    for (const base::Embedded& file : library_files()) paths.emplace_back(file.name);
    return paths;
}

std::vector<std::string> library_names() {
    std::vector<std::string> names;
    for (const base::Embedded& file : library_files())
        for (const std::string_view ending : endings)
            if (file.name.ends_with(ending)) names.push_back(library_name(file.name));
    return names;
}

std::string library_script(std::string_view name) {
    return std::string(folder) + std::string(name) + std::string(script_ending);
}

std::vector<std::string> library_scripts() {
    std::vector<std::string> names;
    for (const base::Embedded& file : library_files()) {
        std::string_view name = file.name;
        // Scripts of single actions lie a folder deeper.
        if (!name.ends_with(script_ending) || name.find('/') != name.rfind('/')) continue;
        name.remove_suffix(script_ending.size());
        names.emplace_back(name);
    }
    return names;
}

}  // namespace pvsplan::resolve
