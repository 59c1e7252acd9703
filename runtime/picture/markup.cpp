#include "runtime/picture/markup.hpp"

#include "compiler/diag/display.hpp"

namespace pvsplan::picture {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : diag::harmless(text)) switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    return out;
}

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : diag::harmless(text)) switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '<': out += "\\u003c"; break;  // no end of the script, and no comment
            default: out += c;
        }
    return out + "\"";
}

}  // namespace pvsplan::picture
