#include "compiler/diag/display.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pvsplan::diag {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::uint32_t broken = 0xFFFD;

using Range = std::pair<std::uint32_t, std::uint32_t>;
// Marks that combine, as far as plans are likely to hold them.
constexpr std::array zero_width = {Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},
                                   Range{0x0610, 0x061A}, Range{0x064B, 0x065F}, Range{0x1AB0, 0x1AFF},
                                   Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200D}, Range{0x20D0, 0x20FF},
                                   Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}};
constexpr std::array wide = {Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
                             Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},
                             Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
                             Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
                             Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
// C0, DEL, C1, and what turns the direction of writing.
constexpr std::array steering = {Range{0x00, 0x1F},     Range{0x7F, 0x9F},     Range{0x061C, 0x061C},
                                 Range{0x200E, 0x200F}, Range{0x2028, 0x202E}, Range{0x2066, 0x2069}};

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, std::uint32_t point) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const Range& r) { return point >= r.first && point <= r.second; });
}

// The code point at `at` and its bytes; a broken byte counts as one.
std::pair<std::uint32_t, std::size_t> point_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(at);
    if (lead < 0x80) return {lead, 1};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (size == 0 || lead > 0xF4 || at + size > text.size()) return {broken, 1};
    std::uint32_t point = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) return {broken, 1};
        point = point << 6U | (byte(at + i) & 0x3FU);
    }
    static constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    if (point < least[size] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return {broken, 1};
    return {point, size};
}

}  // namespace

std::vector<Cell> cells(std::string_view line) {
    std::vector<Cell> result;
    std::uint32_t column = 0;
    for (std::size_t at = 0; at < line.size();) {
        const auto [point, size] = point_at(line, at);
        Cell cell{.text = std::string(line.substr(at, size)), .offset = static_cast<std::uint32_t>(at)};
        if (point == '\t') {
            cell.columns = tab_columns - column % tab_columns;
            cell.text.assign(cell.columns, ' ');
        } else if (point == broken || in(steering, point)) {
            cell.text = replacement;
        } else if (point >= 0x300) {
            cell.columns = in(zero_width, point) ? 0 : in(wide, point) ? 2 : 1;
        }
        column += cell.columns;
        at += size;
        result.push_back(std::move(cell));
    }
    return result;
}

std::uint32_t columns(std::string_view text) {
    std::uint32_t total = 0;
    for (const Cell& cell : cells(text)) total += cell.columns;
    return total;
}

std::string harmless(std::string_view text) {
    std::string result;
    for (const Cell& cell : cells(text)) result += text[cell.offset] == '\n' ? " " : cell.text;
    return result;
}

std::vector<std::string> wrapped(std::string_view text, std::uint32_t width, std::uint32_t first) {
    std::vector<std::string> lines;
    while (true) {
        const std::size_t end = text.find('\n');
        const std::string paragraph = harmless(text.substr(0, end));
        std::string line;
        std::uint32_t used = lines.empty() ? first : 0;
        for (std::size_t at = 0; at <= paragraph.size();) {
            const std::size_t space = std::min(paragraph.find(' ', at), paragraph.size());
            const std::string word = paragraph.substr(at, space - at);
            const std::uint32_t size = columns(word);
            if (!line.empty() && used + 1 + size > width) {
                lines.push_back(std::move(line));
                line.clear();
                used = 0;
            }
            if (!line.empty()) line += ' ', ++used;
            line += word;
            used += size;
            at = space + 1;
        }
        lines.push_back(std::move(line));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + 1);
    }
}

}  // namespace pvsplan::diag
