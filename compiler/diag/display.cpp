#include "compiler/diag/display.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <array>
#include <utility>

#include "compiler/base/utf8.hpp"

namespace pvsplan::diag {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

using CodePoints = std::pair<std::uint32_t, std::uint32_t>;
// Marks that combine, as far as plans are likely to hold them.
constexpr std::array zero_width = {CodePoints{0x0300, 0x036F}, CodePoints{0x0483, 0x0489}, CodePoints{0x0591, 0x05BD},
                                   CodePoints{0x0610, 0x061A}, CodePoints{0x064B, 0x065F}, CodePoints{0x1AB0, 0x1AFF},
                                   CodePoints{0x1DC0, 0x1DFF}, CodePoints{0x200B, 0x200D}, CodePoints{0x20D0, 0x20FF},
                                   CodePoints{0xFE00, 0xFE0F}, CodePoints{0xFE20, 0xFE2F}, CodePoints{0xFEFF, 0xFEFF}};
constexpr std::array wide = {CodePoints{0x1100, 0x115F},   CodePoints{0x2E80, 0x303E},   CodePoints{0x3041, 0x33FF},
                             CodePoints{0x3400, 0x4DBF},   CodePoints{0x4E00, 0x9FFF},   CodePoints{0xA000, 0xA4CF},
                             CodePoints{0xAC00, 0xD7A3},   CodePoints{0xF900, 0xFAFF},   CodePoints{0xFE30, 0xFE6F},
                             CodePoints{0xFF00, 0xFF60},   CodePoints{0xFFE0, 0xFFE6},   CodePoints{0x1F300, 0x1F64F},
                             CodePoints{0x1F680, 0x1F6FF}, CodePoints{0x1F900, 0x1F9FF}, CodePoints{0x20000, 0x3FFFD}};
// C0, DEL, C1, and what turns the direction of writing.
constexpr std::array steering = {CodePoints{0x00, 0x1F},     CodePoints{0x7F, 0x9F},     CodePoints{0x061C, 0x061C},
                                 CodePoints{0x200E, 0x200F}, CodePoints{0x2028, 0x202E}, CodePoints{0x2066, 0x2069}};

template <std::size_t N>
bool in(const std::array<CodePoints, N>& ranges, std::uint32_t point) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const CodePoints& r) { return point >= r.first && point <= r.second; });
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(static_cast<char>(c | 0x20)); }

// Whether a command to the service that prints the line would begin here: `##[error]`, `##vso[…]` or `##teamcity[…]`
// anywhere, `::error …::` as the first word of a line, which each word may become when lines are wrapped. GitHub takes
// it in any case, and its second `::` from whatever else stands on the line. No command: `::1`, `::ffff:10.0.0.1`.
bool begins_command(std::string_view line, std::size_t at) {
    const std::string_view rest = line.substr(at);
    if (rest.starts_with("##")) {
        const auto end = std::find_if_not(rest.begin() + 2, rest.end(), is_letter);
        return end != rest.end() && *end == '[';
    }
    const bool is_in_word = at > 0 && line[at - 1] > ' ' && line[at - 1] < 0x7f;
    if (is_in_word || !rest.starts_with("::") || rest.size() < 3 || !is_letter(rest[2])) return false;
    const auto end = std::find_if_not(rest.begin() + 2, rest.end(), [](char c) { return is_letter(c) || c == '-'; });
    const std::string_view behind(end, rest.end());
    return behind.empty() || behind[0] <= ' ' || behind.starts_with("::");
}

}  // namespace

// Broken bytes, steering characters and the first character of a command are cells of their own, so that nothing of the
// line is lost and nothing of it acts.
std::vector<Cell> cells(std::string_view line) {
    std::vector<Cell> result;
    std::uint32_t column = 0;
    for (std::size_t at = 0; at < line.size();) {
        const auto [point, size, is_valid] = base::utf8_at(line, at);
        Cell cell{.text = std::string(line.substr(at, size)), .offset = static_cast<std::uint32_t>(at)};
        if (point == '\t') {
            cell.columns = tab_columns - column % tab_columns;
            cell.text.assign(cell.columns, ' ');
        } else if (!is_valid || point == U'\xFFFD' || in(steering, point) || begins_command(line, at)) {
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

// As a terminal shows it: some characters are two columns wide, others none.
std::uint32_t columns(std::string_view text) {
    std::uint32_t total = 0;
    for (const Cell& cell : cells(text)) total += cell.columns;
    return total;
}

// On one line, without anything that steers a terminal.
std::string harmless(std::string_view text) {
    std::string result;
    for (const Cell& cell : cells(text)) result += text[cell.offset] == '\n' ? " " : cell.text;
    return result;
}

// JSON has no `#` and nothing beyond ASCII but in strings, and control characters are escaped already. Lines begin with
// our own characters, so none is `::error`.
std::string printed_json(std::string_view json) {
    std::string result;
    for (std::size_t at = 0; at < json.size();) {
        const auto [point, size, is_valid] = base::utf8_at(json, at);
        const bool acts = point == '#' ? begins_command(json, at) : point >= 0x7f && in(steering, point);
        if (acts && is_valid)
            result += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(point));
        else
            result += json.substr(at, size);
        at += size;
    }
    return result;
}

// Between words; a word that is wider than a line stays whole. `first` columns of the first line are taken.
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
