#include "compiler/syntax/ends.hpp"

#include <algorithm>

namespace pvsplan::syntax {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t end_of_line(std::string_view source, std::size_t at) {
    return std::min(source.find('\n', at), source.size());
}

}  // namespace

// A `#` begins a comment at the start of a word only: `a#b` is one text.
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

// Anchors and tags before a value.
std::size_t skip_properties(std::string_view source, std::size_t at) {
    while (at < source.size() && (source[at] == '&' || source[at] == '!')) {
        static constexpr std::string_view ends = " \t\r\n,[]{}";
        // A tag between `<` and `>` may hold a comma: `!<tag:yaml.org,2002:str>`.
        const bool is_verbatim = source.substr(at).starts_with("!<");
        const std::size_t end = is_verbatim ? source.find('>', at) : source.find_first_of(ends, at);
        if (end == std::string_view::npos) return source.size();
        at = skip_space(source, is_verbatim ? end + 1 : end);
    }
    return at;
}

// Behind the closing quote; nothing: it is not closed.
std::optional<std::size_t> end_of_quoted(std::string_view source, std::size_t at) {
    const char quote = source[at];
    for (++at; at < source.size(); ++at) {
        if (quote == '"' && source[at] == '\\') {
            ++at;
        } else if (source[at] == quote) {
            if (quote == '"' || at + 1 >= source.size() || source[at + 1] != '\'') return at + 1;
            ++at;
        }
    }
    return std::nullopt;
}

// Walks along both: where the value has a blank or a line break, the source may have any number of blanks and line
// breaks, since YAML folds them.
std::size_t end_of_plain(std::string_view source, std::size_t at, std::string_view value) {
    if (at <= source.size() && source.substr(at).starts_with(value)) return at + value.size();  // as nearly always
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

// The value alone would not tell: folding and stripping have changed its lines. So the indentation is found, and the
// text ends before the first line that stands further left.
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

namespace {

// Bytes of the escape that starts with the backslash at `at`.
std::size_t escape_length(std::string_view source, std::size_t at) {
    const char code = at + 1 < source.size() ? source[at + 1] : '\0';
    return code == 'x' ? 4 : code == 'u' ? 6 : code == 'U' ? 10 : 2;
}

// Bytes of the UTF-8 character at `at`.
std::size_t character_length(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    return end - at;
}

}  // namespace

// Walks along both in one pass. An escape gives all bytes of its character one place; blanks that folding took out have
// none; a line break that folding made of nothing has an empty place.
std::optional<std::vector<BytePlace>> align(std::string_view source, std::size_t begin, std::size_t end,
                                            std::string_view text) {
    source = source.substr(0, end);
    std::size_t at = begin;
    const char style = at < end ? source[at] : '\0';
    if (style == '"' || style == '\'')
        ++at;
    else if (style == '|' || style == '>')
        at = std::min(end_of_line(source, at) + 1, end);
    std::vector<BytePlace> places;
    places.reserve(text.size());
    const auto take = [&](std::size_t bytes_of_text, std::size_t bytes_of_source) {
        const BytePlace place{static_cast<std::uint32_t>(at),
                              static_cast<std::uint32_t>(std::min(at + bytes_of_source, end))};
        places.insert(places.end(), bytes_of_text, place);
        at += bytes_of_source;
    };
    while (places.size() < text.size()) {
        const char wanted = text[places.size()];
        const char c = at < end ? source[at] : '\0';
        if (style == '"' && c == '\\') {
            const bool joins_lines = at + 1 < end && (source[at + 1] == '\n' || source[at + 1] == '\r');
            if (joins_lines)
                at += 2;
            else
                take(character_length(text, places.size()), escape_length(source, at));
        } else if (style == '\'' && c == '\'' && wanted == '\'') {
            take(1, 2);
        } else if (at < end && (c == wanted || (is_space(c) && is_space(wanted)))) {
            take(1, 1);
        } else if (at < end && is_space(c)) {
            ++at;
        } else if (is_space(wanted)) {
            take(1, 0);
        } else {
            return std::nullopt;
        }
    }
    return places;
}

}  // namespace pvsplan::syntax
