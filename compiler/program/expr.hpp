// Expressions after names have been resolved: pure, total, the same for compiler and runtime.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/program/value.hpp"

namespace pvsplan::program {

class ListIndex;
struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

// A node of an immutable tree, which may share its parts with others. Which fields count is said at each operation.
struct Expr {
    enum class Op : std::uint8_t {
        literal,  // `value`
        local,  // variable number `local` of the frame (`on` and parameters of an action or procedure, loop variables);
                // `name` for people
        attribute,  // args[0].name: a fixed fact of an object (also its `name`)
        state,      // args[0].name: state of an object, now
        before,     // before.name: state of `on` when the step `step` started (empty: the step itself)
        output,     // output `name` of the step `step` (a node path once expanded)
        exit_code,  // of the command that has just run
        stdout_text,
        json,    // its standard output as a JSON value
        member,  // args[0].name of a json value
        index,   // args[0][args[1]]
        list,    // args
        filter,  // [local in args[0] where args[1]]; `local` is bound to each element
        logical_not,
        logical_and,
        logical_or,
        equal,
        not_equal,
        less,
        less_equal,
        greater,
        greater_equal,
        in,
        not_in,
        add,
        subtract,  // integers, durations; add also strings and lists
        concat,    // text with ${…}: args printed one after another
        first,
        rest,
        last,
        size,
        unique,
        min,
        max,
        done,
        started,
        failed,  // of the step `step`; in `recover` only
    };
    Op op = Op::literal;
    Value value = {};
    std::uint32_t local = 0;  // the number of a variable in its frame
    std::string name = {};
    std::string step = {};
    std::vector<ExprPtr> args = {};  // operands, as many as the operation has
    Type type = {};
    base::Span span = {};

    static ExprPtr literal(Value value, Type type = {}, base::Span span = {});
};

[[nodiscard]] inline ExprPtr make_expr(Expr expr) { return std::make_shared<const Expr>(std::move(expr)); }

// The environment of an expression. What is not known is answered with an unknown value, and with the same one only if
// the two are the same for sure.
struct Env {
    virtual ~Env() = default;
    // The variable of the frame; none where there is no such variable.
    [[nodiscard]] virtual Value local(std::uint32_t number) const = 0;
    [[nodiscard]] virtual Value attribute(ObjectId object, const std::string& name) const = 0;
    [[nodiscard]] virtual Value state(ObjectId object, const std::string& name) const = 0;
    // A state of the object of `step` when that step started; of the step itself if it names none.
    [[nodiscard]] virtual Value before(const std::string& name, const std::string& step) const = 0;
    [[nodiscard]] virtual Value output(const std::string& step, const std::string& name) const = 0;
    // exit_code, stdout_text, done, started, failed
    [[nodiscard]] virtual Value special(Expr::Op op, const std::string& step) const = 0;
    // The member at `path` of the JSON value on standard output.
    [[nodiscard]] virtual Value json(const std::vector<std::string>& path) const = 0;
    // A value that was computed from unknowns. Two different ones are never the same unknown value.
    [[nodiscard]] virtual Value derived_unknown(const Expr& expr) const = 0;
    // Told of two unknown values that are compared: whether they are the same one matters from here on.
    virtual void compares_unknowns() const {}
    // The value of an expression for who asks only whether it is known: an unknown one need not stand for anything.
    [[nodiscard]] virtual Value if_known(const Expr& expr) const;
    // For texts that are made of values, and for `name`.
    [[nodiscard]] virtual const ObjectNames& names() const = 0;
    // May a filter look at so many elements more? Where not, it is `none`: filters within filters multiply.
    [[nodiscard]] virtual bool charge(std::size_t /*elements*/) const { return true; }
    // Of the farm whose attributes it gives; null: every element is looked at.
    [[nodiscard]] virtual ListIndex* list_index() const { return nullptr; }
};

// An attribute of an object, or its name.
Value attribute_of(ObjectId object, const std::string& name, const Env& env);

// Total: with and/or decided by one operand where it can be; first/last of an empty list, a member that is not
// there and the like are `none`; an unknown operand gives an unknown result, except where the result does not
// depend on it (x == x, false and x). Depth is bounded by the parser (syntax::max_expression_depth).
Value evaluate(const Expr& expr, const Env& env);

inline Value Env::if_known(const Expr& expr) const { return evaluate(expr, *this); }

// The expression with everything known replaced by literals; what is left reads run-time facts only. Unknowns from
// `env` stay as the references that they came from.
ExprPtr specialise(const ExprPtr& expr, const Env& env);

// What is asked behind each `not`, so that `c` and `not c`, or `x == a` and `x != a`, are one question with two
// answers.
struct Question {
    ExprPtr asked;
    bool wanted = true;  // the condition is met if the answer is that
};
Question question_of(const ExprPtr& condition);

// The expression with every `before` that names no step made one of `step`. Null stays null.
ExprPtr with_before_of(const std::string& step, const ExprPtr& expr);

// Texts bound what is written; what one text passes to the next, by predicates, calls and values of the run, is bounded
// by this. All who go down an expression by recursion rely on it.
inline constexpr std::size_t max_parts_made = 10'000;  // of an expression once predicates are written out
inline constexpr std::size_t max_depth_made = 100;
enum class Extent : std::uint8_t { bounded, too_deep, too_large };
// Shared parts count as often as they stand there. Looks at no more than max_parts_made of them.
Extent extent_of(const Expr& expr);

// Calls `visit` for `expr` and everything below it, parents first.
void for_each_part(const Expr& expr, const std::function<void(const Expr&)>& visit);

// Whether its value depends on states of objects.
bool reads_state(const Expr& expr);

// Canonical text in the language's own syntax.
std::string to_text(const Expr& expr, const ObjectNames& names);

}  // namespace pvsplan::program
