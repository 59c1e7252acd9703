#include "compiler/diag/explain.hpp"

#include <algorithm>
#include <string>

namespace pvsplan::diag {

std::optional<std::string_view> explain_page(std::string_view code) {
    std::string name(code);
    if (name.size() > 2 && (name[0] == 'p' || name[0] == 'P') && (name[1] == 'v' || name[1] == 'V')) name.erase(0, 2);
    name = "PV" + name + ".md";
    const auto pages = explain_pages();
    const auto found =
        std::find_if(pages.begin(), pages.end(), [&](const base::Embedded& p) { return p.name == name; });
    if (found == pages.end()) return std::nullopt;
    return found->text;
}

std::string_view page_title(std::string_view page) {
    const std::string_view line = page.substr(0, page.find('\n'));
    const std::size_t colon = line.find(": ");
    return colon == std::string_view::npos ? line : line.substr(colon + 2);
}

}  // namespace pvsplan::diag
