#include "runtime/lsp/json_bounds.hpp"

#include <charconv>
#include <cstdint>
#include <string_view>

namespace pvsplan::lsp {
namespace {

// The number behind `\u` at that place.
std::optional<std::uint32_t> unit_at(std::string_view text, std::size_t at) {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
    std::uint32_t unit = 0;
    const char* const end = text.data() + at + 6;
    const auto [stop, error] = std::from_chars(text.data() + at + 2, end, unit, 16);
    if (error != std::errc() || stop != end) return std::nullopt;
    return unit;
}

bool is_high(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// Mends the escape at that place; where the text goes on. A half of a surrogate pair stands for no character, and the
// library refuses the whole message for one. An escape that is no `\u` takes one character along, whatever it is.
std::size_t behind_escape(std::string& text, std::size_t at) {
    const auto unit = unit_at(text, at);
    if (!unit) return at + 2;
    if (is_high(*unit)) {
        const auto next = unit_at(text, at + 6);
        if (next && is_low(*next)) return at + 12;
    }
    if (is_high(*unit) || is_low(*unit)) text.replace(at + 2, 4, "fffd");
    return at + 6;
}

}  // namespace

// Without reading it as JSON, and in one look: brackets and commas outside of texts are counted, which bounds what the
// library would build. What is not JSON is left to the library.
std::optional<std::string> refuse_json(std::string& text) {
    std::size_t depth = 0;
    std::size_t values = 0;
    bool is_in_string = false;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (is_in_string && c == '\\') {
            at = behind_escape(text, at);
            continue;
        }
        ++at;
        if (c == '"') is_in_string = !is_in_string;
        if (is_in_string) continue;
        if (c == '[' || c == '{') ++depth;
        if ((c == ']' || c == '}') && depth > 0) --depth;
        if (c == ',' || c == '[' || c == '{') ++values;
        if (depth > max_json_depth) return "a message that is nested deeper than " + std::to_string(max_json_depth);
        if (values > max_json_values) return "a message of more than " + std::to_string(max_json_values) + " values";
    }
    return std::nullopt;
}

}  // namespace pvsplan::lsp
