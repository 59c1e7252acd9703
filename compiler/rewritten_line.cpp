#include "compiler/rewritten_line.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <regex>
#include <string>
#include <string_view>

#include "compiler/base/counted.hpp"
#include "compiler/base/lower_case.hpp"
#include "compiler/base/utf8.hpp"
#include "compiler/signs.hpp"
#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/slips.hpp"

namespace pvsplan::compiler {
namespace {

using diag::Diagnostic;
using diag::Edit;
using diag::Fix;

constexpr std::size_t max_line = 400;  // longer ones were not typed, and a pattern would take long over them
constexpr std::size_t max_title = 60;  // of what is shown of a change
constexpr std::size_t max_tried = 24;  // changes of one line

// What a finding is about, and with it what of the table may have been meant.
enum class Matter : std::uint8_t { yaml, words, value };
Matter matter_of(int code) {
    if (code > 1200 && code < 1300) return Matter::words;
    return code < 1100 || code == syntax::codes::unknown_key.code || code == syntax::codes::wrong_form.code ||
                   code == syntax::codes::no_document.code || code == syntax::codes::shapeless_step.code
               ? Matter::yaml
               : Matter::value;
}

enum class Takes : std::uint8_t { nearest, all };

// `written` is what people write, as a regular expression, `meant` what they mean by it.
struct Row {
    Takes takes;
    const char* written;
    const char* meant;
};

// Signs that a word processor or a chat puts in place of others. They count whatever the finding is about.
constexpr Row pasted[] = {
    {Takes::all, "“|”|„|‟|«|»|″", "\""},
    {Takes::all, "‘|’|‚|‛|′", "'"},
    {Takes::all, "‘|’|‚|‛|′|“|”|„|‟|«|»|″", "\""},
    {Takes::all, "\u00a0|\u2002|\u2003|\u2007|\u2009|\u202f|\u3000", " "},
    {Takes::all, "\u200b|\u200c|\u200d|\u2060|\ufeff|\u00ad", ""},
    {Takes::all, "–|—|−|‐|‑", "-"},
    {Takes::all, "：", ":"},
};

constexpr Row of_yaml[] = {
    // What begins an entry of a list.
    {Takes::nearest, "^( *)(?:–|—|−|‐|‑|•|·|▪|‣|●|○|\\*|\\+|--|[0-9]+[.)]|-)\\s*(?=[A-Za-z_{\\[\"'])", "$1- "},
    {Takes::nearest, "^( *)- +- ", "$1- "},
    {Takes::nearest, "^( *)- (?=[A-Za-z_]+:)", "$1"},
    {Takes::nearest, "^( *)- (?=[A-Za-z_]+:)", "$1  "},
    {Takes::nearest, "^( *)(?=[A-Za-z_]+:)", "$1- "},
    // A loop.
    {Takes::nearest, "(for_each: *\\w+) ?:(?= )", "$1 in"},
    {Takes::nearest, "(for_each: )(?=\\[(\\w+) in )", "$1$2 in "},
    // What stands between a key and its value.
    {Takes::nearest, "^( *(?:- +)*[A-Za-z_][\\w.-]*?) *(?::[:=]|[=-]>|=|;|：|~|→) *", "$1: "},
    {Takes::nearest, "^( *(?:- +)*[A-Za-z_][\\w.-]*?):(?=[^ :])", "$1: "},
    {Takes::nearest, "^( *(?:- +)*[A-Za-z_][\\w.-]*) +(?=[^ :#])", "$1: "},
    {Takes::nearest, "^( *(?:- +)*[A-Za-z_][\\w.-]*);? *$", "$1:"},
    // Between brackets.
    {Takes::all, " *; *(?=\\S)", ", "},
    {Takes::nearest, "(?:, *)+, *", ", "},
    {Takes::nearest, "([\\w\"'}\\]]) +(?=[A-Za-z_][\\w-]*: )", "$1, "},
    {Takes::nearest, "([{,] *[A-Za-z_][\\w-]*)(?: *=>? *|:(?=[^ ])| +(?=[\"'\\w$\\[{]))", "$1: "},
    {Takes::nearest, "\\$?\\{\\{ *([\\w.]+) *\\}\\}", "\"$${$1}\""},
    {Takes::nearest, "(\"[^\"]*?)(, [A-Za-z_][\\w-]*: \")", "$1\"$2"},
    {Takes::nearest, "(: |- )\\((.*)\\)(?= *$)", "$1{$2}"},
    {Takes::nearest, "(: |- )\\((.*)\\)(?= *$)", "$1[$2]"},
    {Takes::nearest, "(: |- )\\[(.*: .*)\\](?= *$)", "$1{$2}"},
    {Takes::nearest, "(: |- )\\{([^:]*)\\}(?= *$)", "$1[$2]"},
    {Takes::nearest, "(: )([A-Za-z_][\\w-]*: .*?) *$", "$1{$2}"},
    // Quotes.
    {Takes::nearest, "\"\"([^\"]+)\"\"", "\"$1\""},
    {Takes::all, "`([^`]*)`", "\"$1\""},
    {Takes::nearest, "\"([^\"']*)'", "\"$1\""},
    {Takes::nearest, "'([^\"']*)\"", "\"$1\""},
    {Takes::nearest, "(: )([^\"'\\s{\\[,][^\",]*\")", "$1\"$2"},
    {Takes::all, "([:,\\[{] *)(\\$\\{[^}\"]*\\})(?!\")", "$1\"$2\""},
    // Comments.
    {Takes::nearest, "^( *)(?:/[/*]|--+|;+|%|\\.\\.\\.)[ *]*", "$1# "},
    {Takes::nearest, "(\\S) +//+ *(?=\\S)", "$1  # "},
};

constexpr Row of_words[] = {
    {Takes::nearest, "=== *", "== "},
    {Takes::nearest, " *(?:<>|≠|=/=|!==|/=|~=| -ne |\\bis +not\\b) *", " != "},
    {Takes::nearest, " *(?:=<|≤| -le ) *", " <= "},
    {Takes::nearest, " *(?:=>|≥| -ge ) *", " >= "},
    {Takes::nearest, " -lt ", " < "},
    {Takes::nearest, " -gt ", " > "},
    {Takes::nearest, " *(?:&&?| -and ) *", " and "},
    {Takes::nearest, " *(?:\\|\\|| -or ) *", " or "},
    {Takes::nearest, " (?:\\||:|if|when|with|for which|such that|having|whose) ", " where "},
    {Takes::nearest, " (?:of|from|:|=|∈|←|within|over) ", " in "},
    {Takes::nearest, ": (?=\\[)", " in "},
    {Takes::nearest, "(?:!|-not )(?=[a-z(])", "not "},
    {Takes::nearest, " +(?:is|equals|-eq) +", " == "},
    {Takes::nearest, "([^=!<>])=(?![=>])", "$1=="},
    {Takes::nearest, "\\bin +in\\b", "in"},
    {Takes::nearest, "(\\bin |\\+ |\\()(?=\\w+ in \\w+ where )", "$1["},
    {Takes::nearest, "\\b(\\w+) for \\1 in ", "$1 in "},
    {Takes::nearest, "(for_each: )(?:(?:for|each|every|foreach|all) )+", "$1"},
    {Takes::nearest, "(for_each: )(?=\\[(\\w+) in )", "$1$2 in "},
    {Takes::nearest, "\\bat[_-]?most\\b|\\bmax(?:imum|imal)?(?: of)?\\b|\\b(?:no|not) more than\\b|\\bup to\\b",
     "at most"},
    {Takes::nearest, "\\bat[_-]?least\\b|\\bmin(?:imum|imal)?(?: of)?\\b|\\b(?:no|not) (?:less|fewer) than\\b",
     "at least"},
    {Takes::nearest, "\\bfor (?:each|every) ", "per "},
    {Takes::nearest, "\\b(?:all|each|any) ", "every "},
    {Takes::nearest, " before (?!every )", " before every "},
    {Takes::nearest, "(: )(?=at (?:most|least) |exactly )", "$1always "},
    {Takes::nearest, "\\b(?:no|not|forbid|forbidden) ", "never "},
    {Takes::nearest, "\\b([a-z_]+) ([a-z_]+)$", "$1($2)"},
    // Holes.
    {Takes::nearest, "\\$\\{\\{ *([^{}]*?) *\\}\\}", "$${$1}"},
    {Takes::nearest, "(\\$\\{[^{}\"]*?)[)\\]>]+(?=\")", "$1}"},
    {Takes::nearest, "(\\$\\{[^{}\",]*)(?=[\",])", "$1}"},
    {Takes::nearest, "\"?\\$\\{([^{}\"]*)\\}\"?", "$1"},
    {Takes::nearest, "<([\\w.]+)>", "$1"},
    {Takes::nearest, "[.,;]+(?= *[}\\]]?$)", ""},
    {Takes::nearest, "(: )[({](.*)[)}](?= *$)", "$1[$2]"},
    {Takes::nearest, "(: )([^\\[\\]{}\"]*,[^\\[\\]{}\"]*?)(?= *$)", "$1[$2]"},
};

constexpr Row of_values[] = {
    {Takes::nearest, "[,;.:]+(?= *[}\\]]?$)", ""},
    {Takes::nearest, "\\(\\)", ""},
    {Takes::nearest, "(do: [A-Za-z]\\w*)(?:/|::?|->|\\\\| )(?=\\w)", "$1."},
    {Takes::nearest, " +(?://+|--) *(?=\\S)", "  # "},
    {Takes::nearest, "(\\S)#(?= )", "$1 #"},
    {Takes::nearest, "#(?=\\w)", ""},
    {Takes::nearest, "<([\\w.-]+)>", "$1"},
    {Takes::nearest, "(: )[\\[({]([\\w.-]+)[\\])}](?= *$)", "$1$2"},
    {Takes::nearest, "(: )[({]([^:]*)[)}](?= *$)", "$1[$2]"},
    {Takes::nearest, "\"?(?:\\$?\\{\\{? *|\\$\\(|%|<|\\$)([a-z_][\\w.]*)(?: *\\}\\}?|\\)|%|>|)\"?", "\"$${$1}\""},
    {Takes::nearest, "\\.(?:policy|module)?\\.?ya?ml", ""},
    {Takes::nearest, "(: )([^\\[\\]{}\"]*,[^\\[\\]{}\"]*?)(?= *$)", "$1[$2]"},
    {Takes::nearest, "(: )([\\w.-]+)(?: and |; *| & | \\+ | +)([\\w.-]+)(?= *$)", "$1[$2, $3]"},
    {Takes::nearest, "([\\w\"']) *[; ] *(?=[\\w\"'])", "$1, "},
    {Takes::nearest, "(: \\d+)(?:x|[ ,].*)(?= *$)", "$1"},
};

struct Compiled {
    const Row* row;
    std::regex written;
};
template <std::size_t N>
std::vector<Compiled> compiled(const Row (&rows)[N]) {
    std::vector<Compiled> all;
    for (const Row& row : rows) all.push_back({&row, std::regex(row.written)});
    return all;
}

// The line of a place, without its break, and how far the mark goes in it.
class MarkedLine {
  public:
    MarkedLine(const base::Sources& sources, base::Span span) : file_(span.file), source_(sources.text(span.file)) {
        begin_ = begin_of(span.begin);
        end_ = end_of(begin_);
        text_ = std::string(source_.substr(begin_, end_ - begin_));
        mark_ = std::min<std::size_t>(span.begin - begin_, text_.size());
        mark_end_ = std::clamp<std::size_t>(span.end - begin_, mark_, text_.size());
    }

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::size_t mark() const { return mark_; }
    [[nodiscard]] std::size_t mark_end() const { return mark_end_; }

