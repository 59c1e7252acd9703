#include "compiler/diag/secrecy.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "compiler/base/near.hpp"

namespace pvsplan::diag {
namespace {

struct HiddenRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_of_token(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
}

// The word that ends before `at`, with or without quotes around it.
std::string_view word_before(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end > 0 && is_blank(text[end - 1])) --end;
    if (end > 0 && (text[end - 1] == '"' || text[end - 1] == '\'')) --end;
    std::size_t begin = end;
    while (begin > 0 && end - begin < 64 && is_of_token(text[begin - 1])) --begin;
    return text.substr(begin, end - begin);
}

// Whether what begins here is known to be no secret: a reference, a mapping, a type, nothing.
bool is_no_value(std::string_view text) {
    static constexpr std::array<std::string_view, 11> references = {
        "${", "$Secret", "$With", "$On", "$env:", ":Secret", ":With", "{", "|", ">", "*"};
    static constexpr std::array<std::string_view, 9> words = {"true", "false",    "secret",  "string", "int",
                                                              "bool", "duration", "version", "list"};
    if (text.empty() || text.front() == '#' || text.front() == '`' || text.front() == ',' || text.front() == '}')
        return true;
    for (const std::string_view one : references)
        if (text.starts_with(one)) return true;
    const std::size_t end = std::min(text.find_first_of(" ,}]`\n"), text.size());
    return std::find(words.begin(), words.end(), text.substr(0, end)) != words.end();
}

// A quote that is not closed ends with its line: the text may be what YAML could not read.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\n') return i;
        if (quote == '"' && text[i] == '\\')
            ++i;
        else if (text[i] == quote)
            return i + 1;
    }
    return text.size();
}

// The end of the value that begins at `at`, after `:` in YAML or `=` in a list of options.
std::size_t end_of_value(std::string_view text, std::size_t at, char sign) {
    if (text[at] == '"' || text[at] == '\'') return end_of_quoted(text, at);
    if (sign == '=') {
        const std::size_t end = text[at] == '{' ? text.find('}', at) : text.find_first_of("; \t\"'`,\n", at);
        return std::min(end == std::string_view::npos ? text.size() : end + (text[at] == '{' ? 1 : 0), text.size());
    }
    const std::size_t line = text.rfind('\n', at) == std::string_view::npos ? 0 : text.rfind('\n', at) + 1;
    const std::string_view before = text.substr(line, at - line);
    const auto count = [&](std::string_view signs) {
        return std::count_if(before.begin(), before.end(),
                             [&](char c) { return signs.find(c) != std::string_view::npos; });
    };
    std::string_view stops = "\n";
    if (count("{[") > count("}]")) stops = ",}]\n";
    if (count("`") % 2 == 1) stops = "`\n";
    std::size_t end = std::min(text.find_first_of(stops, at), text.size());
    if (const std::size_t comment = text.find(" #", at); comment < end) end = comment;
    while (end > at && is_blank(text[end - 1])) --end;
    return end;
}

// Every `:` and `=` behind a word that means a secret, unless what follows is known to be none. Too much is struck
// rather than too little.
std::vector<HiddenRange> secrets_in(std::string_view text) {
    std::vector<HiddenRange> ranges;
    for (std::size_t at = text.find_first_of(":="); at != std::string_view::npos;
         at = text.find_first_of(":=", at + 1)) {
        if (!is_secret_word(word_before(text, at))) continue;
        std::size_t value = at + 1;
        while (value < text.size() && is_blank(text[value])) ++value;
        const std::string_view value_text = text.substr(std::min(value, text.size()));
        const bool is_quoted = !value_text.empty() && (value_text.front() == '"' || value_text.front() == '\'');
        const bool is_options = text[at] == '=' && !value_text.empty() && value_text.front() == '{';
        if (is_quoted ? is_no_value(value_text.substr(1)) : !is_options && is_no_value(value_text)) continue;
        const std::size_t end = end_of_value(text, value, text[at]);
        if (end > value) ranges.push_back({value, end});
        at = std::max(at, end > 0 ? end - 1 : 0);
    }
    return ranges;
}

