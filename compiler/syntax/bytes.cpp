// The bytes of a file before YAML sees them: is this text, and in which encoding.
#include <fmt/core.h>

#include <algorithm>

#include "compiler/base/counted.hpp"
#include "compiler/base/utf8.hpp"
#include "compiler/syntax/ast.hpp"
#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/slips.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::syntax {
namespace {

using Bytes = std::string_view;

unsigned byte(Bytes text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

constexpr std::string_view workbook = "a ZIP archive, as workbooks of Excel are";

constexpr const char* as_excel_calls_it = "save it as `CSV UTF-8`";

std::string how_to_save(const base::Sources& sources, base::FileId file) {
    return sources.path(file).ends_with(".csv") ? as_excel_calls_it : "save it as UTF-8";
}

// The name of an encoding that is not ours; empty: none that we know.
std::string_view foreign_encoding(Bytes text) {
    using namespace std::string_view_literals;
    if (text.starts_with("PK\x03\x04")) return workbook;
    if (text.starts_with("\xFF\xFE\0\0"sv) || text.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32";
    if (text.starts_with("\xFF\xFE"sv) || text.starts_with("\xFE\xFF"sv)) return "UTF-16";
    const bool alternates = text.size() >= 4 && (text[0] == '\0') != (text[1] == '\0') &&
                            (text[2] == '\0') == (text[0] == '\0') && (text[3] == '\0') == (text[1] == '\0');
    return alternates ? "UTF-16" : "";
}

// The fault of the character at `at`; empty: none. `size` becomes its length.
std::string complaint(Bytes text, std::size_t at, std::size_t& size) {
    const unsigned c = byte(text, at);
    const base::Utf8Character character = base::utf8_at(text, at);
    size = character.size;
    if (!character.is_valid) return fmt::format("the byte 0x{:02X} is not UTF-8", c);
    if (c == '\r') {
        const bool ends_line = at + 1 < text.size() && text[at + 1] == '\n';
        return ends_line ? "" : "a carriage return without a line feed";
    }
    if (c < 0x20 && c != '\t' && c != '\n') return fmt::format("it has the control character 0x{:02X}", c);
    if (c == 0x7F) return "it has the control character 0x7F";
    if (c == 0xC2 && byte(text, at + 1) < 0xA0 && byte(text, at + 1) != 0x85)
        return fmt::format("it has the control character U+{:04X}", byte(text, at + 1));
    return {};
}

bool is_ordinary(char c) { return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t'; }

// A stretch without line break, quote and punctuation of YAML is within one scalar, however long: refused here, before
// yaml-cpp copies it around.
std::size_t find_endless_scalar(Bytes text) {
    static constexpr Bytes stops = "\n,[]{}:#\"'";
    for (std::size_t at = 0; text.size() - at > max_scalar_bytes;) {
        const std::size_t stop = text.find_last_of(stops, at + max_scalar_bytes);
        if (stop == Bytes::npos || stop < at) return at;
        at = stop + 1;
    }
    return Bytes::npos;
}

// Brackets open at once, and `,` and `:` within one outermost pair of them, counted without regard to quotes. Beyond
// these no text means them; yaml-cpp keeps all of it in memory, 300 bytes each, before it gives the first event.
constexpr std::size_t max_open_brackets = 10'000;
constexpr std::size_t max_flow_entries = 4'000'000;

struct Flow {
    enum class Problem : std::uint8_t { fine, deep, long_ };
    Problem problem = Problem::fine;
    std::size_t at = 0;
};

// Before the text is parsed, in one pass: the bounds above are on what the parser keeps.
Flow find_endless_flow(Bytes text) {
    std::size_t open = 0;
    std::size_t entries = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '[' || c == '{') {
            if (open++ == 0) entries = 0;
            if (open > max_open_brackets) return {Flow::Problem::deep, at};
        } else if (open > 0 && (c == ']' || c == '}')) {
            --open;
        } else if (open > 0 && (c == ',' || c == ':') && ++entries > max_flow_entries) {
            return {Flow::Problem::long_, at};
        }
    }
    return {};
}

base::Span part(base::FileId file, Bytes text, std::size_t at, std::size_t size) {
    return {file, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(std::min(at + size, text.size()))};
}

// The scalars of a tree from first to last; asks must come in the order of the source.
class Scalars {
  public:
    explicit Scalars(const Tree& tree) : tree_(&tree) {}
    bool contain(std::size_t at) {
        const auto is_before = [&](const TreeNode& n) { return n.type != TreeNode::Type::scalar || n.end <= at; };
        while (next_ < tree_->nodes.size() && is_before(tree_->nodes[next_])) ++next_;
        return next_ < tree_->nodes.size() && tree_->nodes[next_].begin < at;
    }

  private:
    const Tree* tree_;
    std::size_t next_ = 0;
};

}  // namespace

// All lines with tabs are one finding: an editor that writes tabs writes them everywhere. Tabs within a text, in a
// script say, and in lines of comments are left alone.
bool check_tabs(const base::Sources& sources, base::FileId file, const Tree& tree, diag::Sink& sink) {
    const Bytes text = sources.text(file);
    if (text.find('\t') == Bytes::npos) return false;
    Scalars scalars(tree);
    std::size_t lines = 0;
    std::size_t first = 0;
    for (std::size_t line = 0; line < text.size();) {
        const std::size_t end = std::min(text.find('\n', line), text.size());
        const std::size_t word = std::min(text.find_first_not_of(" \t", line), end);
        const std::size_t tab = text.substr(line, word - line).find('\t');
        const bool has_word = word < end && text[word] != '\r' && text[word] != '#';
        if (has_word && tab != Bytes::npos && !scalars.contain(line + tab) && ++lines == 1) first = line + tab;
        line = end + 1;
    }
    if (lines == 0) return false;
    const auto at = static_cast<std::uint32_t>(first);
    auto report = sink.report(codes::tab_indent, {file, at, at + 1}, "");
    report.hint("indent with spaces");
    if (lines > 1) report.hint(fmt::format("{} lines are indented with tabs", lines));
    return true;
}

namespace {

// Where in a line such a character stands for a blank: before its first word, or behind the colon of a key.
std::size_t place_of_foreign(Bytes line) {
    const auto is_foreign = [&](std::size_t at) {
        return size_of_foreign_blank(line.substr(at)) > 0 || size_of_invisible(line.substr(at)) > 0;
    };
    if (is_foreign(0)) return 0;
    std::size_t at = std::min(line.find_first_not_of(" -"), line.size());
    while (at < line.size() && ((line[at] >= 'a' && line[at] <= 'z') || line[at] == '_')) ++at;
    return at + 1 < line.size() && line[at] == ':' && is_foreign(at + 1) ? at + 1 : Bytes::npos;
}

}  // namespace

// Of lines that have a blank at such a place. A text that is pasted from a web page may have them in a line or two,
// which is found there, and the others are read.
bool check_blanks(const base::Sources& sources, base::FileId file, diag::Sink& sink) {
    static constexpr std::size_t min_lines = 3;
    const Bytes text = sources.text(file);
    if (text.find('\xC2') == Bytes::npos && text.find('\xE2') == Bytes::npos && text.find('\xE3') == Bytes::npos &&
        text.find('\xEF') == Bytes::npos)
        return false;  // as nearly every text
    std::size_t foreign = 0;
    std::size_t all = 0;
    std::size_t first = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const Bytes line = text.substr(begin, end - begin);
        const std::size_t at = place_of_foreign(line);
        if (at != Bytes::npos && ++foreign == 1) first = begin + at;
        if (at != Bytes::npos || line.starts_with(" ") || line.find(": ") != Bytes::npos) ++all;
        begin = end + 1;
    }
    if (foreign < min_lines || foreign * 2 <= all) return false;
    const std::size_t size = std::max(size_of_foreign_blank(text.substr(first)), size_of_invisible(text.substr(first)));
    sink.report(codes::wrong_column, part(file, text, first, size),
                "has what looks like a blank or cannot be seen, and is none to YAML")
        .hint(fmt::format("write blanks; {} have it", base::counted(foreign, "line")));
    return true;
}

