#include <array>
#include <limits>
#include <string_view>

#include "compiler/base/check.hpp"
#include "compiler/program/codec_values.hpp"

namespace pvsplan::program {
namespace {

using Op = Expr::Op;

// The fields of an operation besides its operands, in the order in which they are written.
enum Carries : unsigned {
    nothing = 0,
    a_local = 1,
    a_step = 2,
    a_name = 4,
    a_last_name = 8
};  // the last: after one operand

// How an operation stands in the array: its word, the fields beside its operands, and how many of these it may have.
struct Shape {
    Op op;
    std::string_view word;
    unsigned carries;
    std::size_t min_operands;
    std::size_t max_operands;
};

constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
// Few enough to be searched from the front for each operation.
constexpr std::array shapes = {
    Shape{Op::local, "local", a_local | a_name, 0, 0},
    Shape{Op::attribute, "attribute", a_last_name, 1, 1},
    Shape{Op::state, "state", a_last_name, 1, 1},
    Shape{Op::before, "before", a_name, 0, 0},
    Shape{Op::before, "before-of", a_step | a_name, 0, 0},
    Shape{Op::output, "output", a_step | a_name, 0, 0},
    Shape{Op::exit_code, "exit", nothing, 0, 0},
    Shape{Op::stdout_text, "stdout", nothing, 0, 0},
    Shape{Op::json, "json", nothing, 0, 0},
    Shape{Op::member, "member", a_last_name, 1, 1},
    Shape{Op::index, "index", nothing, 2, 2},
    Shape{Op::list, "list", nothing, 0, any},
    Shape{Op::filter, "filter", a_local | a_name, 1, 2},
    Shape{Op::logical_not, "not", nothing, 1, 1},
    Shape{Op::logical_and, "and", nothing, 0, any},
    Shape{Op::logical_or, "or", nothing, 0, any},
    Shape{Op::equal, "==", nothing, 2, 2},
    Shape{Op::not_equal, "!=", nothing, 2, 2},
    Shape{Op::less, "<", nothing, 2, 2},
    Shape{Op::less_equal, "<=", nothing, 2, 2},
    Shape{Op::greater, ">", nothing, 2, 2},
    Shape{Op::greater_equal, ">=", nothing, 2, 2},
    Shape{Op::in, "in", nothing, 2, 2},
    Shape{Op::not_in, "not in", nothing, 2, 2},
    Shape{Op::add, "+", nothing, 2, 2},
    Shape{Op::subtract, "-", nothing, 2, 2},
    Shape{Op::concat, "concat", nothing, 0, any},
    Shape{Op::first, "first", nothing, 1, 1},
    Shape{Op::rest, "rest", nothing, 1, 1},
    Shape{Op::last, "last", nothing, 1, 1},
    Shape{Op::size, "size", nothing, 1, 1},
    Shape{Op::unique, "unique", nothing, 1, 1},
    Shape{Op::min, "min", nothing, 2, 2},
    Shape{Op::max, "max", nothing, 2, 2},
    Shape{Op::done, "done", a_step, 0, 0},
    Shape{Op::started, "started", a_step, 0, 0},
    Shape{Op::failed, "failed", a_step, 0, 0},
};

// `before` has two shapes, one for each of its meanings; all others have one.
const Shape& shape_of(const Expr& expr) {
    const bool is_of_another = expr.op == Op::before && !expr.step.empty();
    for (const Shape& shape : shapes)
        if (shape.op == expr.op && (!is_of_another || (shape.carries & a_step) != 0)) return shape;
    base::bug("every operation of an expression has a shape in the encoding");
}

// A list that is a value is tagged, since a bare array is an operation.
void write_literal(std::string& out, const Value& value, const Type* declared, const ObjectNames& names) {
    if (!value.as_list()) return write_value(out, value, declared, names);
    out += "{\"list\": ";
    write_value(out, value, declared, names);
    out += '}';
}

}  // namespace

// Only the outermost literal may stand plainly by the declared type: of operands nobody who reads them knows one.
void write_expr(std::string& out, const Expr& expr, const Type* declared, const ObjectNames& names) {
    if (expr.op == Op::literal) return write_literal(out, expr.value, declared, names);
    const Shape& shape = shape_of(expr);
    base::check(expr.args.size() >= shape.min_operands && expr.args.size() <= shape.max_operands,
                "an operation has as many operands as it needs");
    out += '[';
    write_json_string(out, shape.word);
    if (shape.carries & a_local) out += ", " + std::to_string(expr.local);
    if (shape.carries & a_step) {
        out += ", ";
        write_json_string(out, expr.step);
    }
    if (shape.carries & a_name) {
        out += ", ";
        write_json_string(out, expr.name);
    }
    for (const ExprPtr& arg : expr.args) {
        out += ", ";
        write_expr(out, *arg, nullptr, names);
    }
    if (shape.carries & a_last_name) {
        out += ", ";
        write_json_string(out, expr.name);
    }
    out += ']';
}

// What is wrong fails the reader and gives a literal, never null: whoever builds on it checks the reader once, at the
// end. A wrong number of operands is refused here, since evaluate() relies on them.
ExprPtr read_expr(JsonReader& in, const Type* declared, const ObjectsById& objects, unsigned depth) {
    static const ExprPtr error = Expr::literal({});
    if (depth > max_encoded_depth) {
        in.fail("the expression is nested too deeply");
        return error;
    }
    if (in.peek() != JsonReader::Next::array)
        return Expr::literal(read_value(in, declared, objects), declared ? *declared : Type());
    in.open_array();
    in.element();
    const std::size_t where = in.offset();
    const std::string word = in.string();
    const Shape* shape = nullptr;
    for (const Shape& candidate : shapes)
        if (candidate.word == word) shape = &candidate;
    if (!shape) {
        in.fail_at(where, "`" + word + "` is no operation of an expression");
        return error;
    }
    Expr expr{.op = shape->op};
    if (shape->carries & a_local) {
        in.element();
        expr.local = in.natural();
    }
    if (shape->carries & a_step) {
        in.element();
        expr.step = in.string();
    }
    if (shape->carries & a_name) {
        in.element();
        expr.name = in.string();
    }
    // The name stands behind the one operand, as in `a.b`.
    if (shape->carries & a_last_name) {
        in.element();
        expr.args.push_back(read_expr(in, nullptr, objects, depth + 1));
        in.element();
        expr.name = in.string();
        in.close_array();
        return in.ok() ? std::make_shared<const Expr>(std::move(expr)) : error;
    }
    while (in.more()) expr.args.push_back(read_expr(in, nullptr, objects, depth + 1));
    if (in.ok() && (expr.args.size() < shape->min_operands || expr.args.size() > shape->max_operands))
        in.fail_at(where, "`" + word + "` has " + std::to_string(expr.args.size()) + " operands");
    return in.ok() ? std::make_shared<const Expr>(std::move(expr)) : error;
}

}  // namespace pvsplan::program
