#include "runtime/doc/roff.hpp"

namespace pvsplan::doc {

// A line must not begin with a request, a backslash begins an escape, and a plain `-` may be printed as a hyphen, which
// cannot be copied into a shell.
std::string roff(std::string_view text) {
    std::string result = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    bool is_code = false;
    for (const char c : text) {
        switch (c) {
            case '\\': result += "\\e"; break;
            case '-': result += "\\-"; break;
            case '\n': result += "\n.PP\n"; break;
            case '`':
                is_code = !is_code;
                result += is_code ? "\\fB" : "\\fR";
                break;
            default: result += c;
        }
    }
    return result;
}

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
