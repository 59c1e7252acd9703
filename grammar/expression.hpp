// Expressions: pure and total. From loose to tight:
//   or, and, not, one comparison, + and -, then .member [index] (call)
#pragma once

#include "grammar/names.hpp"

namespace pvsplan::grammar {

struct Expression;
struct NotLevel;
struct AndLevel;

// It may be empty, and no comma stands behind the last element.
struct ListOpen : pegtl::one<'['> {};
struct ListElement : pegtl::seq<Expression> {};
struct ListClose : pegtl::one<']'> {};
struct ListMore : pegtl::if_must<pegtl::one<','>, Blank, ListElement, Blank> {};
struct List : pegtl::seq<ListOpen, Blank,
                         pegtl::opt<pegtl::not_at<ListClose>, pegtl::must<ListElement>, Blank, pegtl::star<ListMore>>,
                         pegtl::must<ListClose>> {};

// [s in servers where s.site == "east"]; what starts like this is a filter, not a list of one comparison.
struct FilterVariable : Variable {};
struct FilterStart : pegtl::seq<pegtl::one<'['>, Blank, Variable, Gap, In> {};
struct FilterOpen : pegtl::one<'['> {};
struct FilterSource : pegtl::seq<Expression> {};
struct FilterCondition : pegtl::seq<Expression> {};
struct FilterClose : pegtl::one<']'> {};
struct FilterWhere : pegtl::if_must<Where, Blank, FilterCondition, Blank> {};
struct Filter : pegtl::seq<pegtl::at<FilterStart>, FilterOpen, Blank, FilterVariable, Gap, In, Blank,
                           pegtl::must<FilterSource>, Blank, pegtl::opt<FilterWhere>, pegtl::must<FilterClose>> {};

// Parentheses build nothing: they only widen the place of what stands in them.
struct ParenInner : pegtl::seq<Expression> {};
struct ParenClose : pegtl::one<')'> {};
struct Paren : pegtl::if_must<pegtl::one<'('>, Blank, ParenInner, Blank, ParenClose> {};

// The longest first, as a version and a duration begin with an integer.
struct Number : pegtl::seq<pegtl::sor<Version, Duration, Integer>, pegtl::must<NumberEnd>> {};
// What begins alike stands in the order that tells them apart: words before names, a filter before a list.
struct Primary : pegtl::sor<Number, DoubleQuoted, SingleQuoted, True, False, None, Variable, Filter, List, Paren> {};

// Reserved words may be members: nothing else can stand behind a `.`.
struct MemberName : Name {};
struct Member : pegtl::if_must<pegtl::one<'.'>, MemberName> {};
struct IndexInner : pegtl::seq<Expression> {};
struct IndexClose : pegtl::one<']'> {};
struct Index : pegtl::if_must<pegtl::one<'['>, Blank, IndexInner, Blank, IndexClose> {};
// A call may have no arguments, and no comma stands behind the last one.
struct CallOpen : pegtl::one<'('> {};
struct CallArgument : pegtl::seq<Expression> {};
struct CallClose : pegtl::one<')'> {};
struct CallMore : pegtl::if_must<pegtl::one<','>, Blank, CallArgument, Blank> {};
struct Call : pegtl::seq<CallOpen, Blank,
                         pegtl::opt<pegtl::not_at<CallClose>, pegtl::must<CallArgument>, Blank, pegtl::star<CallMore>>,
                         pegtl::must<CallClose>> {};
// Each may stand behind anything here. What can be called, and what has members, is decided when it is built and typed.
struct Postfix : pegtl::seq<Primary, pegtl::star<pegtl::sor<Member, Index, Call>>> {};

// From the left: `a - b - c` is `(a - b) - c`.
struct AddOperand : Postfix {};
struct SubtractOperand : Postfix {};
struct Add : pegtl::if_must<pegtl::one<'+'>, Blank, AddOperand> {};
struct Subtract : pegtl::if_must<pegtl::one<'-'>, Blank, SubtractOperand> {};
struct Sum : pegtl::seq<Postfix, pegtl::star<Blank, pegtl::sor<Add, Subtract>>> {};

// At most one, so that `a < b < c` is a mistake and no surprise.
struct EqualOperand : Sum {};
struct NotEqualOperand : Sum {};
struct LessOperand : Sum {};
struct LessEqualOperand : Sum {};
struct GreaterOperand : Sum {};
struct GreaterEqualOperand : Sum {};
struct InOperand : Sum {};
struct NotInOperand : Sum {};
struct Equal : pegtl::if_must<pegtl::string<'=', '='>, Blank, EqualOperand> {};
struct NotEqual : pegtl::if_must<pegtl::string<'!', '='>, Blank, NotEqualOperand> {};
struct LessEqual : pegtl::if_must<pegtl::string<'<', '='>, Blank, LessEqualOperand> {};
struct GreaterEqual : pegtl::if_must<pegtl::string<'>', '='>, Blank, GreaterEqualOperand> {};
struct Less : pegtl::if_must<pegtl::one<'<'>, Blank, LessOperand> {};
struct Greater : pegtl::if_must<pegtl::one<'>'>, Blank, GreaterOperand> {};
struct IsIn : pegtl::if_must<In, Blank, InOperand> {};
struct IsNotIn : pegtl::if_must<pegtl::seq<Not, Gap, In>, Blank, NotInOperand> {};
// The longer signs first, as the first that matches is taken.
struct Compare
    : pegtl::seq<
          Sum, pegtl::opt<Blank, pegtl::sor<Equal, NotEqual, LessEqual, GreaterEqual, Less, Greater, IsIn, IsNotIn>>> {
};

// Looser than a comparison: `not a == b` is `not (a == b)`.
struct NotOperand : pegtl::seq<NotLevel> {};
struct Negation : pegtl::if_must<Not, Blank, NotOperand> {};
// Every way around in this grammar leads through here, so that this alone counts the depth.
struct NotLevel : Nested<pegtl::sor<Negation, Compare>> {};

// Chains of `and` and `or` are flat: a thousand of them are no deeper than two.
struct AndOperand : pegtl::seq<NotLevel> {};
struct OrOperand : pegtl::seq<AndLevel> {};
struct AndMore : pegtl::if_must<And, Blank, AndOperand> {};
struct AndLevel : pegtl::seq<NotLevel, pegtl::star<Blank, AndMore>> {};
struct OrMore : pegtl::if_must<Or, Blank, OrOperand> {};
struct OrLevel : pegtl::seq<AndLevel, pegtl::star<Blank, OrMore>> {};
struct Expression : OrLevel {};

// A whole text that is one expression; what is left over is reported by the caller, who can quote it.
struct FirstExpression : pegtl::seq<Expression> {};
struct WholeExpression : pegtl::seq<Blank, pegtl::must<FirstExpression>, Blank> {};

// for_each: `s in rest(servers)`
struct LoopVariable : Variable {};
struct LoopGap : Gap {};
struct LoopIn : In {};
struct LoopList : pegtl::seq<Expression> {};
struct Loop : pegtl::seq<Blank, pegtl::must<LoopVariable, LoopGap, LoopIn, Blank, LoopList>, Blank> {};

// does: `upgrade(on)`
struct EventVerb : Name {};
struct EventOpen : pegtl::one<'('> {};
struct EventObject : pegtl::seq<Expression> {};
struct EventClose : pegtl::one<')'> {};
struct Event : pegtl::seq<Blank, pegtl::must<EventVerb, EventOpen, Blank, EventObject, Blank, EventClose>, Blank> {};

template <>
inline constexpr const char* words<Blank> = "expected a blank";
template <>
inline constexpr const char* words<FirstExpression> = "expected an expression";
template <>
inline constexpr const char* words<ListElement> = "expected an element of the list";
template <>
inline constexpr const char* words<ListClose> = "expected `,` or `]` in the list";
template <>
inline constexpr const char* words<FilterSource> = "expected a list after `in`";
template <>
inline constexpr const char* words<FilterCondition> = "expected a condition after `where`";
template <>
inline constexpr const char* words<FilterClose> = "expected `where` or `]` in the filter";
template <>
inline constexpr const char* words<ParenInner> = "expected an expression after `(`";
template <>
inline constexpr const char* words<ParenClose> = "expected `)`";
template <>
inline constexpr const char* words<MemberName> = "expected a name after `.`";
template <>
inline constexpr const char* words<IndexInner> = "expected an expression between `[` and `]`";
template <>
inline constexpr const char* words<IndexClose> = "expected `]` after the index";
template <>
inline constexpr const char* words<CallArgument> = "expected an argument";
template <>
inline constexpr const char* words<CallClose> = "expected `,` or `)` after the argument";
template <>
inline constexpr const char* words<AddOperand> = "expected a value after `+`";
template <>
inline constexpr const char* words<SubtractOperand> = "expected a value after `-`";
template <>
inline constexpr const char* words<EqualOperand> = "expected a value after `==`";
template <>
inline constexpr const char* words<NotEqualOperand> = "expected a value after `!=`";
template <>
inline constexpr const char* words<LessOperand> = "expected a value after `<`";
template <>
inline constexpr const char* words<LessEqualOperand> = "expected a value after `<=`";
template <>
inline constexpr const char* words<GreaterOperand> = "expected a value after `>`";
template <>
inline constexpr const char* words<GreaterEqualOperand> = "expected a value after `>=`";
template <>
inline constexpr const char* words<InOperand> = "expected a list after `in`";
template <>
inline constexpr const char* words<NotInOperand> = "expected a list after `not in`";
template <>
inline constexpr const char* words<NotOperand> = "expected an expression after `not`";
template <>
inline constexpr const char* words<AndOperand> = "expected an expression after `and`";
template <>
inline constexpr const char* words<OrOperand> = "expected an expression after `or`";
template <>
inline constexpr const char* words<LoopVariable> = "expected a variable, as in `s in servers`";
template <>
inline constexpr const char* words<LoopGap> = "expected `in` and a list after the variable, as in `s in servers`";
template <>
inline constexpr const char* words<LoopIn> = "expected `in` and a list after the variable, as in `s in servers`";
template <>
inline constexpr const char* words<LoopList> = "expected a list after `in`";
template <>
inline constexpr const char* words<EventVerb> = "expected an event, as in `upgrade(on)`";
template <>
inline constexpr const char* words<EventOpen> = "expected `(` and an object after the verb, as in `upgrade(on)`";
template <>
inline constexpr const char* words<EventObject> = "expected an object between `(` and `)`, as in `upgrade(on)`";
template <>
inline constexpr const char* words<EventClose> = "expected `)` after the object";

}  // namespace pvsplan::grammar
