// A page as data, and the forms in which it is printed. Code in its texts stands between backticks.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "runtime/doc/facts.hpp"
#include "runtime/view/stream.hpp"

namespace pvsplan::doc {

// 1 is the title of a page.
struct Heading {
    std::uint32_t level = 1;
    std::string text;
};

struct Paragraph {
    std::string text;
};

struct Table {
    std::vector<std::string> head;               // the titles of its columns
    std::vector<std::vector<std::string>> rows;  // each as long as the head
};

// A part of a file, as it stands there.
struct Example {
    std::string language;  // of the fence in Markdown
    std::string text;      // ends with a line feed
};

using Block = std::variant<Heading, Paragraph, Facts, Table, Example>;
using Page = std::vector<Block>;

// In lines that fit the terminal; nothing in it steers one.
std::string text_of(const Page& page, const view::Stream& stream);
// Its first heading has `level` number signs.
std::string markdown_of(const Page& page, std::uint32_t level = 1);
// A manual page of the miscellaneous section. roff; nothing of a text is a request in it.
std::string man_of(const Page& page, const std::string& version);

}  // namespace pvsplan::doc
