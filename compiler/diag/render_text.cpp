#include <algorithm>
#include <array>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/diag/display.hpp"
#include "compiler/diag/render.hpp"
#include "compiler/diag/secrecy.hpp"

namespace pvsplan::diag {
namespace {

constexpr std::size_t max_related = 8;    // places
constexpr std::size_t max_fix_lines = 8;  // before and after each
constexpr std::string_view ellipsis = "...";

enum class Style : std::uint8_t { plain, bold, error, warning, note, frame, related, added, removed };
// By Style.
constexpr std::array<std::string_view, 9> escapes = {"",         "\x1b[1m",    "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m",
                                                     "\x1b[34m", "\x1b[1;34m", "\x1b[32m",   "\x1b[31m"};

Style style_of(Severity severity) {
    switch (severity) {
        case Severity::error: return Style::error;
        case Severity::warning: return Style::warning;
        case Severity::note: return Style::note;
    }
    return Style::note;
}

// The visible part of a line, and where the mark below it begins and ends, in columns.
struct Excerpt {
    std::string text;
    std::uint32_t mark_begin = 0;
    std::uint32_t mark_end = 0;
};

// The excerpt lies within so many bytes of the mark, so a line of megabytes costs no more than a short one.
constexpr std::uint32_t reach = 2000;

// The first place from `at` on at which a character begins.
std::uint32_t start_of_character(std::string_view line, std::uint32_t at) {
    while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U) ++at;
    return at;
}

// `begin` and `end` are bytes of the line, `width` is counted in columns. A line that is too long is cut so that the
// mark stays in it, with a third of the width before it where there is room.
Excerpt excerpt(std::string_view line, std::uint32_t begin, std::uint32_t end, std::uint32_t width) {
    if (line.size() > 4 * reach) {
        const std::uint32_t left = start_of_character(line, begin - std::min(begin, reach));
        const std::uint32_t right =
            start_of_character(line, static_cast<std::uint32_t>(std::min<std::size_t>(line.size(), begin + reach)));
        line = line.substr(left, right - left);
        begin -= left;
        end = std::min(end, right) - left;
    }
    // Bytes become columns: a character may be two columns wide, or none.
    const std::vector<Cell> all = cells(line);
    std::uint32_t total = 0;
    std::uint32_t mark_begin = 0;
    std::uint32_t mark_end = 0;
    for (const Cell& cell : all) {
        if (cell.offset < begin) mark_begin = total + cell.columns;
        if (cell.offset < end) mark_end = total + cell.columns;
        total += cell.columns;
    }
    mark_end = std::max(mark_end, mark_begin + 1);
    // The window [from, to) of columns; each end that cuts gives up room for its dots.
    std::uint32_t from = 0;
    std::uint32_t to = total;
    const auto dots = static_cast<std::uint32_t>(ellipsis.size());
    if (total > width && width > 4 * dots) {
        if (mark_end + dots > width) from = mark_begin - std::min(mark_begin, width / 3);
        if (from + width > total + dots) from = total + dots - width;
        to = from + width - (from > 0 ? dots : 0);
        if (to < total) to -= dots;
    }
    Excerpt result;
    if (from > 0) result.text += ellipsis;
    const std::uint32_t shift = from > 0 ? dots : 0;
    std::uint32_t column = 0;
    for (const Cell& cell : all) {
        if (column >= from && column + cell.columns <= to) result.text += cell.text;
        column += cell.columns;
    }
    if (to < total) result.text += ellipsis;
    result.mark_begin = std::max(mark_begin, from) - from + shift;
    result.mark_end = std::max(std::min(mark_end, std::max(to, mark_begin + 1)) - from + shift, result.mark_begin + 1);
    return result;
}

// The gutter is as wide as the largest line number of the finding, so that all its frames stand below each other.
class Renderer {
  public:
    Renderer(const Texts& texts, const Diagnostic& diagnostic, const TextOptions& options)
        : texts_(texts), diagnostic_(diagnostic), options_(options) {
        std::uint32_t last = 1;
        const auto see = [&](base::Span span) {
            if (!span.is_nowhere()) last = std::max(last, texts_.position(span.file, span.begin).line);
        };
        see(diagnostic.span);
        for (const Label& label : diagnostic.related) see(label.span);
        if (diagnostic.fix)
            for (const Edit& edit : diagnostic.fix->edits) see({edit.span.file, edit.span.end, edit.span.end});
        gutter_ = static_cast<std::uint32_t>(std::to_string(last + 1).size());
    }

