#include "compiler/resolve/library.hpp"

#include <span>

#include "compiler/base/embedded.hpp"

namespace pvsplan::resolve {

std::span<const base::Embedded> library_files();  // embedded: "pvs/module.yaml"

namespace {
constexpr std::string_view folder = "stdlib/";
constexpr std::string_view endings[] = {"/module.yaml", ".policy.yaml"};
}  // namespace

std::optional<std::string_view> library_text(std::string_view path) {
    if (!path.starts_with(folder)) return std::nullopt;
    path.remove_prefix(folder.size());
    for (const base::Embedded& file : library_files())
        if (file.name == path) return file.text;
    return std::nullopt;
}

std::string library_name(std::string_view path) {
    if (path.starts_with(folder)) path.remove_prefix(folder.size());
    for (const std::string_view ending : endings)
        if (path.ends_with(ending)) path.remove_suffix(ending.size());
    return std::string(path);
}

std::vector<std::string> library_names() {
    std::vector<std::string> names;
    for (const base::Embedded& file : library_files())
        for (const std::string_view ending : endings)
            if (file.name.ends_with(ending)) names.push_back(library_name(file.name));
    return names;
}

}  // namespace pvsplan::resolve
