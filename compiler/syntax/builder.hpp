// Builds the results of the rules of grammar/: PEGTL actions over one ExpressionBuilder. Included by phrases.cpp alone.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/base/check.hpp"
#include "compiler/syntax/ast.hpp"
#include "compiler/syntax/builder_parts.hpp"
#include "compiler/syntax/phrases.hpp"
#include "grammar/requirement.hpp"
#include "grammar/text.hpp"

namespace pvsplan::syntax {

namespace g = pvsplan::grammar;
namespace pegtl = tao::pegtl;
using Input = pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf, const char*>;

// Ends a parse with a diagnostic that is not of the form "expected …, found …".
struct Refused {
    enum class Reason : std::uint8_t { too_deep, big_number, not_callable };
    Reason reason;
    std::size_t begin;
    std::size_t end;
};

// Builds expressions on a stack, as their operands are read before them.
class ExpressionBuilder {
  public:
    explicit ExpressionBuilder(const Slice& slice) : slice_(&slice), places_(slice) { stack_.reserve(few_operands); }

    // Guards the recursion of the parser; see grammar::Nested.
    class Level {
      public:
        Level(ExpressionBuilder& builder, const Input& in) : builder_(&builder) {
            if (++builder.level_ <= max_expression_depth) return;
            --builder.level_;
            const std::size_t at = builder.offset_of(in.current());
            throw Refused{Refused::Reason::too_deep, at, at + 1};
        }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        ~Level() { --builder_->level_; }

      private:
        ExpressionBuilder* builder_;
    };

    // The depth of each entry is bounded too: `a + b + c + …` nests to the left without any recursion of the parser.
    void push(Expression expression, Match place, std::size_t depth = 1) {
        if (depth > max_expression_depth) throw Refused{Refused::Reason::too_deep, place.begin, place.end};
        expression.span = places_.part(place.begin, place.end);
        stack_.push_back({std::move(expression), place, depth});
    }
    // What has no operands: a literal or a name.
    void leaf(Expression::Form is, Match place, std::string text) {
        push({.form = is, .text = std::move(text), .text_span = places_.part(place.begin, place.end)}, place);
    }
    // Of the one on top: the sign before it was matched first, so the place begins there.
    void unary(Expression::Form is, std::size_t begin) { collect({.form = is}, 1, begin, stack_.back().place.end); }
    // Of the two on top, the left one below.
    void binary(Expression::Form is) {
        const std::size_t begin = stack_[stack_.size() - 2].place.begin;
        collect({.form = is}, 2, begin, stack_.back().place.end);
    }
    // The last `count` expressions become the arguments of `parent`.
    void collect(Expression parent, std::size_t count, std::size_t begin, std::size_t end) {
        base::check(stack_.size() >= count, "each operand of an expression has been built");
        std::size_t depth = 0;
        const std::size_t first = stack_.size() - count;
        parent.args.reserve(count);
        for (std::size_t i = first; i < stack_.size(); ++i) {
            depth = std::max(depth, stack_[i].depth);
            parent.args.push_back(std::move(stack_[i].expression));
        }
        stack_.resize(first);
        push(std::move(parent), {begin, end}, depth + 1);
    }

    // name(arguments…): the arguments are the last `count` expressions, below them what is called.
    void call(std::size_t count, std::size_t end) {
        Entry& callee = stack_[stack_.size() - count - 1];
        const std::size_t begin = callee.place.begin;
        if (callee.expression.form != Expression::Form::name)
            throw Refused{Refused::Reason::not_callable, begin, callee.place.end};
        Expression parent{.form = Expression::Form::call,
                          .text = std::move(callee.expression.text),
                          .text_span = callee.expression.span};
        collect(std::move(parent), count, begin, end);
        Entry built = std::move(stack_.back());
        stack_.pop_back();
        stack_.back() = std::move(built);
    }

    // Between open() and close() stand the elements of one list, filter or call. They nest as brackets do.
    void open() { marks_.push_back(stack_.size()); }
    std::size_t close() {  // expressions since open()
        const std::size_t count = stack_.size() - marks_.back();
        marks_.pop_back();
        return count;
    }

