#include "compiler/syntax/phrases.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "compiler/syntax/builder.hpp"
#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/slips.hpp"

namespace pvsplan::syntax {
namespace {

// [begin, end) of the word, number or sign at `at`.
std::size_t token_end(std::string_view text, std::size_t at) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               (static_cast<unsigned char>(c) & 0x80U) != 0;
    };
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end > at) return end;
    static constexpr std::string_view doubled = "&|=!<>";
    if (at + 1 < text.size() && doubled.find(text[at]) != std::string_view::npos &&
        doubled.find(text[at + 1]) != std::string_view::npos)
        return at + 2;
    return std::min(at + 1, text.size());
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    const std::size_t found = text.find_first_not_of(" \t\r\n", at);
    return found == std::string_view::npos ? text.size() : found;
}

std::string quoted_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return "the end";
    return fmt::format("`{}`", text.substr(at, token_end(text, at) - at));
}

base::Span place_at(const Slice& slice, std::size_t at) {
    return slice.part(std::min(at, slice.text.size()), token_end(slice.text, std::min(at, slice.text.size())));
}

// What people write in place of a word of a requirement, a loop or a type.
std::string word_meant(std::string_view word, std::string_view rest) {
    struct Meant {
        std::string_view written;
        std::string_view hint;
    };
    static constexpr std::array words = {
        Meant{"after", "write it the other way round, with `before`"},
        Meant{"all", "write `every`"},
        Meant{"any", "write `some`"},
        Meant{"atleast", "write `at least`"},
        Meant{"atmost", "write `at most`"},
        Meant{"each", "write `every`"},
        Meant{"exact", "write `exactly`"},
        Meant{"forbid", "write `never`"},
        Meant{"if", "write `where`"},
        Meant{"max", "write `at most`"},
        Meant{"maximum", "write `at most`"},
        Meant{"min", "write `at least`"},
        Meant{"minimum", "write `at least`"},
        Meant{"no", "write `never`"},
        Meant{"of", "write `in`"},
        Meant{"only", "write `exactly` or `at most`"},
        Meant{"until", "write `before`"},
    };
    if (rest.starts_with("at-most")) return "write `at most`";
    if (rest.starts_with("at-least")) return "write `at least`";
    for (const Meant& meant : words)
        if (meant.written == word) return std::string(meant.hint);
    for (const std::string_view type : {"string", "int", "bool", "duration", "version", "secret"})
        if (word.size() == type.size() && word != type &&
            std::equal(word.begin(), word.end(), type.begin(), [](char a, char b) { return (a | 0x20) == b; }))
            return fmt::format("write `{}`", type);
    return "";
}

// What an operator is here that another language writes so; empty if nothing is known.
std::string_view operator_meant(std::string_view rest) {
    struct Meant {
        std::string_view written;
        std::string_view meant;
    };
    static constexpr std::array signs = {
        Meant{"&&", "and"},       Meant{"&", "and"},      Meant{"||", "or"},       Meant{"<>", "!="},
        Meant{"\u2260", "!="},    Meant{"=<", "<="},      Meant{"\u2264", "<="},   Meant{"=>", ">="},
        Meant{"\u2265", ">="},    Meant{"is not ", "!="}, Meant{"is ", "=="},      Meant{"equals ", "=="},
        Meant{"AND ", "and"},     Meant{"OR ", "or"},     Meant{"NOT ", "not"},    Meant{"IN ", "in"},
        Meant{"WHERE ", "where"}, Meant{"|", "where"},    Meant{"when ", "where"}, Meant{"with ", "where"},
        Meant{"from ", "in"},     Meant{"\u2208", "in"},
    };
    for (const Meant& sign : signs)
        if (rest.starts_with(sign.written)) return sign.meant;
    return {};
}

// Operators of other languages, and the form that is right here.
void hint_at(diag::Reported report, const Slice& slice, std::size_t at) {
    const std::string_view rest = slice.text.substr(std::min(at, slice.text.size()));
    // Within `{…}` and `[…]` of YAML a comma ends a text that has no quotes.
    if (rest.empty() && slice.is_exact &&
        slice.source.substr(std::min<std::size_t>(slice.span.end, slice.source.size())).starts_with(","))
        report.hint("the `,` behind it belongs to YAML here; put the expression between quotes");
    if (const std::string_view sign = operator_meant(rest); !sign.empty())
        report.hint(fmt::format("write `{}`", sign));
    else if (rest.starts_with("=") && !rest.starts_with("=="))
        report.hint("to compare, write `==`");
    else if (rest.starts_with("!"))
        report.hint("write `not`");
    else if (rest.starts_with("-"))
        report.hint("there are no negative numbers; to subtract, put spaces around `-`");
    else if (rest.starts_with("*") || rest.starts_with("/"))
        report.hint("there is only `+` and `-`");
    else if (rest.starts_with("where "))
        report.hint("`where` goes before `per` here");
    else if (rest.starts_with("${"))
        report.hint("leave `${` and `}` out: this is an expression already");
    else if (const std::string word = word_meant(rest.substr(0, token_end(rest, 0)), rest); !word.empty())
        report.hint(word);
    else if (!rest.empty() && at > 1 && slice.text[at - 1] == '.' && is_name(slice.text.substr(0, at - 1)))
        report.hint(fmt::format("an object by its name: `{}[\"{}\"]`", slice.text.substr(0, at - 1),
                                rest.substr(0, rest.find_first_of(" ,)]}\"'"))));
    else if (!rest.empty() && rest[0] >= 'A' && rest[0] <= 'Z')
        report.hint("names are written in lower case; a text stands between quotes");
    else if (begins_typographic(rest))
        report.hint("write `\"` or `'`: this quote is one of a word processor");
    else if ((rest.starts_with("(") || rest.starts_with("[") || rest.starts_with(".")) && at > 0 &&
             slice.text[at - 1] == ' ')
        report.hint(fmt::format("no space goes before `{}`", rest[0]));
}