    // Headline, place, related places, other findings, hints, fix: from what is wrong to what to do.
    std::string text() && {
        headline();
        if (!diagnostic_.span.is_nowhere())
            frame("-->", diagnostic_.span, diagnostic_.label_text, '^', style_of(diagnostic_.severity));
        related();
        if (const std::string others = diagnostic_.others_text(); !others.empty()) remark("note", others);
        for (const std::string& hint : diagnostic_.hints) remark("hint", hint);
        if (diagnostic_.fix) fix(*diagnostic_.fix);
        out_ += '\n';
        return std::move(out_);
    }

  private:
    // Colours end with each text, so that a line that is cut off colours nothing after it.
    void put(std::string_view text, Style style) {
        const bool coloured = options_.colour == Colour::always && style != Style::plain && !text.empty();
        if (coloured) out_ += escapes[static_cast<std::size_t>(style)];
        out_ += text;
        if (coloured) out_ += "\x1b[0m";
    }

    // The headline is wrapped under itself, so that a code stands alone at the left.
    void headline() {
        const std::string head = std::string(name_of(diagnostic_.severity)) + "[" + code_text(diagnostic_.code) + "]";
        put(head, style_of(diagnostic_.severity));
        const auto first = static_cast<std::uint32_t>(head.size());
        bool is_first = true;
        for (const std::string& line : wrapped(diagnostic_.message, options_.width - 4, first + 2 - 4)) {
            put(is_first ? ": " : "    ", Style::bold);
            is_first = false;
            put(line, Style::bold);
            out_ += '\n';
        }
    }

    // A line without anything behind the bar has no blank at its end.
    void gutter(std::string_view content, std::string_view bar = " | ") {
        std::string left(gutter_ - std::min<std::size_t>(gutter_, content.size()), ' ');
        left += content;
        left += bar;
        while (left.ends_with(' ') && bar == " |") left.pop_back();
        put(left, Style::frame);
    }
    void bar() {
        gutter("", " |");
        out_ += '\n';
    }

    // A place over several lines shows its first. The mark is never empty: an insertion has a place too.
    void frame(std::string_view arrow, base::Span span, std::string_view words, char mark, Style style) {
        const base::Position at = texts_.position(span.file, span.begin);
        put(std::string(gutter_, ' ') + std::string(arrow) + " ", Style::frame);
        out_ +=
            harmless(texts_.path(span.file)) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + "\n";
        bar();
        std::string_view whole = texts_.line(span.file, at.line);
        auto start = static_cast<std::uint32_t>(whole.data() - texts_.text(span.file).data());
        // Reads only the part near the mark: a line may have megabytes.
        if (whole.size() > 16 * reach) {
            const std::uint32_t skip =
                start_of_character(whole, span.begin - start - std::min(span.begin - start, 8 * reach));
            whole = whole.substr(skip, 16 * reach);
            start += skip;
        }
        const auto size = static_cast<std::uint32_t>(whole.size());
        std::uint32_t begin = whole.empty() ? 0 : std::min(span.begin - start, size);
        std::uint32_t end = whole.empty() ? 0 : std::min(span.end - start, size);
        while (end > begin && whole[end - 1] == ' ') --end;
        // The mark moves with what is struck out before it.
        const RedactedLine redacted = redacted_line(texts_, span.file, start, whole, begin, end);
        const std::string_view line = redacted.text;
        begin = redacted.begin;
        end = std::max(redacted.end, redacted.begin);
        const std::uint32_t room = options_.width - std::min(options_.width, gutter_ + 3);
        const Excerpt part = excerpt(line, begin, end, room);
        gutter(std::to_string(at.line));
        out_ += part.text + "\n";
        marks(part, words, mark, style, room);
    }

    // Words stand behind the mark if they fit there, else below it.
    void marks(const Excerpt& part, std::string_view words, char mark, Style style, std::uint32_t room) {
        gutter("");
        out_.append(part.mark_begin, ' ');
        put(std::string(part.mark_end - part.mark_begin, mark), style);
        if (words.empty()) {
            out_ += '\n';
            return;
        }
        const std::string one_line = harmless(words);
        if (part.mark_end + 1 + columns(one_line) <= room) {
            out_ += ' ';
            put(one_line, style);
            out_ += '\n';
            return;
        }
        out_ += '\n';
        const std::uint32_t indent = std::min(part.mark_begin, room / 3);
        for (const std::string& line : wrapped(words, room - indent)) {
            gutter("");
            out_.append(indent, ' ');
            put(line, style);
            out_ += '\n';
        }
    }