    // The expression on top, which is complete and leaves the stack.
    Expression take() {
        Expression expression = std::move(stack_.back().expression);
        stack_.pop_back();
        return expression;
    }
    // For rules that go on with what was just built: a member, an index, a call.
    [[nodiscard]] Match top_place() const { return stack_.back().place; }
    [[nodiscard]] Expression& top() { return stack_.back().expression; }
    // `( … )` around the top: its span grows, what it is stays.
    void widen_top(Match place) {
        stack_.back().place = place;
        stack_.back().expression.span = places_.part(place.begin, place.end);
    }
    [[nodiscard]] Text text_at(Match place, std::string_view text) const {
        return {std::string(text), places_.part(place.begin, place.end)};
    }
    // Within the slice, which has to be what is parsed.
    [[nodiscard]] std::size_t offset_of(const char* at) const {
        return static_cast<std::size_t>(at - slice_->text.data());
    }
    [[nodiscard]] const Places& places() const { return places_; }
    [[nodiscard]] base::Span span_of(Match place) const { return places_.part(place.begin, place.end); }

    // Filled by the rules for loops, requirements, texts and types.
    Names names;
    RequirementText requirement;
    Pattern pattern;
    TemplateParts mixed;
    PredicateText signature;
    std::vector<TypeName> types;
    std::vector<Text> enumerators;

