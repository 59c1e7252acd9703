#include "compiler/base/embedded.hpp"

#include "compiler/base/check.hpp"

namespace pvsplan::base {

std::optional<std::string_view> find_text(std::span<const Embedded> files, std::string_view name) {
    for (const Embedded& file : files)
        if (file.name == name) return file.text;
    return std::nullopt;
}

std::string_view text_of(std::span<const Embedded> files, std::string_view name) {
    const auto text = find_text(files, name);
    check(text.has_value(), "a file of this name is compiled in");
    return *text;
}

}  // namespace pvsplan::base
