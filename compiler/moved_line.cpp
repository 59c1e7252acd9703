#include "compiler/moved_line.hpp"

#include <algorithm>

namespace pvsplan::compiler {
namespace {

// Further away nobody is off, and nobody looks.
constexpr std::size_t max_distance = 4;
constexpr std::size_t max_lines_above = 40;
constexpr std::size_t max_columns = 4;

std::size_t distance(std::size_t a, std::size_t b) { return a < b ? b - a : a - b; }

}  // namespace

MovedLine::MovedLine(const base::Sources& sources, base::Span word) : text_(sources.text(word.file)), file_(word.file) {
    const std::size_t begin = word.begin == 0 ? 0 : text_.rfind('\n', word.begin - 1) + 1;
    own_ = line_at(begin);
    is_first_word_ = begin + own_.column == word.begin && !own_.is_blank;
    const bool is_entry = text_.substr(word.begin).starts_with("- ");
    for (std::size_t at = behind(own_); at < text_.size();) {
        const Line next = line_at(at);
        at = behind(next);
        if (next.is_blank) continue;
        // The entries of a list may stand in the column of its key.
        const bool is_own_entry =
            !is_entry && next.column == own_.column && text_.substr(next.begin + next.column).starts_with("- ");
        if (next.column <= own_.column && !is_own_entry) break;
        below_.push_back(next);
    }
}

// A line of blanks has no column that means anything.
MovedLine::Line MovedLine::line_at(std::size_t begin) const {
    const std::size_t word = std::min(text_.find_first_not_of(' ', begin), text_.size());
    const bool is_blank = word == text_.size() || text_[word] == '\n' || text_[word] == '\r';
    return {.begin = begin, .column = word - begin, .is_blank = is_blank};
}

std::size_t MovedLine::behind(const Line& line) const {
    const std::size_t end = text_.find('\n', line.begin);
    return end == std::string_view::npos ? text_.size() : end + 1;
}

std::vector<std::size_t> MovedLine::columns() const {
    std::vector<std::size_t> columns;
    const auto note = [&](std::size_t column) {
        if (column == own_.column || distance(column, own_.column) > max_distance) return;
        if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
    };
    const auto note_line = [&](const Line& line) {
        if (line.is_blank) return;
        note(line.column);
        for (std::size_t at = line.begin + line.column; text_.substr(at).starts_with("- ");) {
            at = std::min(text_.find_first_not_of(' ', at + 1), text_.size());
            note(at - line.begin);
        }
    };
    if (!is_first_word_) return {};
    std::size_t begin = own_.begin;
    for (std::size_t i = 0; begin > 0 && i < max_lines_above; ++i) {
        begin = begin == 1 ? 0 : text_.rfind('\n', begin - 2) + 1;
        note_line(line_at(begin));
    }
    note(0);  // where the keys of the document stand, however far above
    if (!below_.empty()) note_line(below_.front());
    const std::size_t next = below_.empty() ? behind(own_) : behind(below_.back());
    if (next < text_.size()) note_line(line_at(next));
    std::stable_sort(columns.begin(), columns.end(),
                     [&](std::size_t a, std::size_t b) { return distance(a, own_.column) < distance(b, own_.column); });
    if (columns.size() > max_columns) columns.resize(max_columns);
    return columns;
}

// The first word of the nearest line above that is no comment.
std::optional<base::Span> MovedLine::word_above() const {
    for (std::size_t begin = own_.begin; is_first_word_ && begin > 0;) {
        begin = begin == 1 ? 0 : text_.rfind('\n', begin - 2) + 1;
        const Line line = line_at(begin);
        if (line.is_blank || text_[begin + line.column] == '#') continue;
        const auto word = static_cast<std::uint32_t>(begin + line.column);
        return base::Span{file_, word, word + 1};
    }
    return std::nullopt;
}

std::optional<diag::Edit> MovedLine::taken_out() const {
    if (!is_first_word_ || !below_.empty()) return std::nullopt;
    return diag::Edit{{file_, static_cast<std::uint32_t>(own_.begin), static_cast<std::uint32_t>(behind(own_))}, ""};
}

MovedLine::Takes MovedLine::takes_at(std::size_t column) const {
    if (below_.empty() || below_.front().column <= column || below_.front().column == column + 2) return Takes::nothing;
    return Takes::what_is_below;
}

std::vector<diag::Edit> MovedLine::edits(std::size_t column, Takes takes) const {
    std::vector<diag::Edit> edits;
    const auto move = [&](const Line& line) {
        const auto begin = static_cast<std::uint32_t>(line.begin);
        if (column == own_.column) return;
        if (column > own_.column)
            edits.push_back({{file_, begin, begin}, std::string(column - own_.column, ' ')});
        else
            edits.push_back({{file_, begin, static_cast<std::uint32_t>(begin + own_.column - column)}, ""});
    };
    move(own_);
    if (takes == Takes::what_is_below) std::for_each(below_.begin(), below_.end(), move);
    return edits;
}

}  // namespace pvsplan::compiler