  private:
    // An expression that is complete, where it was matched, and how deep it is.
    struct Entry {
        Expression expression;
        Match place{0, 0};
        std::size_t depth = 1;
    };
    static constexpr std::size_t few_operands = 4;  // hardly any expression has more at once
    const Slice* slice_;
    Places places_;
    std::vector<Entry> stack_;
    std::vector<std::size_t> marks_;
    std::size_t level_ = 0;
};

template <class ActionInput>
Match place_of(const ActionInput& in, const ExpressionBuilder& builder) {
    return {builder.offset_of(in.begin()), builder.offset_of(in.end())};
}

// A rule builds nothing unless it has an action of its own below.
template <class Rule>
struct Action : pegtl::nothing<Rule> {};

// Calls `f(builder, place, text)` when Rule has matched.
#define PVSPLAN_ON(Rule)                                                                                             \
    template <>                                                                                                      \
    struct Action<g::Rule> {                                                                                         \
        template <class ActionInput>                                                                                 \
        static void apply(const ActionInput& in, ExpressionBuilder& builder) {                                       \
            run(builder, place_of(in, builder), in.string_view());                                                   \
        }                                                                                                            \
        static void run(ExpressionBuilder& b, [[maybe_unused]] Match place, [[maybe_unused]] std::string_view text); \
    };                                                                                                               \
    inline void Action<g::Rule>::run(ExpressionBuilder& b, [[maybe_unused]] Match place,                             \
                                     [[maybe_unused]] std::string_view text)

// ---- expressions ------------------------------------------------------------------------------------------------

using ExpressionForm = Expression::Form;

// Between `"` a backslash escapes the next character, `n` and `t` being a line break and a tab; between `'` a quote is
// doubled. The rules have made sure that no escape is open at the end.
inline std::string unescaped(std::string_view quoted) {
    std::string text;
    const char quote = quoted.front();
    const std::string_view inner = quoted.substr(1, quoted.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        const bool is_escape = quote == '"' ? inner[i] == '\\' : inner[i] == '\'';
        if (is_escape) ++i;
        const char c = inner[i];
        text += is_escape && quote == '"' && c == 'n' ? '\n' : is_escape && quote == '"' && c == 't' ? '\t' : c;
    }
    return text;
}

PVSPLAN_ON(Integer) {
    constexpr std::size_t max_digits = 18;  // every such number is an int64
    if (text.size() > max_digits) throw Refused{Refused::Reason::big_number, place.begin, place.end};
    b.leaf(ExpressionForm::integer, place, std::string(text));
}
PVSPLAN_ON(Version) { b.leaf(ExpressionForm::version, place, std::string(text)); }
PVSPLAN_ON(Duration) {
    constexpr std::size_t max_characters = 12;  // a thousand years of seconds
    if (text.size() > max_characters) throw Refused{Refused::Reason::big_number, place.begin, place.end};
    b.leaf(ExpressionForm::duration, place, std::string(text));
}
PVSPLAN_ON(DoubleQuoted) { b.leaf(ExpressionForm::string, place, unescaped(text)); }
PVSPLAN_ON(SingleQuoted) { b.leaf(ExpressionForm::string, place, unescaped(text)); }
PVSPLAN_ON(True) { b.leaf(ExpressionForm::boolean, place, "true"); }
PVSPLAN_ON(False) { b.leaf(ExpressionForm::boolean, place, "false"); }
PVSPLAN_ON(None) { b.leaf(ExpressionForm::none, place, "none"); }
PVSPLAN_ON(Variable) { b.leaf(ExpressionForm::name, place, std::string(text)); }
PVSPLAN_ON(ListOpen) { b.open(); }
PVSPLAN_ON(List) { b.collect({.form = ExpressionForm::list}, b.close(), place.begin, place.end); }
PVSPLAN_ON(FilterOpen) { b.open(); }
PVSPLAN_ON(FilterVariable) { b.names.keep(b.text_at(place, text)); }
PVSPLAN_ON(Filter) {
    Text name = b.names.take();
    b.collect({.form = ExpressionForm::filter, .text = std::move(name.value), .text_span = name.span}, b.close(),
              place.begin, place.end);
}
PVSPLAN_ON(Paren) { b.widen_top(place); }
PVSPLAN_ON(MemberName) {
    const std::size_t begin = b.top_place().begin;
    b.collect({.form = ExpressionForm::member, .text = std::string(text), .text_span = b.span_of(place)}, 1, begin,
              place.end);
}
// The place reaches over the closing bracket, which those of the operands do not.
PVSPLAN_ON(Index) {
    b.binary(ExpressionForm::index);
    b.widen_top({b.top_place().begin, place.end});
}
PVSPLAN_ON(CallOpen) { b.open(); }
PVSPLAN_ON(Call) { b.call(b.close(), place.end); }
PVSPLAN_ON(Add) { b.binary(ExpressionForm::add); }
PVSPLAN_ON(Subtract) { b.binary(ExpressionForm::subtract); }
PVSPLAN_ON(Equal) { b.binary(ExpressionForm::equal); }
PVSPLAN_ON(NotEqual) { b.binary(ExpressionForm::not_equal); }
PVSPLAN_ON(Less) { b.binary(ExpressionForm::less); }
PVSPLAN_ON(LessEqual) { b.binary(ExpressionForm::less_equal); }
PVSPLAN_ON(Greater) { b.binary(ExpressionForm::greater); }
PVSPLAN_ON(GreaterEqual) { b.binary(ExpressionForm::greater_equal); }
PVSPLAN_ON(IsIn) { b.binary(ExpressionForm::in); }
PVSPLAN_ON(IsNotIn) { b.binary(ExpressionForm::not_in); }
PVSPLAN_ON(Negation) { b.unary(ExpressionForm::logical_not, place.begin); }
PVSPLAN_ON(AndMore) { b.binary(ExpressionForm::logical_and); }
PVSPLAN_ON(OrMore) { b.binary(ExpressionForm::logical_or); }

// ---- loops, events, texts ---------------------------------------------------------------------------------------

PVSPLAN_ON(LoopVariable) { b.names.keep(b.text_at(place, text)); }
PVSPLAN_ON(EventVerb) { b.names.keep(b.text_at(place, text)); }

PVSPLAN_ON(LiteralText) { b.mixed.add_text(text, place); }
PVSPLAN_ON(EscapedOpen) { b.mixed.add_text("${", place); }
PVSPLAN_ON(Hole) { b.mixed.add_hole(b.take(), b.span_of(place), b.places()); }

// ---- requirements -----------------------------------------------------------------------------------------------

using RequirementForm = RequirementText::Form;

PVSPLAN_ON(Exactly) { b.requirement.bound = Demand::Bound::exactly; }
PVSPLAN_ON(AtMost) { b.requirement.bound = Demand::Bound::at_most; }
PVSPLAN_ON(AtLeast) { b.requirement.bound = Demand::Bound::at_least; }
PVSPLAN_ON(CountNumber) { b.requirement.number = b.take(); }
PVSPLAN_ON(LeftEvery) { b.requirement.left_quantifier = Demand::Quantifier::every; }
PVSPLAN_ON(LeftSome) { b.requirement.left_quantifier = Demand::Quantifier::some; }
PVSPLAN_ON(RightEvery) { b.requirement.right_quantifier = Demand::Quantifier::every; }
PVSPLAN_ON(RightSome) { b.requirement.right_quantifier = Demand::Quantifier::some; }

PVSPLAN_ON(PatternHead) { b.pattern.head = b.text_at(place, text); }
PVSPLAN_ON(PatternKind) { b.pattern.kind = b.text_at(place, text); }
PVSPLAN_ON(PatternVariable) { b.pattern.variable = b.text_at(place, text); }
PVSPLAN_ON(BeforeRun) { b.pattern.is_before_run = true; }
PVSPLAN_ON(PatternWhere) { b.pattern.where = b.take(); }
PVSPLAN_ON(PatternPer) { b.pattern.per = b.take(); }
PVSPLAN_ON(WithKind) { b.pattern.kind = b.text_at(place, text); }
PVSPLAN_ON(WithVariable) { b.pattern.variable = b.text_at(place, text); }
PVSPLAN_ON(WithCondition) { b.pattern.with = b.take(); }

PVSPLAN_ON(CountedEvent) { b.requirement.left = b.pattern.take_event(b.span_of(place)); }
PVSPLAN_ON(ForbiddenEvent) { b.requirement.left = b.pattern.take_event(b.span_of(place)); }
PVSPLAN_ON(LeftEvent) { b.requirement.left = b.pattern.take_event(b.span_of(place)); }
PVSPLAN_ON(RightEvent) { b.requirement.right = b.pattern.take_event(b.span_of(place)); }
PVSPLAN_ON(AlwaysState) { b.requirement.state = b.pattern.take_state(b.span_of(place)); }
PVSPLAN_ON(WhileState) { b.requirement.state = b.pattern.take_state(b.span_of(place)); }
PVSPLAN_ON(FinalState) { b.requirement.state = b.pattern.take_state(b.span_of(place)); }
// What was read as the `per` of a pattern belongs to the whole demand here.
PVSPLAN_ON(AlwaysPer) {
    b.requirement.per = std::move(b.pattern.per);
    b.pattern = {};
}

PVSPLAN_ON(CountForm) { b.requirement.form = RequirementForm::count; }
PVSPLAN_ON(AlwaysForm) { b.requirement.form = RequirementForm::always; }
PVSPLAN_ON(NeverForm) { b.requirement.form = RequirementForm::never; }
PVSPLAN_ON(FinallyForm) { b.requirement.form = RequirementForm::finally_; }
PVSPLAN_ON(BeforeForm) { b.requirement.form = RequirementForm::before; }
PVSPLAN_ON(ThenForm) { b.requirement.form = RequirementForm::then; }
PVSPLAN_ON(WhileForm) { b.requirement.form = RequirementForm::during; }

// ---- signatures and types ---------------------------------------------------------------------------------------

PVSPLAN_ON(SignatureName) { b.signature.name = b.text_at(place, text); }
PVSPLAN_ON(SignatureKind) { b.signature.kind = b.text_at(place, text); }
PVSPLAN_ON(SignatureVariable) { b.signature.variable = b.text_at(place, text); }

PVSPLAN_ON(Enumerator) { b.enumerators.push_back(b.text_at(place, text)); }
PVSPLAN_ON(Enumeration) {
    b.types.push_back({.form = TypeName::Form::enumeration,
                       .enumerators = std::exchange(b.enumerators, {}),
                       .span = b.span_of(place)});
}
PVSPLAN_ON(PlainType) {
    b.types.push_back({.form = TypeName::Form::name, .name = std::string(text), .span = b.span_of(place)});
}
// The element is there already, as rules match from the inside out.
PVSPLAN_ON(ListType) {
    TypeName element = std::move(b.types.back());
    b.types.back() = {.form = TypeName::Form::list, .span = b.span_of(place)};
    b.types.back().element.push_back(std::move(element));
}

#undef PVSPLAN_ON

}  // namespace pvsplan::syntax
