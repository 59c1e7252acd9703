#include "runtime/view/diff_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "compiler/diag/display.hpp"

namespace pvsplan::view {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return lines;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\n") == std::string_view::npos; }

struct Line {
    char sign;  // ' ' of both, '-' of the first, '+' of the second
    std::string_view text;
};

// A run of lines that were changed stands before those that replace them. In one pass, without a search for the longest
// common part: a layout changes lines and blank lines one by one, and never moves any. Where one side has a blank line
// and the other has none, that line alone is told.
std::vector<Line> compared(std::string_view before, std::string_view after) {
    const std::vector<std::string_view> old_lines = lines_of(before);
    const std::vector<std::string_view> new_lines = lines_of(after);
    std::vector<Line> all;
    std::vector<Line> added;
    const auto close = [&] {
        all.insert(all.end(), added.begin(), added.end());
        added.clear();
    };
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < old_lines.size() || j < new_lines.size()) {
        const bool has_both = i < old_lines.size() && j < new_lines.size();
        if (has_both && old_lines[i] == new_lines[j]) {
            close();
            all.push_back({' ', old_lines[i++]});
            ++j;
            continue;
        }
        const bool has_old = i < old_lines.size();
        const bool has_new = j < new_lines.size();
        const bool is_gone = has_old && (!has_new || (is_blank(old_lines[i]) && !is_blank(new_lines[j])));
        const bool is_new = has_new && (!has_old || (is_blank(new_lines[j]) && !is_blank(old_lines[i])));
        if (!is_new) all.push_back({'-', old_lines[i++]});
        if (!is_gone) added.push_back({'+', new_lines[j++]});
    }
    close();
    return all;
}

// The bytes are printed as they are, for a patch: the text was read as YAML, and so has no character that steers a
// terminal.
std::string hunk(const std::vector<Line>& lines, std::size_t begin, std::size_t end, std::size_t old_line,
                 std::size_t new_line, const Stream& stream) {
    std::size_t of_old = 0;
    std::size_t of_new = 0;
    std::string body;
    for (std::size_t i = begin; i < end; ++i) {
        const auto& [sign, text] = lines[i];
        of_old += sign != '+' ? 1 : 0;
        of_new += sign != '-' ? 1 : 0;
        const bool ends = text.ends_with('\n');
        const std::string line = sign + std::string(ends ? text.substr(0, text.size() - 1) : text);
        body += sign == '-' ? inked(stream, line, Ink::red) : sign == '+' ? inked(stream, line, Ink::green) : line;
        body += ends ? "\n" : "\n\\ No newline at end of file\n";
    }
    // A part without lines is named by the line before it.
    return fmt::format("@@ -{},{} +{},{} @@\n", old_line + (of_old > 0 ? 1 : 0), of_old,
                       new_line + (of_new > 0 ? 1 : 0), of_new) +
           body;
}

}  // namespace

// Hunks with three lines around them; changes that are closer than that stand in one.
std::string layout_diff(std::string_view name, std::string_view before, std::string_view after, const Stream& stream) {
    static constexpr std::size_t context = 3;
    const std::vector<Line> lines = compared(before, after);
    std::string text;
    std::size_t old_line = 0;  // lines before `done`
    std::size_t new_line = 0;
    std::size_t done = 0;
    const auto is_change = [](const Line& line) { return line.sign != ' '; };
    for (;;) {
        const auto from = lines.begin() + static_cast<std::ptrdiff_t>(done);
        const auto first = static_cast<std::size_t>(std::find_if(from, lines.end(), is_change) - lines.begin());
        if (first == lines.size()) break;
        const std::size_t begin = first - std::min(first - done, context);
        std::size_t last = first;  // of the changes that are close enough to stand in one hunk
        for (std::size_t i = first; i < lines.size() && i <= last + 2 * context + 1; ++i)
            if (is_change(lines[i])) last = i;
        const std::size_t end = std::min(last + 1 + context, lines.size());
        old_line += begin - done;
        new_line += begin - done;
        if (text.empty())
            text = fmt::format("--- {0}\n+++ {0}\n", stream.is_terminal ? diag::harmless(name) : std::string(name));
        text += hunk(lines, begin, end, old_line, new_line, stream);
        for (std::size_t i = begin; i < end; ++i) {
            old_line += lines[i].sign != '+' ? 1 : 0;
            new_line += lines[i].sign != '-' ? 1 : 0;
        }
        done = end;
    }
    return text;
}

}  // namespace pvsplan::view
