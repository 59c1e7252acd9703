#include "runtime/doc/roff.hpp"

#include <algorithm>

#include "compiler/diag/display.hpp"

namespace pvsplan::doc {

// A line must not begin with a request, a backslash begins an escape, and a plain `-` may be printed as a hyphen, which
// cannot be copied into a shell.
std::string roff(std::string_view text) {
    std::string result;
    bool is_code = false;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = diag::harmless(text.substr(at, end - at));
        if (at > 0) result += "\n.PP\n";
        if (line.starts_with('.') || line.starts_with('\'')) result += "\\&";
        for (const char c : line) {
            switch (c) {
                case '\\': result += "\\e"; break;
                case '-': result += "\\-"; break;
                case '`':
                    is_code = !is_code;
                    result += is_code ? "\\fB" : "\\fR";
                    break;
                default: result += c;
            }
        }
        at = end + 1;
    }
    return result;
}

// In capitals, as manual pages have them; characters beyond ASCII stay.
std::string roff_section(std::string_view title) {
    std::string upper(title);
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return ".SH \"" + roff(upper) + "\"\n";
}

std::string roff_entry(const std::string& term, std::string_view text) {
    return ".TP\n" + term + "\n" + roff(text) + "\n";
}

}  // namespace pvsplan::doc