void report_refusal(const Refused& refused, const Slice& slice, diag::Sink& sink) {
    const base::Span span = slice.part(refused.begin, std::min(refused.end, slice.text.size()));
    switch (refused.reason) {
        case Refused::Reason::too_deep:
            sink.report(codes::deep_expression, span, max_expression_depth)
                .hint("put parts of it into parameters or predicates of their own");
            return;
        case Refused::Reason::big_number:
            sink.report(codes::big_number, span, slice.text.substr(refused.begin, refused.end - refused.begin));
            return;
        case Refused::Reason::not_callable: sink.report(codes::not_callable, span); return;
    }
}

// Names a rule in words.
template <class Rule>
constexpr std::string_view subject = "the expression";
template <>
constexpr std::string_view subject<g::Requirement> = "the requirement";
template <>
constexpr std::string_view subject<g::WholeType> = "the type";
template <>
constexpr std::string_view subject<g::Event> = "the event";
template <>
constexpr std::string_view subject<g::Signature> = "the predicate";

// How a text would be written that could have been meant by all of it.
template <class Rule>
std::string hint_for_whole(std::string_view text) {
    static constexpr std::size_t max_repeated = 40;
    if (text.size() > max_repeated) return "";
    if constexpr (std::is_same_v<Rule, g::Event>)
        if (is_name(text)) return fmt::format("write `{}(on)`", text);
    if constexpr (std::is_same_v<Rule, g::Loop>)
        if (text.find(' ') == std::string_view::npos) return fmt::format("write `x in {}`", text);
    return "";
}

// Parses all of `slice` by Rule into `builder`; what goes wrong is reported, the first thing only.
template <class Rule>
bool parse_whole(const Slice& slice, ExpressionBuilder& builder, const diag::Declared<diag::Words, diag::Found>& code,
                 diag::Sink& sink) {
    const std::string_view text = slice.text;
    try {
        Input in(text.data(), text.data() + text.size(), "");
        if (!pegtl::parse<Rule, Action, g::Control>(in, builder)) base::bug("every rule that fails has words");
        const std::size_t at = skip_blanks(text, builder.offset_of(in.current()));
        if (at >= text.size()) return true;
        hint_at(sink.report(codes::trailing_text, place_at(slice, at), diag::Topic(subject<Rule>),
                            diag::Found(quoted_at(text, at))),
                slice, at);
    } catch (const pegtl::parse_error& error) {
        const std::size_t at = skip_blanks(text, error.positions().front().byte);
        auto report =
            sink.report(code, place_at(slice, at), diag::Words(error.message()), diag::Found(quoted_at(text, at)));
        hint_at(report, slice, at);
        report.hint(hint_for_whole<Rule>(text));
    } catch (const Refused& refused) {
        report_refusal(refused, slice, sink);
    }
    return false;
}

// `${` where an expression stands bare. Reported once; then there is no sense in parsing.
bool has_hole(const Slice& slice, diag::Sink& sink) {
    const std::size_t at = slice.text.find("${");
    if (at == std::string_view::npos) return false;
    sink.report(codes::hole_in_expression, slice.part(at, at + 2)).hint("leave `${` and `}` out");
    return true;
}

}  // namespace

// An error value where it cannot be read, which is reported.
Expression read_expression(const Slice& slice, diag::Sink& sink) {
    ExpressionBuilder builder(slice);
    if (!has_hole(slice, sink) && parse_whole<g::WholeExpression>(slice, builder, codes::bad_expression, sink))
        return builder.take();
    return {.form = Expression::Form::error, .span = slice.span};
}

