// Text of a manual page.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::doc {

// Nothing in it is a request or an escape; code stands in bold, a line feed begins a paragraph.
std::string roff(std::string_view text);
// ".SH "TITLE"", in capitals.
std::string roff_section(std::string_view title);
// A term and what is said of it. The term is roff.
std::string roff_entry(const std::string& term, std::string_view text);

}  // namespace pvsplan::doc
