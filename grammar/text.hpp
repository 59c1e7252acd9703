// A text with expressions in it: `Upgrade ${on.name} to ${version}`; `$${` writes `${`.
#pragma once

#include "grammar/expression.hpp"

namespace pvsplan::grammar {

struct EscapedOpen : pegtl::string<'$', '$', '{'> {};
// Within a hole there is a whole expression, and blanks around it mean nothing.
struct HoleOpen : pegtl::string<'$', '{'> {};
struct HoleExpression : pegtl::seq<Expression> {};
struct HoleClose : pegtl::one<'}'> {};
struct Hole : pegtl::if_must<HoleOpen, Blank, HoleExpression, Blank, HoleClose> {};
// A `$` that opens nothing is a text.
struct LiteralText : pegtl::plus<pegtl::not_at<pegtl::sor<EscapedOpen, HoleOpen>>, pegtl::any> {};
// It matches any text: what is no hole is literal.
struct TextWithHoles : pegtl::star<pegtl::sor<EscapedOpen, Hole, LiteralText>> {};

template <>
inline constexpr const char* words<HoleExpression> = "expected an expression after `${`";
template <>
inline constexpr const char* words<HoleClose> = "expected `}` after the expression";

}  // namespace pvsplan::grammar