    // Several labels of one place share a frame; of many, the first are shown and the others counted.
    void related() {
        std::vector<Label> places;
        std::vector<std::size_t> labels;  // of each place
        for (const Label& label : diagnostic_.related) {
            if (places.empty() || label.span.is_nowhere() || places.back().span != label.span) {
                places.push_back(label);
                labels.push_back(1);
            } else if (++labels.back() <= max_related) {
                places.back().message += ", " + label.message;
            }
        }
        for (std::size_t i = 0; i < places.size(); ++i)
            if (labels[i] > max_related)
                places[i].message += " and " + std::to_string(labels[i] - max_related) + " more";
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (i == max_related) {
                remark("note", "and " + std::to_string(places.size() - max_related) + " more places");
                return;
            }
            if (places[i].span.is_nowhere()) {
                remark("note", places[i].message);
            } else {
                frame(":::", places[i].span, places[i].message, '-', Style::related);
            }
        }
    }

    // Wrapped below its first word.
    void remark(std::string_view kind, std::string_view words) {
        const std::string head = std::string(kind) + ": ";
        const auto indent = static_cast<std::uint32_t>(gutter_ + 3 + head.size());
        bool first = true;
        for (const std::string& line : wrapped(words, options_.width - std::min(options_.width - 20, indent))) {
            if (first) {
                put(std::string(gutter_, ' ') + " = ", Style::frame);
                put(head, Style::bold);
            } else {
                out_.append(indent, ' ');
            }
            first = false;
            out_ += line + "\n";
        }
    }

    void fix(const Fix& fix) {
        remark("fix", fix.title);
        for (const Edit& edit : fix.edits) changed_lines(edit);
    }

    // The lines that an edit touches, before (`-`) and after (`+`); an unchanged first line is left out.
    void changed_lines(const Edit& edit) {
        const std::string_view text = texts_.text(edit.span.file);
        const std::size_t line_begin = edit.span.begin == 0 ? 0 : text.rfind('\n', edit.span.begin - 1) + 1;
        const std::size_t line_end = std::min(text.find('\n', edit.span.end), text.size());
        const auto clean = [&](std::size_t from, std::size_t to) {
            const auto at = static_cast<std::uint32_t>(from);
            return redacted_line(texts_, edit.span.file, at, text.substr(from, to - from), 0, 0).text;
        };
        // Redacted on both sides of the edit, and the new line once more as a whole: an edit may complete a secret.
        std::string before = clean(line_begin, line_end);
        std::string after =
            without_secrets(clean(line_begin, edit.span.begin) + edit.text + clean(edit.span.end, line_end));
        std::uint32_t number = texts_.position(edit.span.file, static_cast<std::uint32_t>(line_begin)).line;
        std::vector<std::string> old_lines = split(before);
        std::vector<std::string> new_lines = split(after);
        while (!old_lines.empty() && !new_lines.empty() && old_lines.front() == new_lines.front()) {
            old_lines.erase(old_lines.begin());
            new_lines.erase(new_lines.begin());
            ++number;
        }
        while (!old_lines.empty() && !new_lines.empty() && old_lines.back() == new_lines.back()) {
            old_lines.pop_back();
            new_lines.pop_back();
        }
        lines(old_lines, number, " - ", Style::removed);
        lines(new_lines, number, " + ", Style::added);
    }

    static std::vector<std::string> split(std::string_view text) {
        std::vector<std::string> result;
        for (;;) {
            const std::size_t end = text.find('\n');
            result.emplace_back(text.substr(0, end));
            if (end == std::string_view::npos) return result;
            text.remove_prefix(end + 1);
        }
    }

    // Only the first lines of a long edit.
    void lines(const std::vector<std::string>& all, std::uint32_t number, std::string_view sign, Style style) {
        const std::uint32_t room = options_.width - std::min(options_.width, gutter_ + 3);
        for (std::size_t i = 0; i < std::min(all.size(), max_fix_lines); ++i) {
            gutter(std::to_string(number + i), sign);
            put(excerpt(all[i], 0, 0, room).text, style);
            out_ += '\n';
        }
    }

    const Texts& texts_;
    const Diagnostic& diagnostic_;
    const TextOptions& options_;
    std::uint32_t gutter_ = 1;
    std::string out_;
};

}  // namespace

// In less than 40 columns nothing could be shown in a frame.
std::string render_text(const Texts& texts, const Diagnostic& diagnostic, const TextOptions& options) {
    TextOptions sane = options;
    sane.width = std::max<std::uint32_t>(options.width, 40);
    const Diagnostic redacted = without_secrets(texts, diagnostic);
    return Renderer(texts, redacted, sane).text();
}

std::string count_text(std::span<const Diagnostic> diagnostics) {
    std::string text;
    for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
        const auto n = std::count_if(diagnostics.begin(), diagnostics.end(),
                                     [&](const Diagnostic& d) { return d.severity == severity; });
        if (n == 0) continue;
        base::append(text, ", ", base::counted(static_cast<std::uint64_t>(n), name_of(severity)));
    }
    return text;
}

}  // namespace pvsplan::diag