// Ends at the first fault: in a file of another encoding all that follows is one too. Invisible control characters are
// refused, since a plan must be what a reviewer sees.
bool check_text(const base::Sources& sources, base::FileId file, diag::Sink& sink) {
    const Bytes text = sources.text(file);
    if (const std::string_view encoding = foreign_encoding(text); !encoding.empty()) {
        sink.report(codes::wrong_encoding, {file, 0, 0}, encoding)
            .hint(encoding == workbook ? as_excel_calls_it : how_to_save(sources, file));
        return false;
    }
    for (std::size_t at = 0; at < text.size();) {
        if (is_ordinary(text[at])) {
            ++at;
            continue;
        }
        std::size_t size = 1;
        if (const std::string words = complaint(text, at, size); !words.empty()) {
            auto report = sink.report(codes::not_text, part(file, text, at, size), words);
            if (words.ends_with("UTF-8")) report.hint(how_to_save(sources, file));
            return false;
        }
        at += size;
    }
    return true;
}

// What yaml-cpp would take unbounded time or memory for is refused here, in one pass over the bytes.
bool check_bytes(const base::Sources& sources, base::FileId file, diag::Sink& sink) {
    if (!check_text(sources, file, sink)) return false;
    const Bytes text = sources.text(file);
    if (const std::size_t at = find_endless_scalar(text); at != Bytes::npos) {
        sink.report(codes::too_long, part(file, text, at, 1), max_scalar_bytes)
            .hint("a script of this size belongs into a file of its own");
        return false;
    }
    const Flow flow = find_endless_flow(text);
    if (flow.problem == Flow::Problem::deep) sink.report(codes::too_deep, part(file, text, flow.at, 1), max_tree_depth);
    if (flow.problem == Flow::Problem::long_)
        sink.report(codes::long_flow, part(file, text, flow.at, 1), max_flow_entries)
            .hint("write the list with `- `, an entry a line, or as `{csv: FILE}`");
    return flow.problem == Flow::Problem::fine;
}

}  // namespace pvsplan::syntax
