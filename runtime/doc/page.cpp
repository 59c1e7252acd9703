#include "runtime/doc/page.hpp"

#include <algorithm>

#include "compiler/base/lists.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/doc/roff.hpp"
#include "runtime/view/markdown.hpp"
#include "runtime/view/table.hpp"

namespace pvsplan::doc {
namespace {

template <class... F>
struct Each : F... {
    using F::operator()...;
};
template <class... Cases>
Each(Cases...) -> Each<Cases...>;

// "stopped" of "`stopped`": a cell that is all code needs no marks.
std::string unmarked(const std::string& text) {
    const bool is_code = text.size() > 2 && text.front() == '`' && text.find('`', 1) == text.size() - 1;
    return is_code ? text.substr(1, text.size() - 2) : text;
}

// Wrapped, with the indentation on all lines but the first; text of a stranger cannot steer the terminal.
std::string lines_of(const std::string& text, std::uint32_t width, const std::string& indent = {}) {
    std::string lines;
    for (const std::string& line : diag::wrapped(text, width - static_cast<std::uint32_t>(indent.size()))) {
        lines += (lines.empty() ? "" : indent) + line;
        while (lines.ends_with(' ')) lines.pop_back();
        lines += "\n";
    }
    return lines;
}

// ---- text --------------------------------------------------------------------------------------------------------

// Titles in one column; they are ours, and ASCII.
std::string facts_text(const Facts& facts, const view::Stream& stream) {
    std::uint32_t widest = 0;
    for (const Fact& fact : facts) widest = std::max(widest, diag::columns(fact.title));
    std::string text;
    for (const Fact& fact : facts) {
        const std::string title(fact.title);
        const std::string indent(widest + 2, ' ');
        text += view::inked(stream, title, view::Ink::bold) + indent.substr(title.size()) +
                lines_of(fact.text, stream.width, indent);
    }
    return text;
}

// The lines of an example, as they stand.
std::string indented(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines += (end == 0 ? "" : "    " + diag::harmless(text.substr(0, end))) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// Marks of code are taken off: a terminal shows them as they are.
std::string table_text(const Table& table, const view::Stream& stream) {
    view::Table text(table.head);
    for (std::vector<std::string> row : table.rows) {
        std::transform(row.begin(), row.end(), row.begin(), unmarked);
        text.add(std::move(row));
    }
    return text.text(stream);
}

// ---- Markdown ----------------------------------------------------------------------------------------------------

// Every cell through as_markdown(): a bar or a line feed would end it.
std::string table_row(const std::vector<std::string>& cells) {
    std::string row = "|";
    for (const std::string& cell : cells) row += cell.empty() ? " |" : " " + view::as_markdown(cell) + " |";
    return row + "\n";
}

std::string table_markdown(const Table& table) {
    std::string text = table_row(table.head) + "|";
    for (std::size_t i = 0; i < table.head.size(); ++i) text += "---|";
    text += "\n";
    for (const std::vector<std::string>& row : table.rows) text += table_row(row);
    return text;
}

std::string facts_markdown(const Facts& facts) {
    std::string text;
    for (const Fact& fact : facts)
        text += "- **" + std::string(fact.title) + "**: " + view::as_markdown(fact.text) + "\n";
    return text;
}

// ---- manual page -------------------------------------------------------------------------------------------------

// The columns of a table that a manual page has no room for become a line: "`version`: `version`, …".
std::string table_man(const Table& table) {
    std::string text;
    for (const std::vector<std::string>& row : table.rows) {
        std::string said;
        for (std::size_t i = 1; i < row.size(); ++i)
            if (!row[i].empty()) base::append(said, "; ", (i + 1 < row.size() ? table.head[i] + " " : "") + row[i]);
        text += roff_entry("\\fB" + roff(unmarked(row[0])) + "\\fR", said);
    }
    return text;
}

// Manual pages know two levels.
std::string heading_man(const Heading& heading) {
    return heading.level <= 2 ? roff_section(unmarked(heading.text)) : ".SS \"" + roff(heading.text) + "\"\n";
}

}  // namespace

// A block each, with an empty line between two.
std::string text_of(const Page& page, const view::Stream& stream) {
    std::string text;
    for (const Block& block : page) {
        if (!text.empty()) text += "\n";
        text += std::visit(
            Each{[&](const Heading& heading) {
                     return view::inked(stream, diag::harmless(unmarked(heading.text)), view::Ink::bold) + "\n";
                 },
                 [&](const Paragraph& paragraph) { return lines_of(paragraph.text, stream.width); },
                 [&](const Facts& facts) { return facts_text(facts, stream); },
                 [&](const Table& table) { return table_text(table, stream); },
                 [](const Example& example) { return indented(example.text); }},
            block);
    }
    return text;
}

// Headings go no deeper than six, which is all that Markdown has.
std::string markdown_of(const Page& page, std::uint32_t level) {
    std::string text;
    for (const Block& block : page) {
        if (!text.empty()) text += "\n";
        text += std::visit(
            Each{[&](const Heading& heading) {
                     const std::uint32_t signs = std::min(6U, heading.level + level - 1);
                     return std::string(signs, '#') + " " + view::as_markdown(heading.text) + "\n";
                 },
                 [](const Paragraph& paragraph) { return view::as_markdown(paragraph.text) + "\n"; },
                 [](const Facts& facts) { return facts_markdown(facts); },
                 [](const Table& table) { return table_markdown(table); },
                 [](const Example& example) { return "```" + example.language + "\n" + example.text + "```\n"; }},
            block);
    }
    return text;
}

// A manual page of section 7, without a date: the same page is the same bytes.
std::string man_of(const Page& page, const std::string& version) {
    const auto* title = page.empty() ? nullptr : std::get_if<Heading>(&page.front());
    std::string text = ".TH \"" + roff(title ? unmarked(title->text) : "pvsplan") + "\" 7 \"\" \"pvsplan " + version +
                       "\" \"pvsplan\"\n.nh\n.ad l\n";
    for (const Block& block : page)
        text += std::visit(Each{[](const Heading& heading) { return heading_man(heading); },
                                [](const Paragraph& paragraph) { return ".PP\n" + roff(paragraph.text) + "\n"; },
                                [](const Facts& facts) {
                                    std::string entries;
                                    for (const Fact& fact : facts)
                                        entries += roff_entry("\\fB" + roff(fact.title) + "\\fR", fact.text);
                                    return entries;
                                },
                                [](const Table& table) { return table_man(table); },
                                [](const Example& example) {
                                    std::string lines;
                                    for (std::size_t at = 0; at < example.text.size();) {
                                        const std::size_t end = example.text.find('\n', at);
                                        lines += roff(example.text.substr(at, end - at)) + "\n";
                                        at = end + 1;
                                    }
                                    return ".PP\n.EX\n" + lines + ".EE\n";
                                }},
                           block);
    return text;
}

}  // namespace pvsplan::doc
