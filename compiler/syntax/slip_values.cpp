// Values after a key or a `-`: texts, with quotes and without, and lists and mappings between brackets.
#include <fmt/core.h>

#include "compiler/syntax/ends.hpp"
#include "compiler/syntax/slip_scanner.hpp"

namespace pvsplan::syntax {
namespace {

// A text that YAML may read otherwise, between quotes that let it be.
std::string quoted(std::string_view text) {
    const char quote = text.find('\'') == std::string_view::npos ? '\'' : '"';
    return quote + std::string(text) + quote;
}

}  // namespace

// A value tells what may follow on deeper lines: the lines of a block, the rest of a text, or nothing.
void SlipScanner::read_value(std::size_t from, std::size_t end) {
    from = std::min(skip_properties(source_.substr(0, end), from), end);
    if (from >= end) {
        if (!levels_.empty()) levels_.back().has_value = false;
        return;
    }
    switch (text_.at(from)) {
        case '|':
        case '>': block_ = Block{levels_.empty() ? 0 : levels_.back().column, number_}; return;
        case '"':
        case '\'': return read_quoted(from, end);
        case '[':
        case '{': return read_flow(from);
        case '*': return;
        default: return read_plain(from, end);
    }
}

// A text without quotes, which may go on in the next line.
void SlipScanner::read_plain(std::size_t from, std::size_t end) {
    if (!levels_.empty()) levels_.back().goes_on = true;
    const std::size_t words = text_.end_of_words(from, end);
    if (text_.is_dash(from, end))
        return suspect(codes::stray_dash, from, from + 1, "stands on the line of its key",
                       "start the list on the next line, or write `[one, two]`");
    if (begins_typographic(source_.substr(from)))
        suspect(codes::typographic_quotes, from, words, "", "write `\"` or `'`");
    for (std::size_t colon = source_.find(':', from); colon < words; colon = source_.find(':', colon + 1))
        if (colon + 1 >= words || text_.at(colon + 1) == ' ')
            return suspect(codes::colon_in_text, colon, colon + 1, "this text",
                           fmt::format("write `{}`", quoted(source_.substr(from, words - from))));
}

// Quotes that reach over a line which looks like an entry of its own were most likely not closed: YAML would find their
// end only at the next quote, perhaps a screen below.
std::size_t SlipScanner::skip_quoted(std::size_t from) {
    const std::size_t parent = levels_.empty() ? 0 : levels_.back().column;
    const std::size_t close = end_of_quoted(source_, from).value_or(source_.size() + 1);
    const auto not_closed = [&] {
        suspect(codes::not_closed, from, from + 1, fmt::format("`{}`", text_.at(from)),
                "the text goes on until the next one; a backslash at its end is `\\\\` between `\"`");
        return source_.size();
    };
    std::size_t number = number_;
    while (number + 1 < text_.count() && text_.line(number + 1).begin < close) {
        const SlipLine next = text_.line(++number);
        if (text_.is_empty(next)) continue;
        if (levels_.empty() ? text_.looks_like_entry(next) : next.column() <= parent || text_.looks_like_entry(next))
            return not_closed();
    }
    if (close > source_.size()) return not_closed();
    number_ = number;
    return close;
}

// Only what stands behind the quote in its last line is looked at.
void SlipScanner::read_quoted(std::size_t from, std::size_t end) {
    if (!levels_.empty()) levels_.back().goes_on = false;
    const std::size_t first = number_;
    const std::size_t close = skip_quoted(from);
    if (slip_ || number_ != first || close >= end) return;
    const std::size_t rest = source_.substr(0, end).find_first_not_of(' ', close);
    if (rest != std::string_view::npos && text_.at(rest) != '#' && text_.at(rest) != ':')
        suspect(codes::bad_yaml, rest, end, "text behind the closing quote",
                "put all of it between quotes; within `'` a quote is `''`, within `\"` it is `\\\"`");
}

// Brackets are counted by kind. They were not closed where a line stands no further right than their key or begins with
// a `-`, as no text between brackets is written.
void SlipScanner::read_flow(std::size_t from) {
    struct Open {
        char close;
        std::size_t at;
    };
    std::vector<Open> open;
    const std::size_t parent = levels_.empty() ? 0 : levels_.back().column;
    const auto not_closed = [&](const Open& o) {
        suspect(codes::not_closed, o.at, o.at + 1, fmt::format("`{}`", text_.at(o.at)),
                fmt::format("write a `{}` behind its last entry", o.close));
    };
    bool is_start = true;  // of an entry: a quote here opens a text
    for (std::size_t i = from; !slip_;) {
        const SlipLine l = text_.line(number_);
        if (i >= l.end || (text_.at(i) == '#' && text_.at(i - 1) == ' ')) {
            const std::optional<std::size_t> next = text_.next_filled(number_);
            if (!next) return not_closed(open.back());
            const SlipLine n = text_.line(*next);
            const bool is_closing = text_.at(n.word) == ']' || text_.at(n.word) == '}';
            const bool is_outside = n.column() <= parent && !levels_.empty() && !is_closing;
            if (is_outside || text_.is_dash(n.word, n.end)) return not_closed(open.back());
            number_ = *next;
            i = n.word;
            is_start = true;
            continue;
        }
        const char c = text_.at(i);
        if (is_start && (c == '"' || c == '\'')) {
            i = skip_quoted(i);
            is_start = false;
            continue;
        }
        if (c == '{' && i > from && text_.at(i - 1) == '$') {
            const std::size_t close = source_.find_first_of("}\n", i);
            const std::size_t end = std::min(close == std::string_view::npos ? l.end : close + 1, l.end);
            suspect(codes::bare_hole, i - 1, end, fmt::format("`{}`", source_.substr(i - 1, end - i + 1)),
                    fmt::format("write `\"{}\"`", source_.substr(i - 1, end - i + 1)));
            i = end;  // innocent
            continue;
        }
        if (c == '[' || c == '{') {
            open.push_back({c == '[' ? ']' : '}', i});
        } else if (c == ']' || c == '}') {
            if (open.back().close != c) return not_closed(open.back());
            open.pop_back();
            if (open.empty()) {
                if (text_.at(i + 1) == ']' || text_.at(i + 1) == '}')
                    suspect(codes::not_opened, i + 1, i + 2, fmt::format("`{}`", text_.at(i + 1)), "leave it out");
                if (!levels_.empty()) levels_.back().goes_on = false;
                return;
            }
        }
        is_start = c == ' ' ? is_start : c == '[' || c == '{' || c == ',' || c == ':';
        ++i;
    }
}

}  // namespace pvsplan::syntax
