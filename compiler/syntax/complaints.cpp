#include "compiler/syntax/complaints.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace pvsplan::syntax {
namespace {

// What yaml-cpp says, word by word, and what to say in its place. An unknown message is passed on as it is: nothing is
// lost with another version of yaml-cpp but the better words.
struct Phrase {
    std::string_view message;
    std::string_view words;
    std::string_view hint;
};

constexpr std::string_view escape_hint =
    "between `\"` a backslash starts an escape: write `\\\\` for each backslash, or put the text between `'`";

// Words of the parser of YAML, and what to tell people in their place, with a way out.
constexpr Phrase table[] = {
    {"illegal map value", "a `:` where there can be no key",
     "put a text that has `: ` in it between quotes; a mapping starts on a line of its own, indented with spaces"},
    {"end of map not found", "this does not continue the mapping around it",
     "the keys of one mapping stand in the same column, each followed by `:`"},
    {"end of sequence not found", "this does not continue the list around it",
     "the entries of one list start with `- ` in the same column"},
    {"end of map flow not found", "a `{` is not closed: expected `,` or `}` here", ""},
    {"end of sequence flow not found", "a `[` is not closed: expected `,` or `]` here", ""},
    {"illegal flow end", "a closing bracket without its opening one",
     "put a text that starts like this between quotes"},
    {"illegal block entry", "a list cannot start on this line", "start it on the next line, or write `[one, two]`"},
    {"illegal map key", "there can be no key here", "a mapping starts on a line of its own"},
    {"illegal tab when looking for indentation", "a tab in the indentation", "indent with spaces"},
    {"illegal document indicator in scalar", "`---` or `...` within a text between quotes",
     "close the quotes before it"},
    {"illegal EOF in scalar", "a text between quotes is not closed", ""},
    {behind_end_message, "this stands behind the end of the document", ""},
    {no_colon_message, "no `:` behind this key", "write `key: value`, with a space behind the `:`"},
    {"unexpected character in block scalar", "unexpected text behind `|` or `>`", "the text starts on the next line"},
    {"cannot set zero indentation for a block scalar", "`0` behind `|` or `>`", "leave the number out"},
    {"cannot assign multiple anchors to the same node", "two anchors on one value", "leave one out"},
    {"cannot assign multiple tags to the same node", "two tags on one value", "leave one out"},
    {"alias not found after *", "a `*` without a name", "put a text that starts with `*` between quotes"},
    {"anchor not found after &", "a `&` without a name", "put a text that starts with `&` between quotes"},
    {"illegal character found while scanning alias", "the name of an alias is letters and digits",
     "put a text that starts with `*` between quotes"},
    {"illegal character found while scanning anchor", "the name of an anchor is letters and digits",
     "put a text that starts with `&` between quotes"},
    {"aliases can't have any content, *including* tags", "an alias stands alone", ""},
    {"bad character found while scanning hex number", "`\\x`, `\\u` and `\\U` want 2, 4 and 8 hexadecimal digits",
     escape_hint},
    {"YAML directives must have exactly one argument", "`%YAML` wants a version", "leave the line out"},
    {"YAML major version too large", "a version of YAML that does not exist", "leave the line out"},
    {"repeated YAML directive", "`%YAML` is here twice", "leave one out"},
    {"TAG directives must have exactly two arguments", "`%TAG` wants two words", "leave the line out"},
    {"repeated TAG directive", "`%TAG` is here twice", "leave one out"},
    {"tag handle with no suffix", "a tag without a name", "put a text that starts with `!` between quotes"},
    {"end of verbatim tag not found", "a tag `!<` without its `>`", "put a text that starts with `!` between quotes"},
    {"illegal character found while scanning tag handle", "a tag of letters that no tag has",
     "put a text that starts with `!` between quotes"},
};

// On the same line, is there a quote right before `at`?
bool follows_quote(std::string_view source, std::size_t at) {
    while (at > 0 && (source[at - 1] == ' ' || source[at - 1] == '\t')) --at;
    return at > 0 && (source[at - 1] == '"' || source[at - 1] == '\'');
}

// The line of `at` has a key, but the line before, in the same column, has none: its `:` was forgotten, and the two
// were read as one text. Nothing if it is not so.
std::optional<Complaint> forgotten_colon(std::string_view source, std::size_t at) {
    const std::size_t line = at == 0 ? 0 : source.rfind('\n', at - 1) + 1;
    if (line < 2) return std::nullopt;
    const std::size_t before = source.rfind('\n', line - 2) + 1;
    const std::string_view text = source.substr(before, line - 1 - before);
    const std::size_t column = text.find_first_not_of(' ');
    if (column == std::string_view::npos || source.find_first_not_of(' ', line) != line + column) return std::nullopt;
    if (text.find_first_of(":#\"'-[{") != std::string_view::npos) return std::nullopt;
    return Complaint{.words = "no `:` behind this key",
                     .hint = "write `key: value`, with a space behind the `:`",
                     .begin = before + column,
                     .end = before + text.find_last_not_of(" \r") + 1};
}

}  // namespace

// The table gives the words; what stands at the place then tells some causes apart that yaml-cpp does not.
Complaint complaint_for(std::string_view message, std::string_view source, std::size_t at) {
    at = std::min(at, source.size());
    if (message == "illegal map value")
        if (std::optional<Complaint> forgotten = forgotten_colon(source, at)) return *forgotten;
    Complaint result{.words = std::string(message), .hint = {}, .begin = at, .end = std::min(at + 1, source.size())};
    for (const Phrase& known : table)
        if (message == known.message) {
            result.words = known.words;
            result.hint = known.hint;
        }
    if (message.starts_with("unknown escape character") ||
        message.starts_with("bad character found while scanning hex")) {
        const std::size_t backslash = at == 0 ? std::string_view::npos : source.rfind('\\', at - 1);
        if (backslash != std::string_view::npos) {
            result.begin = backslash;
            result.end = std::min(backslash + 2, source.size());
        }
        if (message.starts_with("unknown"))
            result.words = fmt::format("`{}` is not an escape", source.substr(result.begin, result.end - result.begin));
        result.hint = escape_hint;
    } else if (message.starts_with("invalid unicode")) {
        result.words = "this escape is not a Unicode character";
    } else if (message == "unknown token" && at < source.size()) {
        // Between brackets yaml-cpp ends a text at a `?` that YAML 1.2 lets it hold.
        const bool is_within_text =
            at > 0 && std::string_view(" \t\r\n,[{").find(source[at - 1]) == std::string_view::npos;
        result.words = fmt::format("a text {} `{}`",
                                   is_within_text ? "between brackets cannot hold" : "cannot start with", source[at]);
        result.hint = "put it between quotes";
    } else if (message.starts_with("end of ") && at > 0 && at < source.size() && source[at] == '[' &&
               std::string_view(" \t\r\n,[{").find(source[at - 1]) == std::string_view::npos) {
        result.words = "a text between brackets cannot hold `[`";
        result.hint = "put it between quotes";
    } else if (message.starts_with("end of ") && follows_quote(source, at)) {
        result.words = "text behind the closing quote";
        result.hint = "put all of it between quotes; within `'` a quote is `''`, within `\"` it is `\\\"`";
    }
    return result;
}

}  // namespace pvsplan::syntax
