#include <string_view>
#include <utility>

#include "compiler/base/check.hpp"
#include "compiler/program/expr.hpp"

namespace pvsplan::program {
namespace {

using Op = Expr::Op;

// How strongly an operation binds, as in the grammar; an operand that binds less is put in parentheses.
enum Binding { loosest = 0, of_or = 1, of_and = 2, of_not = 3, of_compare = 4, of_sum = 5, of_postfix = 6 };

struct Operator {
    std::string_view sign;
    Binding binding;
};

// No sign: it is a call, or binds as a name does.
Operator operator_of(Op op) {
    switch (op) {
        case Op::logical_or: return {" or ", of_or};
        case Op::logical_and: return {" and ", of_and};
        case Op::logical_not: return {"not ", of_not};
        case Op::equal: return {" == ", of_compare};
        case Op::not_equal: return {" != ", of_compare};
        case Op::less: return {" < ", of_compare};
        case Op::less_equal: return {" <= ", of_compare};
        case Op::greater: return {" > ", of_compare};
        case Op::greater_equal: return {" >= ", of_compare};
        case Op::in: return {" in ", of_compare};
        case Op::not_in: return {" not in ", of_compare};
        case Op::add: return {" + ", of_sum};
        case Op::subtract: return {" - ", of_sum};
        default: return {"", of_postfix};
    }
}

// Empty for operations that are no call.
std::string_view function_of(Op op) {
    switch (op) {
        case Op::first: return "first";
        case Op::rest: return "rest";
        case Op::last: return "last";
        case Op::size: return "size";
        case Op::unique: return "unique";
        case Op::min: return "min";
        case Op::max: return "max";
        case Op::done: return "done";
        case Op::started: return "started";
        case Op::failed: return "failed";
        default: return "";
    }
}

// A `${` of the text itself gets a backslash: what it would stand for is something else.
std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        switch (const char c = text[i]) {
            case '"': result += "\\\""; break;
            case '\\': result += "\\\\"; break;
            case '\n': result += "\\n"; break;
            case '\t': result += "\\t"; break;
            case '$': result += text.substr(i).starts_with("${") ? "\\$" : "$"; break;
            default: result += c;
        }
    }
    return result + '"';
}

// As it would be written in a plan, so that the text can be read again.
std::string literal_text(const Value& value, const ObjectNames& names) {
    if (const std::string* text = value.as_string()) return quoted(*text);
    if (const std::string* secret = value.as_secret()) return "secret." + *secret;
    const Value::List* list = value.as_list();
    if (!list) return to_text(value, names);
    std::string result = "[";
    for (const Value& element : *list) {
        if (&element != &list->front()) result += ", ";
        result += literal_text(element, names);
    }
    return result + "]";
}

// With the parentheses that the grammar needs and no others. Equal texts mean equal expressions if names are distinct
// (DistinctNames), but for `before`, whose step is not printed.
class Printer {
  public:
    explicit Printer(const ObjectNames& names) : names_(names) {}
    std::string text() && { return std::move(out_); }

    // `least`: how strongly it has to bind to stand there without parentheses.
    void print(const Expr& expr, int least) {
        const Operator own = operator_of(expr.op);
        const bool in_parentheses = own.binding < least;
        if (in_parentheses) out_ += '(';
        if (own.sign.empty()) {
            primary(expr);
        } else {
            operation(expr, own);
        }
        if (in_parentheses) out_ += ')';
    }

  private:
    // A right operand of the same strength is put in parentheses: `a - (b - c)` is something else without them.
    void operation(const Expr& expr, const Operator& own) {
        if (expr.op == Op::logical_not) {
            out_ += own.sign;
            print(*expr.args[0], own.binding);
            return;
        }
        // Comparisons do not chain; sums group to the left.
        const int first = own.binding == of_compare ? own.binding + 1 : own.binding;
        for (std::size_t i = 0; i < expr.args.size(); ++i) {
            if (i > 0) out_ += own.sign;
            print(*expr.args[i], i == 0 ? first : own.binding + 1);
        }
    }

    void commas(const std::vector<ExprPtr>& args) {
        for (std::size_t i = 0; i < args.size(); ++i) {
            if (i > 0) out_ += ", ";
            print(*args[i], loosest);
        }
    }

    // Without a condition all elements pass.
    void filter(const Expr& expr) {
        out_ += "[" + expr.name + " in ";
        print(*expr.args[0], loosest);
        if (expr.args.size() > 1) {
            out_ += " where ";
            print(*expr.args[1], loosest);
        }
        out_ += ']';
    }

    // As a text with holes is written.
    void concat(const Expr& expr) {
        std::string text;  // one after another, as a `${` may begin in one and end in the next
        const auto flush = [&] {
            const std::string inner = quoted(std::exchange(text, {}));
            out_.append(inner, 1, inner.size() - 2);
        };
        out_ += '"';
        for (const ExprPtr& arg : expr.args) {
            if (const std::string* its = arg->op == Op::literal ? arg->value.as_string() : nullptr) {
                text += *its;
                continue;
            }
            flush();
            out_ += "${";
            print(*arg, loosest);
            out_ += '}';
        }
        flush();
        out_ += '"';
    }

    // What binds tightest, and so never needs parentheses around it. What has no sign of its own is a call.
    void primary(const Expr& expr) {
        switch (expr.op) {
            case Op::literal: out_ += literal_text(expr.value, names_); return;
            case Op::local: out_ += expr.name; return;
            case Op::attribute:
            case Op::state:
            case Op::member:
                print(*expr.args[0], of_postfix);
                out_ += "." + expr.name;
                return;
            case Op::before: out_ += "before." + expr.name; return;
            case Op::output: out_ += "steps." + expr.step + "." + expr.name; return;
            case Op::exit_code: out_ += "exit"; return;
            case Op::stdout_text: out_ += "stdout"; return;
            case Op::json: out_ += "json"; return;
            case Op::index:
                print(*expr.args[0], of_postfix);
                out_ += '[';
                print(*expr.args[1], loosest);
                out_ += ']';
                return;
            case Op::list:
                out_ += '[';
                commas(expr.args);
                out_ += ']';
                return;
            case Op::filter: filter(expr); return;
            case Op::concat: concat(expr); return;
            default: break;
        }
        const std::string_view name = function_of(expr.op);
        base::check(!name.empty(), "an operation of an expression has a text");
        out_ += name;
        out_ += '(';
        out_ += expr.step;
        commas(expr.args);
        out_ += ')';
    }

    const ObjectNames& names_;
    std::string out_;
};

}  // namespace

std::string to_text(const Expr& expr, const ObjectNames& names) {
    Printer printer(names);
    printer.print(expr, loosest);
    return std::move(printer).text();
}

}  // namespace pvsplan::program
