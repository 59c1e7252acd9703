// The lines of a text that YAML does not take, one by one: where each begins, and what the characters of it may be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::syntax {

struct SlipLine {
    std::size_t begin = 0;
    std::size_t word = 0;  // the first character that is no blank
    std::size_t end = 0;   // without the line break and blanks before it
    [[nodiscard]] std::size_t column() const { return word - begin; }
    [[nodiscard]] bool is_blank() const { return word >= end; }
};

class SlipLines {
  public:
    // `begins`: of each line; must outlive this, as `source` must.
    SlipLines(std::string_view source, const std::vector<std::size_t>& begins) : source_(source), begins_(&begins) {}

    [[nodiscard]] std::string_view source() const { return source_; }
    [[nodiscard]] std::size_t count() const { return begins_->size(); }
    [[nodiscard]] SlipLine line(std::size_t number) const;
    // Nothing but blanks or a comment.
    [[nodiscard]] bool is_empty(const SlipLine& line) const { return line.is_blank() || source_[line.word] == '#'; }
    // The next line that is not empty.
    [[nodiscard]] std::optional<std::size_t> next_filled(std::size_t number) const;

    // 0 behind the end, so that whoever looks ahead needs no case for it.
    [[nodiscard]] char at(std::size_t offset) const { return offset < source_.size() ? source_[offset] : '\0'; }
    // A dash that begins an entry: a blank or the end of the line is behind it.
    [[nodiscard]] bool is_dash(std::size_t offset, std::size_t end) const {
        return at(offset) == '-' && (offset + 1 >= end || at(offset + 1) == ' ');
    }
    // Where the word behind the `-` at `offset` begins.
    [[nodiscard]] std::size_t behind_dash(std::size_t offset, std::size_t end) const;
    // Where a comment or the end of the line begins.
    [[nodiscard]] std::size_t end_of_words(std::size_t from, std::size_t end) const;
    // The `:` behind the key that begins at `from`; nothing if that is no key.
    [[nodiscard]] std::optional<std::size_t> colon_of_key(std::size_t from, std::size_t end) const;
    // By its first characters: a dash, or a word with a colon.
    [[nodiscard]] bool looks_like_entry(const SlipLine& line) const;
    // The key of that line as it is written, for messages; empty: it has none.
    [[nodiscard]] std::string key_at(std::size_t number) const;
    // A line that ends there has its value, or some of it, below.
    [[nodiscard]] bool holds_more(std::size_t end) const;

    // What a key begins with, and what it goes on with.
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
    static bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

  private:
    std::string_view source_;
    const std::vector<std::size_t>* begins_;
};

}  // namespace pvsplan::syntax
