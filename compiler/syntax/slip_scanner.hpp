// Reads the lines of a text as far as its first suspicious place. Private to slips.cpp.
#pragma once

#include <set>

#include "compiler/syntax/slips.hpp"

namespace pvsplan::syntax {

class SlipScanner {
  public:
    SlipScanner(std::string_view source, const std::vector<std::size_t>& lines, const std::set<std::size_t>& innocent)
        : source_(source), lines_(lines), innocent_(innocent) {}

    // Lines 0 … last.
    std::optional<Slip> scan(std::size_t last);
    [[nodiscard]] const std::vector<BlockLevel>& levels() const { return levels_; }

  private:
    using Code = const diag::Declared<diag::Words>;
    struct Line {
        std::size_t begin = 0;
        std::size_t word = 0;  // the first character that is no blank
        std::size_t end = 0;   // without the line break and blanks before it
        [[nodiscard]] std::size_t column() const { return word - begin; }
        [[nodiscard]] bool is_blank() const { return word >= end; }
    };
    [[nodiscard]] Line line(std::size_t number) const;
    [[nodiscard]] bool is_empty(const Line& line) const { return line.is_blank() || source_[line.word] == '#'; }
    [[nodiscard]] std::optional<std::size_t> next_filled(std::size_t number) const;
    [[nodiscard]] char at(std::size_t offset) const { return offset < source_.size() ? source_[offset] : '\0'; }
    [[nodiscard]] bool is_dash(std::size_t offset, std::size_t end) const {
        return at(offset) == '-' && (offset + 1 >= end || at(offset + 1) == ' ');
    }
    // Where a comment or the end of the line begins.
    [[nodiscard]] std::size_t end_of_words(std::size_t from, std::size_t end) const;
    // The `:` behind the key that begins at `from`; nothing if that is no key.
    [[nodiscard]] std::optional<std::size_t> colon_of_key(std::size_t from, std::size_t end) const;
    [[nodiscard]] bool looks_like_entry(const Line& line) const;
    [[nodiscard]] std::string key_at(std::size_t line_number) const;

    void suspect(Code& code, std::size_t begin, std::size_t end, std::string words, std::string hint);
    void suspect_tab(const Line& line, std::size_t tab);
    void suspect_column(const Line& line, std::size_t end, const std::vector<BlockLevel>& before);
    void suspect_first(const BlockLevel& level, Code& code, std::size_t body, std::string words, std::string hint);
    [[nodiscard]] bool holds_more(std::size_t end) const;
    [[nodiscard]] BlockLevel opened(BlockLevel::Type is, std::size_t column) const {
        return {.type = is, .column = column, .entry = number_, .first = number_};
    }
    bool blames_first(const BlockLevel& level, std::size_t column);
    void read_line(const Line& line);
    bool place(const Line& line, std::size_t word, bool starts_with_dash, std::optional<std::size_t> colon);
    bool place_beside(const Line& line, bool starts_with_dash, std::optional<std::size_t> colon);
    void no_key(const Line& line);
    void goes_on(const Line& line, std::optional<std::size_t> colon);
    void read_entries(const Line& line, std::size_t word);
    void read_value(std::size_t from, std::size_t end);
    void read_plain(std::size_t from, std::size_t end);
    void read_quoted(std::size_t from, std::size_t end);
    void read_flow(std::size_t from);
    // Past the quotes at `from`; the end of the text if they are not closed where they should be.
    std::size_t skip_quoted(std::size_t from);
    bool read_block(const Line& line);

    std::string_view source_;
    const std::vector<std::size_t>& lines_;
    const std::set<std::size_t>& innocent_;
    std::vector<BlockLevel> levels_;
    std::size_t number_ = 0;  // of the line
    struct Block {            // `|` or `>`
        std::size_t parent = 0;
        std::size_t line = 0;
        std::size_t indent = 0;  // of its first line; 0: not met yet
    };
    std::optional<Block> block_;
    std::optional<Slip> slip_;
    std::optional<std::size_t> body_;  // of the next one
};

}  // namespace pvsplan::syntax
