#include "compiler/layout/scalar_lines.hpp"

#include <algorithm>
#include <string>

namespace pvsplan::layout {
namespace {

struct Line {
    std::size_t begin;
    std::size_t word;  // the first byte that is no space
    std::size_t end;   // of its words: the line break, or the end of the text
    std::size_t next;  // behind the line break
    [[nodiscard]] std::size_t spaces() const { return word - begin; }
    [[nodiscard]] bool is_blank() const { return word == end; }
};

// A last line without a line break ends with the text.
Line line_at(std::string_view source, std::size_t begin, std::string_view blanks) {
    Line line{.begin = begin, .word = begin, .end = begin, .next = std::min(source.find('\n', begin), source.size())};
    line.end = line.next > begin && source[line.next - 1] == '\r' ? line.next - 1 : line.next;
    line.word = std::min(source.find_first_not_of(blanks, begin), line.end);
    line.next = std::min(line.next + 1, source.size());
    return line;
}

std::size_t behind_line(std::string_view source, std::size_t at) {
    const std::size_t end = source.find('\n', at);
    return end == std::string_view::npos ? source.size() : end + 1;
}

void replace(std::string_view source, base::FileId file, std::size_t begin, std::size_t end, std::size_t spaces,
             std::vector<diag::Edit>& edits) {
    std::string text(spaces, ' ');
    if (source.substr(begin, end - begin) == text) return;
    edits.push_back({{file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, std::move(text)});
}

std::size_t end_of_line(std::string_view source, std::size_t at) {
    const std::size_t end = std::min(source.find('\n', at), source.size());
    return end > at && source[end - 1] == '\r' ? end - 1 : end;
}

struct Header {
    std::optional<std::size_t> indent;  // `|2`
    bool keeps = false;                 // `|+`
};

// The digit and the sign stand in either order, and each may be missing.
Header header_at(std::string_view source, std::size_t at) {
    Header header;
    for (++at; at < source.size(); ++at) {
        if (source[at] >= '1' && source[at] <= '9')
            header.indent = static_cast<std::size_t>(source[at] - '0');
        else if (source[at] == '+' || source[at] == '-')
            header.keeps = source[at] == '+';
        else
            break;
    }
    return header;
}

// How far its lines are indented now; nothing: no line says anything.
std::optional<std::size_t> indent_of_block(std::string_view source, std::size_t body, std::size_t end) {
    for (std::size_t at = body; at < end;) {
        const Line line = line_at(source, at, " ");
        if (!line.is_blank()) return line.spaces();
        at = line.next;
    }
    return std::nullopt;
}

// Behind the lines of blanks from `at` on.
std::size_t behind_blank_lines(std::string_view source, std::size_t at) {
    while (at < source.size()) {
        const Line line = line_at(source, at, " \t");
        if (!line.is_blank()) break;
        at = line.next;
    }
    return at;
}

// Behind the last of the blank lines from `at` on that belong to the scalar: all of them if it keeps them, else those
// that go beyond its indentation; a tab is a word there.
std::size_t end_of_tail(std::string_view source, std::size_t at, std::size_t indent, bool keeps) {
    const std::size_t behind = behind_blank_lines(source, at);
    std::size_t end = at;
    while (at < behind) {
        const Line line = line_at(source, at, " ");
        if (keeps || line.spaces() > indent || !line.is_blank()) end = line.next;
        at = line.next;
    }
    return end;
}

}  // namespace

// All lines but the first, which stands behind its key. YAML folds blanks at their beginning away, so that their number
// says nothing.
void indent_lines(std::string_view source, base::Span scalar, std::size_t indent, std::vector<diag::Edit>& edits) {
    for (std::size_t at = behind_line(source, scalar.begin); at < scalar.end;) {
        const Line line = line_at(source, at, " \t");
        replace(source, scalar.file, line.begin, line.word, line.is_blank() ? 0 : indent, edits);
        at = line.next;
    }
}

// Every line moves by the same number of columns, since what goes beyond the indentation is text. A line with no more
// than that many blanks is empty and loses them.
std::uint32_t indent_block(std::string_view source, base::Span scalar, const std::optional<BlockColumns>& columns,
                           std::vector<diag::Edit>& edits) {
    const Header header = header_at(source, scalar.begin);
    const std::size_t body = behind_line(source, scalar.begin);
    const std::optional<std::size_t> found = indent_of_block(
        source, body, behind_blank_lines(source, std::max<std::size_t>(body, behind_line(source, scalar.end))));
    const std::size_t indent = header.indent && columns ? columns->now + *header.indent : found.value_or(0);
    const std::size_t last = std::max<std::size_t>(body, behind_line(source, scalar.end));
    const bool is_line = last > 0 && source[last - 1] == '\n';  // else the text ends within the scalar
    const std::size_t tail =
        is_line && (found || header.keeps || header.indent) ? end_of_tail(source, last, indent, header.keeps) : last;
    // Blanks at the end of its last line are its own.
    const std::size_t end =
        tail > last || header.keeps ? tail : std::max<std::size_t>(scalar.end, end_of_line(source, scalar.end));
    if (!columns || (!found && !header.indent)) return static_cast<std::uint32_t>(end);
    const std::size_t wanted = header.indent ? columns->wanted + *header.indent : columns->lines;
    for (std::size_t at = body; at < std::max<std::size_t>(end, scalar.end);) {
        const Line line = line_at(source, at, " ");
        const bool is_empty = line.is_blank() && line.spaces() <= indent;
        replace(source, scalar.file, line.begin, line.begin + std::min(line.spaces(), indent), is_empty ? 0 : wanted,
                edits);
        at = line.next;
    }
    return static_cast<std::uint32_t>(end);
}

}  // namespace pvsplan::layout