    // The smallest change that makes `written` of the line.
    [[nodiscard]] Fix as(const std::string& written, std::string title = "") const {
        std::size_t same = 0;
        while (same < std::min(text_.size(), written.size()) && text_[same] == written[same]) ++same;
        std::size_t rest = 0;
        while (rest < std::min(text_.size(), written.size()) - same &&
               text_[text_.size() - 1 - rest] == written[written.size() - 1 - rest])
            ++rest;
        while (same > 0 && is_inside(text_, same)) --same;
        while (rest > 0 && is_inside(text_, text_.size() - rest)) --rest;
        if (title.empty()) title = title_of(written, same, rest);
        return {std::move(title),
                {{{file_, place(begin_ + same), place(begin_ + text_.size() - rest)},
                  written.substr(same, written.size() - rest - same)}}};
    }

    // The words of the line behind those of the line above, as they were before something broke the line.
    [[nodiscard]] std::vector<Fix> joined() const {
        const std::size_t word = text_.find_first_not_of(' ');
        if (begin_ == 0 || word == std::string::npos) return {};
        std::size_t end = begin_;
        while (end > 0 && std::string_view(" \r\n").find(source_[end - 1]) != std::string_view::npos) --end;
        return {{"write it on the line above", {{{file_, place(end), place(begin_ + word)}, " "}}}};
    }

