#include "compiler/syntax/ends.hpp"

#include <algorithm>

namespace pvsplan::syntax {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t end_of_line(std::string_view source, std::size_t at) {
    return std::min(source.find('\n', at), source.size());
}

}  // namespace

std::size_t skip_space(std::string_view source, std::size_t at) {
    while (at < source.size()) {
        if (is_space(source[at]))
            ++at;
        else if (source[at] == '#' && (at == 0 || is_space(source[at - 1])))
            at = end_of_line(source, at);
        else
            break;
    }
    return at;
}

std::size_t skip_properties(std::string_view source, std::size_t at) {
    while (at < source.size() && (source[at] == '&' || source[at] == '!')) {
        static constexpr std::string_view ends = " \t\r\n,[]{}";
        at = source.starts_with("!<") ? source.find('>', at) + 1
                                      : std::min(source.find_first_of(ends, at), source.size());
        at = skip_space(source, at);
    }
    return at;
}

std::size_t end_of_quoted(std::string_view source, std::size_t at) {
    const char quote = source[at];
    for (++at; at < source.size(); ++at) {
        if (quote == '"' && source[at] == '\\') {
            ++at;
        } else if (source[at] == quote) {
            if (quote == '"' || at + 1 >= source.size() || source[at + 1] != '\'') return at + 1;
            ++at;
        }
    }
    return source.size();
}

std::size_t end_of_plain(std::string_view source, std::size_t at, std::string_view value) {
    std::size_t end = at;
    for (std::size_t i = 0; i < value.size();) {
        if (at < source.size() && source[at] == value[i]) {
            end = ++at;
            ++i;
        } else if (is_space(value[i]) && at < source.size() && is_space(source[at])) {
            while (i < value.size() && is_space(value[i])) ++i;
            while (at < source.size() && is_space(source[at])) ++at;
        } else if (at < source.size() && is_space(source[at])) {
            ++at;
        } else {
            break;
        }
    }
    return end;
}

std::size_t end_of_block(std::string_view source, std::size_t at, std::string_view value) {
    std::size_t line = end_of_line(source, at);
    std::size_t end = line;
    while (end > at && is_space(source[end - 1])) --end;
    const std::size_t first = value.find_first_not_of("\r\n");
    if (first == std::string_view::npos) return end;
    // The first line that is not blank tells the indentation: spaces in the source less spaces in the value.
    std::size_t indent = std::string_view::npos;
    while (line < source.size()) {
        const std::size_t begin = line + 1;
        line = end_of_line(source, begin);
        std::size_t text = begin;
        while (text < line && source[text] == ' ') ++text;
        const bool is_blank = text == line || source[text] == '\r';
        if (is_blank) continue;
        if (indent == std::string_view::npos) {
            const std::size_t in_value = value.find_first_not_of(" \r\n");
            const std::size_t value_line = in_value == std::string_view::npos ? first : value.rfind('\n', in_value) + 1;
            const std::size_t spaces = in_value == std::string_view::npos ? 0 : in_value - value_line;
            indent = text - begin - std::min(text - begin, spaces);
        } else if (text - begin < indent) {
            break;
        }
        if (text == begin && (source.substr(begin, 3) == "---" || source.substr(begin, 3) == "...")) break;
        end = line;
    }
    while (end > at && is_space(source[end - 1])) --end;
    return end;
}

std::size_t end_of_flow(std::string_view source, std::size_t at) {
    while (at < source.size() && source[at] != ']' && source[at] != '}') {
        const std::size_t next = skip_space(source, at);
        at = next > at ? next : at + 1;
    }
    return std::min(at + 1, source.size());
}

}  // namespace pvsplan::syntax