// The hidden ranges of a line, ascending and disjoint.
std::vector<HiddenRange> hidden(const Texts& texts, base::FileId file, std::uint32_t offset, std::string_view line) {
    std::vector<HiddenRange> all = secrets_in(line);
    for (const base::Span& span : texts.secrets())
        if (span.file == file && span.begin < offset + line.size() && span.end > offset)
            all.push_back(
                {span.begin > offset ? span.begin - offset : 0, std::min<std::size_t>(span.end - offset, line.size())});
    std::sort(all.begin(), all.end(), [](const HiddenRange& a, const HiddenRange& b) { return a.begin < b.begin; });
    std::vector<HiddenRange> apart;
    for (const HiddenRange& range : all) {
        if (!apart.empty() && range.begin <= apart.back().end)
            apart.back().end = std::max(apart.back().end, range.end);
        else
            apart.push_back(range);
    }
    return apart;
}

// Ranges are ascending and do not touch.
std::string struck(std::string_view text, const std::vector<HiddenRange>& ranges) {
    std::string result;
    std::size_t at = 0;
    for (const HiddenRange& range : ranges) {
        result += text.substr(at, range.begin - at);
        result += struck_out;
        at = range.end;
    }
    return result += text.substr(at);
}

// Maps a place of the text into the text without the ranges; a place within a range moves to its side of the stars.
enum class Side : std::uint8_t { begin, end };
// Where a place of the text lies after struck(); one within a range moves to that end of it.
std::size_t moved(std::size_t place, Side side, const std::vector<HiddenRange>& ranges) {
    std::size_t result = 0;
    std::size_t at = 0;
    for (const HiddenRange& range : ranges) {
        if (place <= range.begin) break;
        result += range.begin - at;
        if (place < range.end) return result + (side == Side::end ? struck_out.size() : 0);
        result += struck_out.size();
        at = range.end;
    }
    return result + place - at;
}

}  // namespace

// Slips count: whoever wrote `pasword` meant a password, and it must not be quoted because of that.
bool is_secret_word(std::string_view key) {
    if (const std::size_t dot = key.rfind('.'); dot != std::string_view::npos) key.remove_prefix(dot + 1);
    std::string word;
    for (const char c : key)
        if (c != '_' && c != '-') word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const std::string_view part : {"passw", "pasw", "passphrase", "kennwort", "secret", "token", "apikey",
                                        "accesskey", "privatekey", "credential"})
        if (word.find(part) != std::string::npos) return true;
    static const std::vector<std::string> password = {"password"};
    return word == "pwd" || word == "pass" || word == "pw" || base::nearest(word, password).has_value();
}

bool has_secret(std::string_view text) { return !secrets_in(text).empty(); }

std::string without_secrets(std::string_view text) { return struck(text, secrets_in(text)); }

// The mark moves with the text around it. One that begins or ends within a secret goes around the stars.
RedactedLine redacted_line(const Texts& texts, base::FileId file, std::uint32_t offset, std::string_view line,
                           std::uint32_t begin, std::uint32_t end) {
    const std::vector<HiddenRange> ranges = hidden(texts, file, offset, line);
    return {.text = struck(line, ranges),
            .begin = static_cast<std::uint32_t>(moved(begin, Side::begin, ranges)),
            .end = static_cast<std::uint32_t>(moved(end, Side::end, ranges))};
}

// A change whose text holds a secret is dropped rather than struck: with stars in it nobody may apply it.
Diagnostic without_secrets(const Texts& texts, const Diagnostic& diagnostic) {
    // Messages do not repeat what is struck out; this is the second line, so it need not hold for an inventory of them.
    static constexpr std::size_t max_known = 200;
    std::vector<std::string_view> known;
    for (const base::Span& span : texts.secrets()) {
        if (known.size() == max_known) break;
        std::string_view text = texts.text(span);
        if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
            text = text.substr(1, text.size() - 2);
        if (text.size() >= 4) known.push_back(text);
    }
    const auto clean = [&](std::string& text) {
        for (const std::string_view secret : known)
            for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
                text.replace(at, secret.size(), struck_out);
        if (has_secret(text)) text = without_secrets(text);
    };
    Diagnostic redacted = diagnostic;
    clean(redacted.message);
    clean(redacted.label_text);
    for (Label& label : redacted.related) clean(label.message);
    for (Label& moment : redacted.schedule) clean(moment.message);
    for (std::string& hint : redacted.hints) clean(hint);
    const auto has_any = [&](Fix& fix) {
        clean(fix.title);
        return std::any_of(fix.edits.begin(), fix.edits.end(), [&](const Edit& edit) {
            std::string cleaned = edit.text;
            clean(cleaned);
            return cleaned != edit.text;
        });
    };
    if (redacted.fix && has_any(*redacted.fix)) redacted.fix.reset();
    std::erase_if(redacted.proposals, has_any);
    return redacted;
}

}  // namespace pvsplan::diag