    // The line is no part of the plan, and the lines around it that are none either: a greeting, a signature.
    [[nodiscard]] std::vector<Fix> put_aside() const {
        if (text_.starts_with("```")) {
            const std::size_t next = std::min(end_ + 1, source_.size());
            return {{"take the line out", {{{file_, place(begin_), place(next)}, ""}}}};
        }
        if (!is_prose(begin_)) return {};
        Fix fix{"make a comment of the line", {}};
        std::size_t first = begin_;
        while (first > 0 && is_prose(begin_of(first - 1))) first = begin_of(first - 1);
        for (std::size_t at = first; at < source_.size() && is_prose(at); at = source_.find('\n', at) + 1) {
            fix.edits.push_back({{file_, place(at), place(at)}, "# "});
            if (source_.find('\n', at) == std::string_view::npos) break;
        }
        if (fix.edits.size() > 1) fix.title = "make a comment of these lines";
        return {std::move(fix)};
    }

    // A line further below begins a step with a key of this one.
    [[nodiscard]] std::vector<Fix> without_next_dash() const {
        const std::size_t dash = text_.find("- ");
        if (dash == std::string::npos || text_.find_first_not_of(' ') != dash) return {};
        for (std::size_t at = source_.find('\n', begin_); at != std::string_view::npos;
             at = source_.find('\n', at + 1)) {
            const std::size_t word = std::min(source_.find_first_not_of(' ', at + 1), source_.size());
            if (word > at + 1 + dash || word == source_.size() || source_[word] == '\n') continue;
            if (word < at + 1 + dash || !source_.substr(word).starts_with("- ")) return {};
            return {{"leave the next `-` out", {{{file_, place(word), place(word + 1)}, " "}}}};
        }
        return {};
    }

