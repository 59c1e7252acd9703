#include "compiler/diag/explain.hpp"

#include <algorithm>

#include "compiler/base/lists.hpp"
#include "compiler/diag/display.hpp"

namespace pvsplan::diag {

// In capitals or not, and without the letters before the digits as well.
std::optional<std::string_view> explain_page(std::string_view code) {
    std::string name(code);
    if (name.size() > 2 && (name[0] == 'p' || name[0] == 'P') && (name[1] == 'v' || name[1] == 'V')) name.erase(0, 2);
    name = "PV" + name + ".md";
    return base::find_text(explain_pages(), name);
}

// Prose is joined and wrapped anew; titles, empty lines and everything between fences stay as they are.
std::string page_text(std::string_view page, std::uint32_t width) {
    static constexpr std::string_view fence = "```";
    std::string text;
    std::string prose;
    const auto end_prose = [&] {
        for (const std::string& line : wrapped(prose, width)) text += line + "\n";
        prose.clear();
    };
    bool is_example = false;
    while (!page.empty()) {
        const std::size_t end = std::min(page.find('\n'), page.size());
        const std::string_view line = page.substr(0, end);
        page.remove_prefix(std::min(end + 1, page.size()));
        const bool is_fence = line.starts_with(fence);
        if (is_example || is_fence || line.empty() || line.front() == '#') {
            if (!prose.empty()) end_prose();
            text += std::string(line) + "\n";
        } else {
            base::append(prose, " ", line);
        }
        if (is_fence) is_example = !is_example;
    }
    if (!prose.empty()) end_prose();
    return text;
}

// The first line, behind the code.
std::string_view page_title(std::string_view page) {
    const std::string_view line = page.substr(0, page.find('\n'));
    const std::size_t colon = line.find(": ");
    return colon == std::string_view::npos ? line : line.substr(colon + 2);
}

}  // namespace pvsplan::diag
