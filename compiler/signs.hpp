// Brackets and quotes of one line that do not fit to each other, and the line with others.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::compiler {

// Where the value begins that stands in the line: behind its dashes and its key.
std::size_t begin_of_value(std::string_view line);

// The line with each bracket closed by its own kind at its end, and without those that close nothing; as it is if they
// fit to each other. What stands between quotes has none.
std::string with_closed_brackets(std::string_view line);
// With the brackets opened where the value begins that are closed only.
std::string with_opened_brackets(std::string_view line);
// The text that begins at that quote, closed at each place where its author may have wanted that.
std::vector<std::string> with_closed_quote(std::string_view line, std::size_t quote);
// The text that a stray quote at or behind `mark` closes, opened at the value of each key before it, the nearest first.
std::vector<std::string> with_opened_quote(std::string_view line, std::size_t mark);
// Each single backslash between `"` as two.
std::string with_doubled_backslashes(std::string_view line);
// The value between quotes that let all of it be.
std::string with_quoted_value(std::string_view line);
// Keys that stand behind a value on lines of their own.
std::string with_lines_of_keys(std::string_view line);

}  // namespace pvsplan::compiler