// The text is kept also of one that does not parse: it is shown wherever requirements are.
RequirementText read_requirement(const Slice& slice, diag::Sink& sink) {
    ExpressionBuilder builder(slice);
    RequirementText result;
    if (!has_hole(slice, sink) && parse_whole<g::Requirement>(slice, builder, codes::bad_requirement, sink))
        result = std::move(builder.requirement);
    result.span = slice.span;
    result.source = std::string(slice.text);
    return result;
}

// Nearly all texts have no `${`, and are not parsed at all. One that does not parse becomes a single expression that is
// an error value.
Template read_template(const Slice& slice, diag::Sink& sink) {
    if (slice.text.find("${") == std::string_view::npos) {
        Template result{.span = slice.span};
        if (!slice.text.empty())
            result.parts.push_back({.text = std::string(slice.text), .expression = std::nullopt, .span = slice.span});
        return result;
    }
    ExpressionBuilder builder(slice);
    if (parse_whole<g::TextWithHoles>(slice, builder, codes::bad_expression, sink))
        return builder.mixed.take(slice.span, builder.places());
    Template broken{.span = slice.span};
    broken.parts.push_back({.text = {}, .expression = Expression{.span = slice.span}, .span = slice.span});
    return broken;
}

// Whether what was read as a variable is followed by a word: `s of servers`, but `rest(servers)` has none.
bool is_variable(const Slice& slice, const Text& variable) {
    const std::size_t at = skip_blanks(slice.text, slice.text.find(variable.value) + variable.value.size());
    return at < slice.text.size() && is_name(slice.text.substr(at, token_end(slice.text, at) - at));
}

// `for each s in servers`: the variable is the word behind these.
bool is_said_before_variable(std::string_view word) {
    return word == "each" || word == "for" || word == "every" || word == "foreach" || word == "all";
}
Text word_behind(const Slice& slice, const Text& word) {
    std::size_t at = slice.text.find(word.value) + word.value.size();
    for (;;) {
        at = skip_blanks(slice.text, at);
        const std::size_t end = token_end(slice.text, std::min(at, slice.text.size()));
        const std::string_view next = slice.text.substr(at, end - at);
        if (!is_said_before_variable(next)) return Text{std::string(next), slice.part(at, end)};
        at = end;
    }
}

// The variable is kept where only the list is wrong: all that uses it would else be unknown.
ForEach read_loop(const Slice& slice, diag::Sink& sink) {
    ExpressionBuilder builder(slice);
    ForEach loop{.variable = {}, .list = {.span = slice.span}, .span = slice.span};
    const bool is_read = !has_hole(slice, sink) && parse_whole<g::Loop>(slice, builder, codes::bad_phrase, sink);
    if (is_read) loop.list = builder.take();
    if (!builder.names.is_empty()) loop.variable = builder.names.take_first();  // known even if its list is not
    if (!is_read && is_said_before_variable(loop.variable.value)) loop.variable = word_behind(slice, loop.variable);
    if (!is_read && !is_variable(slice, loop.variable)) loop.variable = {};
    return loop;
}

// Likewise, as the next two.
EventText read_event(const Slice& slice, diag::Sink& sink) {
    ExpressionBuilder builder(slice);
    if (!has_hole(slice, sink) && parse_whole<g::Event>(slice, builder, codes::bad_phrase, sink))
        return {.verb = builder.names.take(), .object = builder.take(), .span = slice.span};
    return {.verb = {}, .object = {.span = slice.span}, .span = slice.span};
}

TypeName read_type(const Slice& slice, diag::Sink& sink) {
    ExpressionBuilder builder(slice);
    if (!parse_whole<g::WholeType>(slice, builder, codes::bad_phrase, sink)) return {.span = slice.span};
    return std::move(builder.types.back());
}

std::optional<PredicateText> read_signature(const Slice& slice, diag::Sink& sink) {
    ExpressionBuilder builder(slice);
    if (!parse_whole<g::Signature>(slice, builder, codes::bad_phrase, sink)) return std::nullopt;
    builder.signature.span = slice.span;
    return std::move(builder.signature);
}

namespace {

template <class Rule>
bool matches(std::string_view text) {
    pegtl::memory_input<pegtl::tracking_mode::lazy> in(text.data(), text.data() + text.size(), "");
    return pegtl::parse<pegtl::seq<Rule, pegtl::eof>>(in);
}

}  // namespace

// A single word would be one too, and a text like any other: only what has the signs of an expression counts.
bool is_expression_in_words(std::string_view text) {
    diag::Sink findings;
    const Expression read = read_expression({.text = text, .span = {}, .is_exact = false, .source = {}}, findings);
    return !findings.has_errors() && (read.form == Expression::Form::call || read.form == Expression::Form::index ||
                                      read.form == Expression::Form::member);
}

bool is_name(std::string_view text) { return matches<g::Name>(text); }
bool is_reserved(std::string_view text) { return matches<g::Reserved>(text); }
bool is_dotted_name(std::string_view text) { return matches<g::DottedName>(text); }

}  // namespace pvsplan::syntax
