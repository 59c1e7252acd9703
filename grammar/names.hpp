// The words that everything else is made of: blanks, names, keywords, literals. PEGTL rules only; what they build is
// in compiler/syntax. A rule that can fail after the text has committed to it has words: see `words` below.
#pragma once

#include <tao/pegtl.hpp>

namespace pvsplan::grammar {
namespace pegtl = tao::pegtl;

// The message when `must<Rule>` does not find Rule: "expected …".
template <class Rule>
inline constexpr const char* words = nullptr;

// A repetition cannot fail; its words are never used.
template <class... Rules>
inline constexpr const char* words<pegtl::star<Rules...>> = "expected more";

struct Errors {
    template <class Rule>
    static constexpr const char* message = words<Rule>;
    // Only `must` raises; a rule that is merely tried may fail silently.
    template <class>
    static constexpr bool raise_on_failure = false;
};
// The control class to parse with: asserts at compile time that every rule under `must` has words.
template <class Rule>
using Control = pegtl::must_if<Errors>::control<Rule>;

// Rule one level deeper. The state counts levels and throws beyond its bound, so that no text overflows the stack.
template <class Rule>
struct Nested {
    using rule_t = Nested;
    using subs_t = pegtl::type_list<Rule>;

    template <pegtl::apply_mode A, pegtl::rewind_mode M, template <class...> class Action,
              template <class...> class Control_, class Input, class State>
    static bool match(Input& in, State& state) {
        const typename State::Level level(state, in);
        return Control_<Rule>::template match<A, M, Action, Control_>(in, state);
    }
};

// Line breaks as well, since YAML may write one text in several lines.
struct Blank : pegtl::star<pegtl::one<' ', '\t', '\r', '\n'>> {};
struct Gap : pegtl::plus<pegtl::one<' ', '\t', '\r', '\n'>> {};

// Lower case only, so that no two names differ by case alone.
struct NameStart : pegtl::sor<pegtl::range<'a', 'z'>, pegtl::one<'_'>> {};
struct NameMore : pegtl::sor<pegtl::range<'a', 'z'>, pegtl::range<'0', '9'>, pegtl::one<'_'>> {};
// `close-consoles` is one name; a hyphen belongs to a name only between two of its characters.
struct Name : pegtl::seq<NameStart, pegtl::star<NameMore>, pegtl::star<pegtl::one<'-'>, pegtl::plus<NameMore>>> {};
// Of an action with its module: `pvs.server.install`.
struct DottedName : pegtl::list<Name, pegtl::one<'.'>> {};
// `and-more` is a name and has no `and` in it.
struct WordEnd : pegtl::not_at<pegtl::sor<NameMore, pegtl::seq<pegtl::one<'-'>, NameMore>>> {};
template <char... Cs>
struct Keyword : pegtl::seq<pegtl::string<Cs...>, WordEnd> {};

struct And : Keyword<'a', 'n', 'd'> {};
struct Or : Keyword<'o', 'r'> {};
struct Not : Keyword<'n', 'o', 't'> {};
struct In : Keyword<'i', 'n'> {};
struct Where : Keyword<'w', 'h', 'e', 'r', 'e'> {};
struct True : Keyword<'t', 'r', 'u', 'e'> {};
struct False : Keyword<'f', 'a', 'l', 's', 'e'> {};
struct None : Keyword<'n', 'o', 'n', 'e'> {};
// No variable is called so; a member may be, as nothing else can stand behind a `.`.
struct Reserved : pegtl::sor<And, Or, Not, In, Where, True, False, None> {};
struct Variable : pegtl::seq<pegtl::not_at<Reserved>, Name> {};

// Literals. `7.15.45` and `2203.1` are versions, `2203` is an int that may become one, `45m` is a duration.
struct Digits : pegtl::plus<pegtl::digit> {};
struct Unit : pegtl::seq<pegtl::sor<pegtl::string<'m', 's'>, pegtl::one<'s', 'm', 'h', 'd'>>,
                         pegtl::not_at<pegtl::sor<pegtl::alnum, pegtl::one<'_'>>>> {};
struct Version : pegtl::seq<Digits, pegtl::plus<pegtl::one<'.'>, Digits>> {};
struct Duration : pegtl::seq<Digits, Unit> {};
struct Integer : Digits {};
// `3x` and `1.2.` are mistakes, not a number with something behind it.
struct NumberEnd : pegtl::not_at<pegtl::sor<pegtl::alnum, pegtl::one<'_'>, pegtl::one<'.'>>> {};
template <>
inline constexpr const char* words<NumberEnd> =
    "expected the number to end here: a number is `3`, a version `7.15.45`, a duration `90s`, `45m`, `2h` or `1d`";

// "…" takes \" \\ \n \t; '…' takes everything as it stands, '' is one quote.
struct DoubleQuoted;
struct Escape : pegtl::seq<pegtl::one<'\\'>, pegtl::must<struct EscapeCode>> {};
struct EscapeCode : pegtl::one<'"', '\\', 'n', 't'> {};
struct DoubleBody : pegtl::star<pegtl::sor<Escape, pegtl::not_one<'"', '\\'>>> {};
struct DoubleClose : pegtl::one<'"'> {};
struct DoubleQuoted : pegtl::if_must<pegtl::one<'"'>, DoubleBody, DoubleClose> {};
struct SingleBody : pegtl::star<pegtl::sor<pegtl::two<'\''>, pegtl::not_one<'\''>>> {};
struct SingleClose : pegtl::one<'\''> {};
struct SingleQuoted : pegtl::if_must<pegtl::one<'\''>, SingleBody, SingleClose> {};
template <>
inline constexpr const char* words<EscapeCode> =
    "expected `\\\"`, `\\\\`, `\\n` or `\\t`: in a text between `\"` a backslash starts one of these";
template <>
inline constexpr const char* words<DoubleBody> = "expected text";
template <>
inline constexpr const char* words<DoubleClose> = "expected `\"` at the end of the text";
template <>
inline constexpr const char* words<SingleBody> = "expected text";
template <>
inline constexpr const char* words<SingleClose> = "expected `'` at the end of the text";

}  // namespace pvsplan::grammar
