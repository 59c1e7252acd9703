// A line of a text that stands in a wrong column, and where else it could stand.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::compiler {

// Nothing but blanks may stand before the word that is meant; else there are no columns.
class MovedLine {
  public:
    MovedLine(const base::Sources& sources, base::Span word);

    // Columns in which lines around it begin, or what stands behind their dashes, but its own: a few, the nearest
    // first.
    [[nodiscard]] std::vector<std::size_t> columns() const;

    [[nodiscard]] std::size_t column() const { return own_.column; }
    // The first word of the line above that is not blank; nothing if there is none, or its word is no key's.
    [[nodiscard]] std::optional<base::Span> word_above() const;
    // The line alone; nothing if something stands below it that is its own.
    [[nodiscard]] std::optional<diag::Edit> taken_out() const;

    enum class Takes : std::uint8_t { nothing, what_is_below };
    // What is below it stays if it would not be below it any more, or would stand two columns further right, as people
    // write it.
    [[nodiscard]] Takes takes_at(std::size_t column) const;
    [[nodiscard]] std::vector<diag::Edit> edits(std::size_t column, Takes takes) const;

  private:
    struct Line {
        std::size_t begin = 0;
        std::size_t column = 0;  // of its first word
        bool is_blank = false;
    };
    [[nodiscard]] Line line_at(std::size_t begin) const;
    // Where the next line begins, or the end of the text.
    [[nodiscard]] std::size_t behind(const Line& line) const;

    std::string_view text_;
    base::FileId file_;
    Line own_;
    std::vector<Line> below_;  // further right, up to the first one that is not, without blank ones
    bool is_first_word_ = false;
};

}  // namespace pvsplan::compiler
