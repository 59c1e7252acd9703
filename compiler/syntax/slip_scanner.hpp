// Reads the lines of a text as far as its first suspicious place. Private to slips.cpp.
#pragma once

#include <set>

#include "compiler/syntax/slip_lines.hpp"
#include "compiler/syntax/slips.hpp"

namespace pvsplan::syntax {

// Reads once and is then done: a suspicion ends it. `levels_` holds the collections that are open at the line at hand,
// outermost first, each further right than the one around it, but that a list may stand in the column of its key.
class SlipScanner {
  public:
    SlipScanner(std::string_view source, const std::vector<std::size_t>& lines, const std::set<std::size_t>& innocent)
        : source_(source), text_(source, lines), innocent_(innocent) {}

    // Lines 0 … last.
    std::optional<Slip> scan(std::size_t last);
    [[nodiscard]] const std::vector<BlockLevel>& levels() const { return levels_; }

  private:
    using Code = const diag::Declared<diag::Words>;
    // Notes the slip, if it is the first one and not innocent, with the levels as they are now.
    void suspect(Code& code, std::size_t begin, std::size_t end, std::string words, std::string hint);
    // The sorts of slips that need more than a place to be told.
    void suspect_tab(const SlipLine& line, std::size_t tab);
    void suspect_blank(const SlipLine& line, std::size_t blank);
    void suspect_indent(const SlipLine& line, std::size_t word, const Slip& slip);
    [[nodiscard]] bool suspect_bullet(const SlipLine& line);
    void suspect_column(const SlipLine& line, std::size_t end, const std::vector<BlockLevel>& before);
    void suspect_first(const BlockLevel& level, Code& code, std::size_t body, std::string words, std::string hint);
    [[nodiscard]] BlockLevel opened(BlockLevel::Type type, std::size_t column) const {
        return {.type = type, .column = column, .entry = number_, .first = number_};
    }
    // Each reads its part of a line; `from` and `end` are offsets into the source.
    void read_line(const SlipLine& line);
    // Whether the line stands in a column where something of its sort can stand.
    bool place(const SlipLine& line, std::size_t word, bool starts_with_dash, std::optional<std::size_t> colon);
    bool place_in_map(const SlipLine& line, bool starts_with_dash, std::optional<std::size_t> colon);
    bool place_in_list(const SlipLine& line, bool starts_with_dash, std::optional<std::size_t> colon);
    // A line among keys that is none: it may go on with the value before, or lack its colon.
    void no_key(const SlipLine& line);
    void goes_on(const SlipLine& line, std::optional<std::size_t> colon);
    void read_entries(const SlipLine& line, std::size_t word);
    void read_value(std::size_t from, std::size_t end);
    void read_plain(std::size_t from, std::size_t end);
    void read_quoted(std::size_t from, std::size_t end);
    void read_flow(std::size_t from);
    // Past the quotes at `from`; the end of the text if they are not closed where they should be.
    std::size_t skip_quoted(std::size_t from);
    // Whether the line belongs to the text behind a `|` or `>`, which may hold anything.
    bool read_block(const SlipLine& line);

    std::string_view source_;
    SlipLines text_;
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
