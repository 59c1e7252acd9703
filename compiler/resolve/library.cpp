#include "compiler/resolve/library.hpp"

#include <span>

#include "compiler/base/embedded.hpp"

namespace pvsplan::resolve {

std::span<const base::Embedded> library_files();  // embedded: "pvs/module.yaml"

std::optional<std::string_view> library_text(std::string_view path) {
    static constexpr std::string_view folder = "stdlib/";
    if (!path.starts_with(folder)) return std::nullopt;
    path.remove_prefix(folder.size());
    for (const base::Embedded& file : library_files())
        if (file.name == path) return file.text;
    return std::nullopt;
}

std::vector<std::string> library_names() {
    std::vector<std::string> names;
    for (const base::Embedded& file : library_files()) {
        std::string_view name = file.name;
        for (const std::string_view ending : {"/module.yaml", ".policy.yaml"})
            if (name.ends_with(ending)) names.emplace_back(name.substr(0, name.size() - ending.size()));
    }
    return names;
}

}  // namespace pvsplan::resolve
