#include "runtime/picture/markup.hpp"

#include "compiler/diag/display.hpp"

namespace pvsplan::picture {

// Enough for text and for attributes between quotes. What steers a terminal or turns the direction of writing is taken
// out before.
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

// A backtick without another one is text. Each piece is escaped by itself, so that the only tags are those written
// here.
std::string escaped_with_code(std::string_view text) {
    std::string out;
    for (;;) {
        const std::size_t open = text.find('`');
        const std::size_t close = open == std::string_view::npos ? open : text.find('`', open + 1);
        if (close == std::string_view::npos) return out + escaped(text);
        out += escaped(text.substr(0, open)) + "<code>" + escaped(text.substr(open + 1, close - open - 1)) + "</code>";
        text.remove_prefix(close + 1);
    }
}

// Control characters are gone after harmless(), so that quote and backslash are all that JSON wants escaped.
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
