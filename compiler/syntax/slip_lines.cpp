#include "compiler/syntax/slip_lines.hpp"

#include <algorithm>

#include "compiler/syntax/ends.hpp"

namespace pvsplan::syntax {

// Only spaces count as indentation; a tab before the first word is a word of its own here, and found as that.
SlipLine SlipLines::line(std::size_t number) const {
    const std::size_t begin = (*begins_)[number];
    std::size_t end = number + 1 < begins_->size() ? (*begins_)[number + 1] - 1 : source_.size();
    while (end > begin && (source_[end - 1] == ' ' || source_[end - 1] == '\r' || source_[end - 1] == '\t')) --end;
    std::size_t word = begin;
    while (word < end && source_[word] == ' ') ++word;
    return {begin, word, end};
}

// Nothing: only blank lines follow.
std::optional<std::size_t> SlipLines::next_filled(std::size_t number) const {
    for (++number; number < begins_->size(); ++number)
        if (!is_empty(line(number))) return number;
    return std::nullopt;
}

std::size_t SlipLines::behind_dash(std::size_t offset, std::size_t end) const {
    return std::min(source_.find_first_not_of(' ', offset + 1), end);
}

// Before a comment, and before the blanks in front of it.
std::size_t SlipLines::end_of_words(std::size_t from, std::size_t end) const {
    std::size_t comment = source_.substr(0, end).find(" #", from);
    if (comment == std::string_view::npos) return end;
    while (comment > from && source_[comment - 1] == ' ') --comment;
    return comment;
}

// A `:` ends a key if a blank or the end of the line follows it: `http://x` is none.
std::optional<std::size_t> SlipLines::colon_of_key(std::size_t from, std::size_t end) const {
    const auto ends_key = [&](std::size_t colon) {
        return at(colon) == ':' && (colon + 1 >= end || at(colon + 1) == ' ' || at(colon + 1) == '\t');
    };
    if (at(from) == '"' || at(from) == '\'') {
        std::size_t behind = end_of_quoted(source_.substr(0, end), from).value_or(end);
        while (behind < end && at(behind) == ' ') ++behind;
        return behind < end && ends_key(behind) ? std::optional(behind) : std::nullopt;
    }
    if (at(from) == '[' || at(from) == '{') return std::nullopt;
    const std::size_t words = end_of_words(from, end);
    for (std::size_t colon = source_.find(':', from); colon < words; colon = source_.find(':', colon + 1))
        if (ends_key(colon)) return colon;
    return std::nullopt;
}

// `key: …` with an ordinary word before the colon, or `- …`.
bool SlipLines::looks_like_entry(const SlipLine& l) const {
    std::size_t word = l.word;
    if (is_dash(word, l.end)) return true;
    while (word < l.end && is_word(at(word))) ++word;
    return word > l.word && is_letter(at(l.word)) && at(word) == ':' && (word + 1 >= l.end || at(word + 1) == ' ');
}

// Also behind dashes; empty where the line has no key.
std::string SlipLines::key_at(std::size_t number) const {
    const SlipLine l = line(number);
    std::size_t word = l.word;
    while (is_dash(word, l.end)) word = behind_dash(word, l.end);
    const std::optional<std::size_t> colon = colon_of_key(word, l.end);
    return colon ? std::string(source_.substr(word, *colon - word)) : std::string();
}

bool SlipLines::holds_more(std::size_t end) const {
    while (end > 0 && (at(end - 1) == '-' || at(end - 1) == '+')) --end;
    return end > 0 && (at(end - 1) == ':' || at(end - 1) == '|' || at(end - 1) == '>');
}

}  // namespace pvsplan::syntax