    // The list that begins here has no key.
    [[nodiscard]] std::vector<Fix> with_key_above() const {
        if (source_.find("\nsteps:") != std::string_view::npos || text_.find("- ") != text_.find_first_not_of(' '))
            return {};
        return {{"write `steps:` above it", {{{file_, place(begin_), place(begin_)}, "steps:\n"}}}};
    }

    // All of the text was pasted from where quotes, dashes and blanks are others: each line that is changed by it.
    [[nodiscard]] std::vector<Fix> all_lines(const std::vector<std::pair<std::regex, std::string>>& changes) const {
        Fix fix;
        bool is_here = false;
        for (std::size_t at = 0; at < source_.size(); at = std::min(source_.find('\n', at), source_.size() - 1) + 1) {
            const std::string line(source_.substr(at, end_of(at) - at));
            if (line.size() > max_line || is_plain(line)) continue;
            std::string written = line;
            for (const auto& [from, to] : changes) written = std::regex_replace(written, from, to);
            if (written == line) continue;
            is_here = is_here || at == begin_;
            fix.edits.push_back({{file_, place(at), place(at + line.size())}, std::move(written)});
        }
        if (!is_here || fix.edits.size() < 2) return {};
        fix.title = "write the signs of a keyboard in " + base::counted(fix.edits.size(), "line");
        return {std::move(fix)};
    }

    // A mail has `> ` before each line that it quotes.
    [[nodiscard]] std::vector<Fix> unquoted_mail() const {
        if (!text_.starts_with(">")) return {};
        Fix fix{"take the `>` before lines out", {}};
        for (std::size_t at = 0; at < source_.size(); at = end_of(at) + 1)
            if (source_[at] == '>') {
                const std::size_t end = at + (source_.substr(at).starts_with("> ") ? 2 : 1);
                fix.edits.push_back({{file_, place(at), place(end)}, ""});
            }
        return {std::move(fix)};
    }

