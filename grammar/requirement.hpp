// Requirements (what a plan or a policy promises of every schedule), predicate signatures, type names.
#pragma once

#include "grammar/expression.hpp"

namespace pvsplan::grammar {

struct Always : Keyword<'a', 'l', 'w', 'a', 'y', 's'> {};
struct Never : Keyword<'n', 'e', 'v', 'e', 'r'> {};
struct Finally : Keyword<'f', 'i', 'n', 'a', 'l', 'l', 'y'> {};
struct Every : Keyword<'e', 'v', 'e', 'r', 'y'> {};
struct Some : Keyword<'s', 'o', 'm', 'e'> {};
struct Exactly : Keyword<'e', 'x', 'a', 'c', 't', 'l', 'y'> {};
struct At : Keyword<'a', 't'> {};
struct Most : Keyword<'m', 'o', 's', 't'> {};
struct Least : Keyword<'l', 'e', 'a', 's', 't'> {};
struct Before : Keyword<'b', 'e', 'f', 'o', 'r', 'e'> {};
struct Then : Keyword<'t', 'h', 'e', 'n'> {};
struct While : Keyword<'w', 'h', 'i', 'l', 'e'> {};
struct With : Keyword<'w', 'i', 't', 'h'> {};
struct Per : Keyword<'p', 'e', 'r'> {};

// Two words, with any blanks between them.
struct AtMost : pegtl::seq<At, Gap, Most> {};
struct AtLeast : pegtl::seq<At, Gap, Least> {};
struct CountNumber : pegtl::seq<Expression> {};
struct CountTail : pegtl::seq<Blank, pegtl::must<CountNumber>, Blank> {};
struct Count : pegtl::seq<pegtl::sor<Exactly, AtMost, AtLeast>, CountTail> {};

struct PatternWhere : pegtl::seq<Expression> {};
struct PatternPer : pegtl::seq<Expression> {};
// `where initially …` asks about the state before the run.
struct BeforeRun : pegtl::seq<Keyword<'i', 'n', 'i', 't', 'i', 'a', 'l', 'l', 'y'>, Blank> {};
struct WherePart : pegtl::if_must<pegtl::seq<Blank, Where, Blank, pegtl::opt<BeforeRun>>, PatternWhere> {};
struct PerPart : pegtl::if_must<pegtl::seq<Blank, Per>, Blank, PatternPer> {};

// verb(kind var), predicate(kind var)
struct PatternHead : Name {};
struct PatternOpen : pegtl::one<'('> {};
struct PatternKind : Name {};
struct PatternVariable : Variable {};
struct PatternClose : pegtl::one<')'> {};
struct PatternObject : pegtl::seq<pegtl::must<PatternOpen>, Blank, pegtl::must<PatternKind>,
                                  pegtl::opt<Gap, PatternVariable>, Blank, pegtl::must<PatternClose>> {};
// In either order, each at most once.
struct EventParts : pegtl::sor<pegtl::seq<WherePart, pegtl::opt<PerPart>>, pegtl::seq<PerPart, pegtl::opt<WherePart>>> {
};
struct EventPattern : pegtl::seq<PatternHead, PatternObject, pegtl::opt<EventParts>> {};

// server s with s.version == 2203
struct WithKind : Name {};
struct WithVariable : Variable {};
struct WithCondition : pegtl::seq<Expression> {};
struct WithStart : pegtl::seq<Name, Gap, Variable, Gap, With> {};
struct WithState
    : pegtl::seq<pegtl::at<WithStart>, WithKind, Gap, WithVariable, Gap, With, Blank, pegtl::must<WithCondition>> {};
struct StatePattern : pegtl::seq<pegtl::sor<WithState, pegtl::seq<PatternHead, PatternObject>>, pegtl::opt<WherePart>> {
};

// Names of their own tell the builder on which side a word stands, and below what a pattern is in its sentence.
struct LeftEvery : Every {};
struct LeftSome : Some {};
struct RightEvery : Every {};
struct RightSome : Some {};
struct RightQuantifier : pegtl::sor<RightEvery, RightSome> {};

struct CountedEvent : EventPattern {};
struct ForbiddenEvent : EventPattern {};
struct LeftEvent : EventPattern {};
struct RightEvent : EventPattern {};
struct AlwaysState : StatePattern {};
struct WhileState : StatePattern {};
struct FinalState : StatePattern {};
struct AlwaysCount : Count {};
struct AlwaysPer : PerPart {};

// The first word decides which form it is; from there on what is missing is a mistake.
struct CountForm : pegtl::seq<Count, pegtl::must<CountedEvent>> {};
struct AlwaysForm : pegtl::seq<Always, Blank, pegtl::must<AlwaysCount, AlwaysState>, pegtl::opt<AlwaysPer>> {};
struct NeverForm : pegtl::seq<Never, Blank, pegtl::must<ForbiddenEvent>> {};
struct FinallyForm : pegtl::seq<Finally, Blank, pegtl::must<RightQuantifier>, Blank, pegtl::must<FinalState>> {};
struct BeforeForm : pegtl::seq<Before, Blank, pegtl::must<RightQuantifier>, Blank, pegtl::must<RightEvent>> {};
struct ThenForm : pegtl::seq<Then, Blank, pegtl::must<RightQuantifier>, Blank, pegtl::must<RightEvent>> {};
struct WhileForm : pegtl::seq<While, Blank, pegtl::must<RightQuantifier>, Blank, pegtl::must<WhileState>> {};
// `while` asks of each event, so that `some` has no such form.
struct RelationOfEvery : pegtl::sor<BeforeForm, ThenForm, WhileForm> {};
struct RelationOfSome : pegtl::sor<BeforeForm, ThenForm> {};
struct EveryForm : pegtl::seq<LeftEvery, Blank, pegtl::must<LeftEvent>, Blank, pegtl::must<RelationOfEvery>> {};
struct SomeForm : pegtl::seq<LeftSome, Blank, pegtl::must<LeftEvent>, Blank, pegtl::must<RelationOfSome>> {};
// The forms that speak of events first.
struct PairForm : pegtl::sor<EveryForm, SomeForm> {};
struct RequirementForm : pegtl::sor<AlwaysForm, NeverForm, FinallyForm, CountForm, PairForm> {};
struct Requirement : pegtl::seq<Blank, pegtl::must<RequirementForm>, Blank> {};

// A key of `predicates`: down(server s)
struct SignatureName : Name {};
struct SignatureOpen : pegtl::one<'('> {};
struct SignatureKind : Name {};
struct SignatureGap : Gap {};
struct SignatureVariable : Variable {};
struct SignatureClose : pegtl::one<')'> {};
struct Signature : pegtl::seq<Blank,
                              pegtl::must<SignatureName, SignatureOpen, Blank, SignatureKind, SignatureGap,
                                          SignatureVariable, Blank, SignatureClose>,
                              Blank> {};

// string · list of server · [running, stopped]
struct ListOf : pegtl::seq<Keyword<'l', 'i', 's', 't'>, Gap, Keyword<'o', 'f'>, Blank> {};
struct PlainType : Name {};
struct Enumerator : Name {};
struct EnumerationOpen : pegtl::one<'['> {};
struct EnumerationClose : pegtl::one<']'> {};
// An enumeration has one value at least, and no comma behind the last.
struct EnumerationMore : pegtl::if_must<pegtl::one<','>, Blank, Enumerator, Blank> {};
struct Enumeration
    : pegtl::if_must<EnumerationOpen, Blank, Enumerator, Blank, pegtl::star<EnumerationMore>, EnumerationClose> {};
struct TypeName;
// Lists of lists nest, and the depth is bounded.
struct ElementType : Nested<TypeName> {};
struct ListType : pegtl::if_must<ListOf, ElementType> {};
struct TypeName : pegtl::sor<Enumeration, ListType, PlainType> {};
struct FirstType : TypeName {};
struct WholeType : pegtl::seq<Blank, pegtl::must<FirstType>, Blank> {};

template <>
inline constexpr const char* words<CountNumber> = "expected a number after `exactly`, `at most` or `at least`";
template <>
inline constexpr const char* words<PatternWhere> = "expected a condition after `where`";
template <>
inline constexpr const char* words<PatternPer> = "expected an expression after `per`, as in `per s.site`";
template <>
inline constexpr const char* words<PatternOpen> = "expected `(` and a kind, as in `upgrade(server s)`";
template <>
inline constexpr const char* words<PatternKind> = "expected a kind after `(`, as in `upgrade(server s)`";
template <>
inline constexpr const char* words<PatternClose> =
    "expected `)` after the kind and its variable, as in `upgrade(server s)`";
template <>
inline constexpr const char* words<WithCondition> =
    "expected a condition after `with`, as in `server s with s.version == 2203`";
template <>
inline constexpr const char* words<CountedEvent> =
    "expected an event after the number, as in `exactly 1 upgrade(server)`";
template <>
inline constexpr const char* words<ForbiddenEvent> = "expected an event after `never`, as in `never uninstall(server)`";
template <>
inline constexpr const char* words<LeftEvent> = "expected an event, as in `every upgrade(server s)`";
template <>
inline constexpr const char* words<RightEvent> = "expected an event, as in `every upgrade(console)`";
template <>
inline constexpr const char* words<AlwaysCount> = "expected `at most`, `at least` or `exactly` after `always`";
template <>
inline constexpr const char* words<AlwaysState> =
    "expected a state after the number, as in `down(server)` or `server s with s.stream == stopped`";
template <>
inline constexpr const char* words<WhileState> = "expected a state after `while`, as in `while every closed(console)`";
template <>
inline constexpr const char* words<FinalState> =
    "expected a state after `finally`, as in `finally every streaming(server)`";
template <>
inline constexpr const char* words<RightQuantifier> = "expected `every` or `some`";
template <>
inline constexpr const char* words<RelationOfEvery> = "expected `before`, `then` or `while` after the event";
template <>
inline constexpr const char* words<RelationOfSome> =
    "expected `before` or `then` after `some` event (`while` is asked of `every`)";
template <>
inline constexpr const char* words<RequirementForm> =
    "expected a requirement: it starts with `exactly`, `at most`, `at least`, `always`, `every`, `some`, `never` or "
    "`finally`";
template <>
inline constexpr const char* words<SignatureName> = "expected a predicate, as in `down(server s)`";
template <>
inline constexpr const char* words<SignatureOpen> = "expected `(` after the predicate's name, as in `down(server s)`";
template <>
inline constexpr const char* words<SignatureKind> = "expected a kind after `(`, as in `down(server s)`";
template <>
inline constexpr const char* words<SignatureGap> = "expected a variable after the kind, as in `down(server s)`";
template <>
inline constexpr const char* words<SignatureVariable> = "expected a variable after the kind, as in `down(server s)`";
template <>
inline constexpr const char* words<SignatureClose> = "expected `)` after the variable";
template <>
inline constexpr const char* words<Enumerator> = "expected the name of a value, as in `[running, stopped]`";
template <>
inline constexpr const char* words<EnumerationClose> = "expected `,` or `]` in the list of values";
template <>
inline constexpr const char* words<ElementType> = "expected a type after `list of`";
template <>
inline constexpr const char* words<FirstType> =
    "expected a type: `string`, `int`, `bool`, `duration`, `version`, `secret`, a kind, `[one, other]` or `list of` "
    "one of these";

}  // namespace pvsplan::grammar
