#include "compiler/signs.hpp"

#include <algorithm>

#include "grammar/shapes.hpp"

namespace pvsplan::compiler {
namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
}

std::size_t end_of_word(std::string_view line, std::size_t at) {
    while (at < line.size() && is_word(line[at])) ++at;
    return at;
}

// Behind the quote that closes the text that begins at `at`, or the end of the line.
std::size_t behind_quoted(std::string_view line, std::size_t at) {
    const char quote = line[at];
    for (std::size_t i = at + 1; i < line.size(); ++i) {
        if (quote == '"' && line[i] == '\\')
            ++i;
        else if (line[i] == quote)
            return i + 1;
    }
    return line.size();
}

// A quote within a word is an apostrophe.
bool opens_text(std::string_view line, std::size_t at) {
    return (line[at] == '"' || line[at] == '\'') &&
           (at == 0 || std::string_view(" ,:[{(=").find(line[at - 1]) != std::string_view::npos);
}

// Where its words end and a comment, or blanks, begin.
std::size_t end_of_words(std::string_view line) {
    std::size_t end = line.size();
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (opens_text(line, i)) {
            i = behind_quoted(line, i) - 1;
        } else if (line[i] == '#' && i > 0 && line[i - 1] == ' ') {
            end = i;
            break;
        }
    }
    while (end > 0 && line[end - 1] == ' ') --end;
    return end;
}

char closing(char opening) { return opening == '{' ? '}' : opening == '[' ? ']' : ')'; }

bool is_key_of_language(std::string_view name) {
    const auto shapes = grammar::shapes();
    return std::any_of(shapes.begin(), shapes.end(),
                       [&](const grammar::Shape& shape) { return shape.key(name) != nullptr; });
}

}  // namespace

std::size_t begin_of_value(std::string_view line) {
    std::size_t at = std::min(line.find_first_not_of(' '), line.size());
    while (line.substr(at).starts_with("- ")) at = std::min(line.find_first_not_of(' ', at + 1), line.size());
    const std::size_t end = end_of_word(line, at);
    if (end > at && end < line.size() && line[end] == ':')
        return std::min(line.find_first_not_of(' ', end + 1), line.size());
    return at;
}

std::string with_closed_brackets(std::string_view line) {
    std::string written;
    std::string open;
    const std::size_t end = end_of_words(line);
    for (std::size_t i = 0; i < end; ++i) {
        if (opens_text(line, i)) {
            const std::size_t behind = std::min(behind_quoted(line, i), end);
            written += line.substr(i, behind - i);
            i = behind - 1;
            continue;
        }
        const char c = line[i];
        if (c == '{' || c == '[' || c == '(') open += closing(c);
        if (c == '}' || c == ']' || c == ')') {
            if (open.empty()) continue;
            written += open.back();
            open.pop_back();
            continue;
        }
        written += c;
    }
    written.append(open.rbegin(), open.rend());
    return written + std::string(line.substr(end));
}

std::string with_opened_brackets(std::string_view line) {
    std::string missing;
    std::string open;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (opens_text(line, i)) {
            i = behind_quoted(line, i) - 1;
            continue;
        }
        const char c = line[i];
        if (c == '{' || c == '[' || c == '(') open += c;
        if (c == '}' || c == ']' || c == ')') {
            if (open.empty())
                missing += c == '}' ? '{' : c == ']' ? '[' : '(';
            else
                open.pop_back();
        }
    }
    std::string written(line);
    written.insert(begin_of_value(line), std::string(missing.rbegin(), missing.rend()));
    return written;
}

// Before the next key between brackets, before the brackets that end the line, and at its end.
std::vector<std::string> with_closed_quote(std::string_view line, std::size_t quote) {
    std::vector<std::size_t> places;
    for (std::size_t comma = line.find(", ", quote); comma != std::string_view::npos;
         comma = line.find(", ", comma + 1)) {
        const std::size_t end = end_of_word(line, comma + 2);
        if (end > comma + 2 && line.substr(end).starts_with(": ")) {
            places.push_back(comma);
            break;
        }
    }
    std::size_t end = line.size();
    while (end > quote && line[end - 1] == ' ') --end;
    std::size_t before_brackets = end;
    while (before_brackets > quote + 1 && (line[before_brackets - 1] == '}' || line[before_brackets - 1] == ']')) {
        --before_brackets;
        places.push_back(before_brackets);
    }
    places.push_back(end);
    std::vector<std::string> written;
    for (const std::size_t place : places) {
        std::string one(line);
        // A quote of the other kind was meant for this one.
        const bool is_other = place > quote + 1 && (one[place - 1] == '"' || one[place - 1] == '\'');
        if (is_other)
            one[place - 1] = line[quote];
        else
            one.insert(place, 1, line[quote]);
        written.push_back(std::move(one));
    }
    return written;
}

std::vector<std::string> with_opened_quote(std::string_view line, std::size_t mark) {
    static constexpr std::size_t max_keys = 3;
    std::size_t close = line.size();
    for (std::size_t i = 0; i < line.size() && close == line.size(); ++i) {
        if (opens_text(line, i)) {
            i = behind_quoted(line, i) - 1;
            continue;
        }
        const bool ends = i + 1 == line.size() || std::string_view(" ,}]").find(line[i + 1]) != std::string_view::npos;
        if (i >= mark && ends && (line[i] == '"' || line[i] == '\'')) close = i;
    }
    std::vector<std::string> written;
    if (close == line.size()) return written;
    for (std::size_t colon = line.rfind(": ", close); colon != std::string_view::npos && written.size() < max_keys;
         colon = colon == 0 ? std::string_view::npos : line.rfind(": ", colon - 1)) {
        const std::size_t value = std::min(line.find_first_not_of(' ', colon + 1), close);
        std::string one(line);
        written.push_back(std::move(one.insert(value, 1, line[close])));
    }
    return written;
}

std::string with_doubled_backslashes(std::string_view line) {
    std::string written;
    bool is_text = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') is_text = !is_text;
        written += line[i];
        if (is_text && line[i] == '\\' && (i + 1 >= line.size() || line[i + 1] != '"')) written += '\\';
    }
    return written;
}

std::string with_quoted_value(std::string_view line) {
    const std::size_t begin = begin_of_value(line);
    const std::size_t end = end_of_words(line);
    if (begin >= end || line[begin] == '"' || line[begin] == '\'') return std::string(line);
    const std::string_view value = line.substr(begin, end - begin);
    const char quote =
        value.find('"') == std::string_view::npos && value.find('\\') == std::string_view::npos ? '"' : '\'';
    if (value.find(quote) != std::string_view::npos) return std::string(line);
    return std::string(line.substr(0, begin)) + quote + std::string(value) + quote + std::string(line.substr(end));
}

// In the column of the first key of the line.
std::string with_lines_of_keys(std::string_view line) {
    std::size_t column = std::min(line.find_first_not_of(' '), line.size());
    while (line.substr(column).starts_with("- "))
        column = std::min(line.find_first_not_of(' ', column + 1), line.size());
    std::string written;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const std::size_t end = end_of_word(line, i);
        const bool begins = i > begin_of_value(line) && line[i - 1] == ' ' && end > i &&
                            line.substr(end).starts_with(":") && is_key_of_language(line.substr(i, end - i));
        if (begins) {
            while (!written.empty() && std::string_view(" ,;").find(written.back()) != std::string_view::npos)
                written.pop_back();
            written += "\n" + std::string(column, ' ');
        }
        written += line[i];
    }
    return written;
}

}  // namespace pvsplan::compiler