  private:
    // Of letters without accents alone, and not of a list with other marks.
    static bool is_plain(std::string_view line) {
        const std::size_t word = std::min(line.find_first_not_of(' '), line.size());
        return std::all_of(line.begin(), line.end(),
                           [](char c) { return static_cast<unsigned char>(c) < 0x80U && c != '\t'; }) &&
               syntax::size_of_bullet(line.substr(word)) == 0;
    }
    // Not indented, no key, no entry, no comment.
    [[nodiscard]] bool is_prose(std::size_t begin) const {
        const std::string_view line = source_.substr(begin, end_of(begin) - begin);
        if (line.empty() || std::string_view(" -#{[}]\t").find(line[0]) != std::string_view::npos) return false;
        const std::string_view word = line.substr(0, line.find(':'));
        return word.size() == line.size() || word.find(' ') != std::string_view::npos;
    }
    static std::uint32_t place(std::size_t at) { return static_cast<std::uint32_t>(at); }
    static bool is_inside(std::string_view text, std::size_t at) {
        return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
    }
    [[nodiscard]] std::size_t begin_of(std::size_t at) const { return at == 0 ? 0 : source_.rfind('\n', at - 1) + 1; }
    [[nodiscard]] std::size_t end_of(std::size_t begin) const {
        const std::size_t end = std::min(source_.find('\n', begin), source_.size());
        return end > begin && source_[end - 1] == '\r' ? end - 1 : end;
    }

    // Whole words of what is new, or what is gone.
    [[nodiscard]] std::string title_of(const std::string& written, std::size_t same, std::size_t rest) const {
        std::size_t begin = same;
        std::size_t end = written.size() - rest;
        if (begin == end) {
            const std::string gone = text_.substr(same, text_.size() - rest - same);
            const std::size_t first = gone.find_first_not_of(' ');
            if (first == std::string::npos) return "leave the blanks out";
            const std::string shown = gone.substr(first, gone.find_last_not_of(' ') + 1 - first);
            const bool is_seen = static_cast<unsigned char>(shown[0]) < 0x80U;
            return is_seen ? "leave `" + shown + "` out" : "leave out what cannot be seen";
        }
        while (begin > 0 && written[begin - 1] != ' ') --begin;
        while (end < written.size() && written[end] != ' ') ++end;
        while (begin < end && written[begin] == ' ') ++begin;
        while (end > begin && written[end - 1] == ' ') --end;
        if (begin == end) return "write a blank there";
        if (end - begin <= max_title) return "write `" + written.substr(begin, end - begin) + "`";
        std::size_t cut = begin + max_title;
        while (cut > begin && is_inside(written, cut)) --cut;
        return "write `" + written.substr(begin, cut - begin) + "…`";
    }

    base::FileId file_;
    std::string_view source_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string text_;
    std::size_t mark_ = 0;
    std::size_t mark_end_ = 0;
};

class Guesses {
  public:
    Guesses(const base::Sources& sources, const Diagnostic& finding)
        : finding_(finding), line_(sources, finding.span), matter_(matter_of(finding.code)) {}

    std::vector<Fix> all() && {
        if (line_.text().size() > max_line) return {};
        static const std::vector<Compiled> signs = compiled(pasted);
        by(signs);
        everywhere();
        if (matter_ == Matter::yaml) yaml();
        if (matter_ == Matter::words) words();
        if (matter_ == Matter::value || finding_.code == syntax::codes::wrong_form.code) values();
        if (fixes_.size() > max_tried) fixes_.resize(max_tried);
        return std::move(fixes_);
    }

  private:
    void yaml() {
        static const std::vector<Compiled> rows = compiled(of_yaml);
        add(line_.unquoted_mail());
        if (finding_.code == syntax::codes::not_closed.code && line_.mark() < line_.text().size())
            if (const char sign = line_.text()[line_.mark()]; sign == '"' || sign == '\'')
                for (const std::string& one : with_closed_quote(line_.text(), line_.mark())) add(one);
        for (const std::string& one : with_opened_quote(line_.text(), line_.mark())) add(one);
        if (finding_.code == syntax::codes::colon_in_text.code)
            add(with_lines_of_keys(line_.text()), "write each key on a line of its own");
        by(rows);
        add(with_closed_brackets(line_.text()));
        add(with_opened_brackets(line_.text()));
        if (finding_.message.find("escape") != std::string::npos) add(with_doubled_backslashes(line_.text()));
        if (finding_.code == syntax::codes::colon_in_text.code || finding_.code == syntax::codes::bad_yaml.code)
            add(with_quoted_value(line_.text()));
        if (finding_.code == syntax::codes::shapeless_step.code) add(line_.without_next_dash());
        if (finding_.code == syntax::codes::bad_yaml.code) add(line_.with_key_above());
        add(line_.put_aside());
        add(line_.joined());
    }

