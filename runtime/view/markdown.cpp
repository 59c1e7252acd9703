#include "runtime/view/markdown.hpp"

#include <algorithm>
#include <cctype>

#include "compiler/diag/display.hpp"

namespace pvsplan::view {
namespace {

bool is_of_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// "for_each": an underscore within a word means nothing.
bool is_within_word(std::string_view line, std::size_t i) {
    return i > 0 && i + 1 < line.size() && is_of_word(line[i - 1]) && is_of_word(line[i + 1]);
}

bool is_one_of(std::string_view all, char c) { return all.find(c) != std::string_view::npos; }

// The place of what makes a heading or a list of a line, or a heading of the line before; behind the end: nothing does.
// In a line that begins with digits it is the sign behind them, which makes an item of a list.
std::size_t begin_of_block(std::string_view line) {
    const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
    return digits < line.size() && is_one_of(digits == 0 ? "#+-=>" : ".)", line[digits]) ? digits : line.size();
}

}  // namespace

// Everything that could mean something gets a backslash, but within code, where a backslash is one; code that the text
// leaves open is closed, so that nothing behind it becomes code.
std::string as_markdown(std::string_view text) {
    const std::string line = diag::harmless(text);
    const std::size_t block = begin_of_block(line);
    std::string result;
    bool is_code = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        // Two in a row would begin code that only two end: one stands for them.
        if (c == '`' && result.ends_with('`')) continue;
        if (c == '`') is_code = !is_code;
        const bool means_something = i == block || is_one_of("\\*[]<~&$", c) || (c == '_' && !is_within_word(line, i));
        // A bar ends a cell of a table even inside of code.
        if (c == '|' || (!is_code && means_something)) result += '\\';
        result += c;
    }
    return is_code ? result + '`' : result;
}

}  // namespace pvsplan::view