    // What stands within a text was written so, and stays.
    void everywhere() {
        static const std::vector<std::pair<std::regex, std::string>> typed = {
            {std::regex("\u00a0|\u2002|\u2003|\u2007|\u2009|\u202f|\u3000"), " "},
            {std::regex("\u200b|\u200c|\u200d|\u2060|\ufeff|\u00ad"), ""},
            {std::regex("^( *)(?:–|—|−|‐|‑|•|·|▪|‣|●|○|\\*|\\+|--|[0-9]+[.)]) +(?=[A-Za-z_{\"'])"), "$1- "},
            {std::regex("([:,\\[{(] *|- |== |!= )(?:“|”|„|«)([^“”„«»\"]*)(?:“|”|»|\")"), "$1\"$2\""},
            {std::regex("([:,\\[{(] *|- |== |!= )(?:‘|’|‚)([^‘’‚']*)(?:‘|’|')"), "$1'$2'"},
        };
        add(line_.all_lines(typed));
    }

    void words() {
        static const std::vector<Compiled> rows = compiled(of_words);
        std::string lower = line_.text();
        for (std::size_t i = line_.mark(); i < line_.mark_end(); ++i) lower[i] = base::lower_case(lower[i]);
        add(lower);
        by(rows);
        add(with_closed_brackets(line_.text()));
        add(with_opened_brackets(line_.text()));
    }

    void values() {
        static const std::vector<Compiled> rows = compiled(of_values);
        std::string lower = line_.text();
        for (std::size_t i = line_.mark(); i < line_.mark_end(); ++i) lower[i] = base::lower_case(lower[i]);
        add(lower);
        by(rows);
    }

    // Where the mark stands, or nearest to it.
    void by(const std::vector<Compiled>& rows) {
        const std::string& text = line_.text();
        for (const Compiled& one : rows) {
            if (one.row->takes == Takes::all) {
                add(std::regex_replace(text, one.written, one.row->meant));
                continue;
            }
            std::smatch nearest;
            std::size_t least = std::string::npos;
            for (std::sregex_iterator at(text.begin(), text.end(), one.written), end; at != end; ++at) {
                const auto begin = static_cast<std::size_t>(at->position());
                const std::size_t behind = begin + static_cast<std::size_t>(at->length());
                const std::size_t off = behind < line_.mark()      ? line_.mark() - behind
                                        : begin > line_.mark_end() ? begin - line_.mark_end()
                                                                   : 0;
                if (off >= least) continue;
                least = off;
                nearest = *at;
            }
            if (least == std::string::npos) continue;
            // The prefix of a later match begins behind the match before it.
            add(text.substr(0, static_cast<std::size_t>(nearest.position())) + nearest.format(one.row->meant) +
                nearest.suffix().str());
        }
    }

    void add(std::string written, std::string title = "") {
        while (written.ends_with(' ') && !line_.text().ends_with(' ')) written.pop_back();
        if (written == line_.text()) return;
        Fix fix = line_.as(written, std::move(title));
        const auto is_same = [&](const Fix& other) {
            return other.edits.size() == 1 && other.edits[0].span == fix.edits[0].span &&
                   other.edits[0].text == fix.edits[0].text;
        };
        if (std::none_of(fixes_.begin(), fixes_.end(), is_same)) fixes_.push_back(std::move(fix));
    }
    void add(std::vector<Fix> fixes) {
        for (Fix& fix : fixes) fixes_.push_back(std::move(fix));
    }

    const Diagnostic& finding_;
    MarkedLine line_;
    Matter matter_;
    std::vector<Fix> fixes_;
};

}  // namespace

std::vector<Fix> rewritten(const base::Sources& sources, const Diagnostic& finding) {
    return Guesses(sources, finding).all();
}

}  // namespace pvsplan::compiler
