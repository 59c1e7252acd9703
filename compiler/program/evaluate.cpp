#include <limits>
#include <unordered_set>
#include <utility>

#include "compiler/base/check.hpp"
#include "compiler/program/bound.hpp"
#include "compiler/program/expr.hpp"
#include "compiler/program/list_index.hpp"

namespace pvsplan::program {
namespace {

using Op = Expr::Op;

// A literal is not copied: most operands are literals, and a copy costs an atomic increment.
const Value& operand(const Expr& expr, const Env& env, Value& hold) {
    if (expr.op == Op::literal) return expr.value;
    hold = evaluate(expr, env);
    return hold;
}

// true, false, or nothing where it depends on what is not known.
std::optional<bool> same(const Value& a, const Value& b) {
    if (a.is_unknown() || b.is_unknown()) {
        if (a == b) return true;
        return std::nullopt;
    }
    const Value::List* x = a.as_list();
    const Value::List* y = b.as_list();
    if (!x || !y) return a == b;
    if (x->size() != y->size()) return false;
    bool sure = true;
    for (std::size_t i = 0; i < x->size(); ++i) {
        const std::optional<bool> one = same((*x)[i], (*y)[i]);
        if (one == false) return false;
        if (!one) sure = false;
    }
    return sure ? std::optional(true) : std::nullopt;
}

// One that surely is the element decides; one that may be leaves it open.
std::optional<bool> contains(const Value& element, const Value::List& list) {
    bool sure = true;
    for (const Value& candidate : list) {
        const std::optional<bool> one = same(element, candidate);
        if (one == true) return true;
        if (!one) sure = false;
    }
    return sure ? std::optional(false) : std::nullopt;
}

// `wanted` is false for an operator that negates: `!=`, `not in`.
Value verdict(std::optional<bool> truth, const Expr& expr, const Env& env, bool wanted) {
    if (!truth) return env.derived_unknown(expr);
    return Value::boolean(*truth == wanted);
}

// `and` is decided by one false operand, `or` by one true one. One unknown operand is the result itself, as the others
// change nothing. Two different ones, or one beside what is no truth at all, make an unknown value of their own.
Value logical(const Expr& expr, const Env& env, bool deciding) {
    Value unknown;
    bool several = false;
    bool strange = false;
    for (const ExprPtr& arg : expr.args) {
        Value hold;
        const Value& value = operand(*arg, env, hold);
        if (const bool* truth = value.as_boolean()) {
            if (*truth == deciding) return Value::boolean(deciding);
        } else if (!value.is_unknown()) {
            strange = true;
        } else if (unknown.is_none()) {
            unknown = value;
        } else if (!(unknown == value)) {
            several = true;
        }
    }
    if (unknown.is_unknown()) return several || strange ? env.derived_unknown(expr) : unknown;
    return strange ? Value::none() : Value::boolean(!deciding);
}

// `order` is that of compare(): negative, 0 or positive.
bool holds(Op op, int order) {
    switch (op) {
        case Op::less: return order < 0;
        case Op::less_equal: return order <= 0;
        case Op::greater: return order > 0;
        default: return order >= 0;
    }
}

// The same unknown value twice is known to be equal, whatever it is.
Value ordering(const Expr& expr, const Value& a, const Value& b, const Env& env) {
    if (a.is_unknown() || b.is_unknown()) {
        if (a == b) return Value::boolean(holds(expr.op, 0));
        return env.derived_unknown(expr);
    }
    const std::optional<int> order = compare(a, b);
    return order ? Value::boolean(holds(expr.op, *order)) : Value::none();
}

// A long list that stands in the plan is asked through its index; else each element is compared.
Value membership(const Expr& expr, const Value& a, const Value& b, const Env& env) {
    static constexpr std::size_t few = 16;
    if (b.is_unknown()) return env.derived_unknown(expr);
    const Value::List* list = b.as_list();
    if (!list) return Value::none();
    std::optional<bool> truth;
    if (ListIndex* index = env.list_index();
        index && list->size() > few && expr.args[1]->op == Op::literal && !a.has_unknown())
        truth = index->contains(b, a);
    return verdict(truth ? truth : contains(a, *list), expr, env, expr.op == Op::in);
}

// Nothing on overflow: the result then has no value, and never a wrong one.
std::optional<std::int64_t> sum(std::int64_t a, std::int64_t b, Op op) {
    std::int64_t result = 0;
    const bool overflow = op == Op::add ? __builtin_add_overflow(a, b, &result) : __builtin_sub_overflow(a, b, &result);
    return overflow ? std::nullopt : std::optional(result);
}

// Smaller values are not charged: their number is bounded by the number of expressions.
constexpr std::size_t small = 16;

// The size of a value: elements, also of lists within, and 8 bytes of text each.
std::size_t weight(const Value& value) {
    if (const std::string* text = value.as_string()) return 1 + text->size() / 8;
    std::size_t total = 1;
    if (const Value::List* list = value.as_list())
        for (const Value& element : *list) total += weight(element);
    return total;
}

// Integers and durations are added and subtracted; texts and lists are put together, which is charged, as chains of
// them grow. Any other two have no sum.
Value arithmetic(const Expr& expr, const Value& a, const Value& b, const Env& env) {
    if (a.is_unknown() || b.is_unknown()) return env.derived_unknown(expr);
    if (const auto* x = a.as_integer(), *y = b.as_integer(); x && y) {
        const auto total = sum(*x, *y, expr.op);
        return total ? Value::integer(*total) : Value::none();
    }
    if (const auto* x = a.as_duration(), *y = b.as_duration(); x && y) {
        const auto total = sum(x->milliseconds, y->milliseconds, expr.op);
        return total ? Value::duration(*total) : Value::none();
    }
    if (expr.op != Op::add) return Value::none();
    if (const std::size_t both = weight(a) + weight(b); both > small && !env.charge(both)) return Value::none();
    if (const auto* x = a.as_string(), *y = b.as_string(); x && y) return Value::string(*x + *y);
    if (const auto* x = a.as_list(), *y = b.as_list(); x && y) {
        Value::List both = *x;
        both.insert(both.end(), y->begin(), y->end());
        return Value::list(std::move(both));
    }
    return Value::none();
}

// `min` and `max`. The same value twice is the answer, also where it is not known.
Value choose(const Expr& expr, const Value& a, const Value& b, const Env& env) {
    if (a == b) return a;
    if (a.is_unknown() || b.is_unknown()) return env.derived_unknown(expr);
    const std::optional<int> order = compare(a, b);
    if (!order) return Value::none();
    return (*order <= 0) == (expr.op == Op::min) ? a : b;
}

// Both sides are evaluated first. What one that is not known means is for each operation to say.
Value binary(const Expr& expr, const Env& env) {
    Value hold_a;
    Value hold_b;
    const Value& a = operand(*expr.args[0], env, hold_a);
    const Value& b = operand(*expr.args[1], env, hold_b);
    if (a.has_unknown() && b.has_unknown()) env.compares_unknowns();
    switch (expr.op) {
        case Op::equal: return verdict(same(a, b), expr, env, true);
        case Op::not_equal: return verdict(same(a, b), expr, env, false);
        case Op::in:
        case Op::not_in: return membership(expr, a, b, env);
        case Op::add:
        case Op::subtract: return arithmetic(expr, a, b, env);
        case Op::min:
        case Op::max: return choose(expr, a, b, env);
        default: return ordering(expr, a, b, env);
    }
}

// What is no object has no attribute; resolve has reported that.
Value attribute(const Value& holder, const std::string& name, const Env& env) {
    const ObjectId* object = holder.as_object();
    return object ? attribute_of(*object, name, env) : Value::none();
}

// An attribute or a state of an object, or an attribute of each object of a list.
Value of_object(const Expr& expr, const Env& env) {
    Value hold;
    const Value& holder = operand(*expr.args[0], env, hold);
    if (holder.is_unknown()) return env.derived_unknown(expr);
    if (const Value::List* list = holder.as_list(); list && expr.op == Op::attribute) {
        if (list->size() > small && !env.charge(list->size())) return Value::none();
        Value::List each;
        for (const Value& one : *list) each.push_back(attribute(one, expr.name, env));
        return Value::list(std::move(each));
    }
    if (expr.op == Op::attribute) return attribute(holder, expr.name, env);
    const ObjectId* object = holder.as_object();
    return object && *object ? env.state(*object, expr.name) : Value::none();
}

// The path from the JSON value on standard output down to `expr`; nothing if `expr` does not start there.
std::optional<Value> json_path(const Expr& expr, const Env& env, std::vector<std::string>& path) {
    if (expr.op == Op::json) return Value::none();
    if (expr.op != Op::member && expr.op != Op::index) return std::nullopt;
    std::optional<Value> base = json_path(*expr.args[0], env, path);
    if (!base || base->is_unknown()) return base;
    if (expr.op == Op::member) {
        path.push_back(expr.name);
        return base;
    }
    Value hold;
    const Value& key = operand(*expr.args[1], env, hold);
    if (key.is_unknown()) return env.derived_unknown(expr);
    path.push_back(to_text(key, env.names()));
    return base;
}

// What leads down from the output of a command is one question with the whole path, so that a part that is not there is
// not taken for an empty one.
Value part(const Expr& expr, const Env& env) {
    std::vector<std::string> path;
    if (const std::optional<Value> base = json_path(expr, env, path))
        return base->is_unknown() ? *base : env.json(path);
    if (expr.op == Op::member) {
        const Value holder = evaluate(*expr.args[0], env);
        return holder.is_unknown() ? env.derived_unknown(expr) : Value::none();
    }
    Value hold_a;
    Value hold_b;
    const Value& list = operand(*expr.args[0], env, hold_a);
    const Value& at = operand(*expr.args[1], env, hold_b);
    if (list.is_unknown() || at.is_unknown()) return env.derived_unknown(expr);
    const Value::List* elements = list.as_list();
    const std::int64_t* number = at.as_integer();
    if (!elements || !number || *number < 0 || static_cast<std::uint64_t>(*number) >= elements->size())
        return Value::none();
    return (*elements)[static_cast<std::size_t>(*number)];
}

// Each value once, in the order of the list.
Value unique(const Value::List& list, const Env& env) {
    if (list.size() > small && !env.charge(list.size())) return Value::none();
    std::unordered_set<Value, Value::Hash> seen;
    Value::List once;
    for (const Value& element : list) {
        if (element.has_unknown()) env.compares_unknowns();
        if (seen.insert(element).second) once.push_back(element);
    }
    return Value::list(std::move(once));
}

// How much there is to look at for each element.
std::size_t parts_of(const Expr& expr) {
    std::size_t parts = 1;
    for (const ExprPtr& arg : expr.args)
        if (arg) parts += parts_of(*arg);
    return parts;
}

// Whether its value depends on nothing that may be unknown: no state, no step, no variable without a value.
bool is_of_known(const Expr& expr, const Env& env) {
    bool is_known = true;
    for_each_part(expr, [&](const Expr& part) {
        switch (part.op) {
            case Op::literal: is_known = is_known && !part.value.has_unknown(); return;
            case Op::local: is_known = is_known && !env.local(part.local).has_unknown(); return;
            case Op::state:
            case Op::before:
            case Op::output:
            case Op::exit_code:
            case Op::stdout_text:
            case Op::json:
            case Op::done:
            case Op::started:
            case Op::failed: is_known = false; return;
            default: return;
        }
    });
    return is_known;
}

// The first element of a list of what is known. No more of a filter is looked at than leads to it; nothing if it is
// empty.
std::optional<Value> first_of(const Expr& list, const Env& env) {
    if (list.op == Op::add) {
        std::optional<Value> first = first_of(*list.args[0], env);
        return first ? first : first_of(*list.args[1], env);
    }
    Value hold;
    const bool is_filter = list.op == Op::filter && list.args.size() > 1;
    const Value& whole = operand(is_filter ? *list.args[0] : list, env, hold);
    const Value::List* elements = whole.as_list();
    if (!elements) return std::nullopt;
    if (!is_filter) return elements->empty() ? std::nullopt : std::optional(elements->front());
    BoundEnv bound(env, list.local);
    for (const Value& element : *elements) {
        if (!env.charge(parts_of(*list.args[1]))) return std::nullopt;
        bound.bind(element);
        const Value condition = evaluate(*list.args[1], bound);
        if (condition.is_unknown()) return condition;
        if (const bool* truth = condition.as_boolean(); truth && *truth) return element;
    }
    return std::nullopt;
}

// `first` of a filter over known values stops at the first match.
Value of_list(const Expr& expr, const Env& env) {
    if (expr.op == Op::first && is_of_known(*expr.args[0], env)) {
        Value first = first_of(*expr.args[0], env).value_or(Value::none());
        return first.is_unknown() ? env.derived_unknown(expr) : first;
    }
    Value hold;
    const Value& value = operand(*expr.args[0], env, hold);
    if (value.is_unknown()) return env.derived_unknown(expr);
    const Value::List* list = value.as_list();
    if (!list) return Value::none();
    if (expr.op == Op::size) return Value::integer(static_cast<std::int64_t>(list->size()));
    if (expr.op == Op::rest && list->size() > small && !env.charge(list->size())) return Value::none();
    if (expr.op == Op::unique) return unique(*list, env);
    if (expr.op == Op::rest)
        return Value::list(list->empty() ? Value::List{} : Value::List(list->begin() + 1, list->end()));
    if (list->empty()) return Value::none();
    return expr.op == Op::first ? list->front() : list->back();
}

// Whether the variable of that number occurs in the expression.
bool mentions(const Expr& expr, std::uint32_t local) {
    bool found = false;
    for_each_part(expr, [&](const Expr& part) { found = found || (part.op == Op::local && part.local == local); });
    return found;
}

// `x.NAME == value`, where x is the variable of a filter and the value the same for all elements.
struct AttributeDemand {
    const std::string& name;
    const Expr& value;
};

// `x.attribute == value`, either way round, with a value that does not depend on x: an index answers that.
std::optional<AttributeDemand> attribute_demand(const Expr& equal, std::uint32_t local) {
    if (equal.op != Op::equal) return std::nullopt;
    for (const bool is_left : {true, false}) {
        const Expr& attribute = *equal.args[is_left ? 0 : 1];
        const Expr& value = *equal.args[is_left ? 1 : 0];
        if (attribute.op == Op::attribute && attribute.args[0]->op == Op::local && attribute.args[0]->local == local &&
            !mentions(value, local))
            return AttributeDemand{attribute.name, value};
    }
    return std::nullopt;
}

// The elements that what the condition asks first leaves, if that is an attribute; the other elements it decides alone.
// Nothing where every element has to be looked at.
std::optional<Value> with_attribute(const Expr& filter, const Expr& first, const Env& env) {
    ListIndex* const index = filter.args[0]->op == Op::literal ? env.list_index() : nullptr;
    const auto demand = index ? attribute_demand(first, filter.local) : std::nullopt;
    if (!demand) return std::nullopt;
    Value hold;
    const Value& value = operand(demand->value, env, hold);
    if (value.has_unknown()) return std::nullopt;
    return index->elements(filter.args[0]->value, demand->name, value, env);
}

// An attribute that the condition asks for first is looked up; only the elements that it leaves are looked at. One
// element that is not decided makes the whole list unknown.
Value filter(const Expr& expr, const Env& env) {
    Value hold;
    const Value& value = operand(*expr.args[0], env, hold);
    if (value.is_unknown()) return env.derived_unknown(expr);
    const Value::List* list = value.as_list();
    if (!list) return Value::none();
    if (expr.args.size() < 2) return value;
    const Expr* first = expr.args[1].get();
    while (first->op == Op::logical_and) first = first->args.front().get();
    const std::optional<Value> with = with_attribute(expr, *first, env);
    if (with) {
        if (first == expr.args[1].get()) return *with;
        list = with->as_list();
        if (!list) return Value::none();
    }
    if (!env.charge(list->size() * parts_of(*expr.args[1]))) return Value::none();
    Value::List matching;
    BoundEnv bound(env, expr.local);
    for (const Value& element : *list) {
        bound.bind(element);
        Value hold_condition;
        const Value& condition = operand(*expr.args[1], bound, hold_condition);
        if (condition.is_unknown()) return env.derived_unknown(expr);
        if (const bool* truth = condition.as_boolean(); truth && *truth) matching.push_back(element);
    }
    return Value::list(std::move(matching));
}

// A text with a part that has no value has no value itself: it never contains the word "none".
Value concat(const Expr& expr, const Env& env) {
    std::string text;
    bool sure = true;
    bool whole = true;
    for (const ExprPtr& arg : expr.args) {
        Value hold;
        const Value& value = operand(*arg, env, hold);
        if (value.has_unknown()) sure = false;
        if (value.is_none()) whole = false;
        if (!sure || !whole) continue;
        const std::string part = to_text(value, env.names());
        if (part.size() / 8 > small && !env.charge(part.size() / 8)) return Value::none();
        text += part;
    }
    if (!sure) return env.derived_unknown(expr);
    return whole ? Value::string(std::move(text)) : Value::none();
}

// A list that is an element is charged whole, since lists of lists grow with each level.
Value elements(const Expr& expr, const Env& env) {
    Value::List list;
    list.reserve(expr.args.size());
    for (const ExprPtr& arg : expr.args) {
        list.push_back(evaluate(*arg, env));
        if (list.back().as_list() && !env.charge(weight(list.back()))) return Value::none();
    }
    return Value::list(std::move(list));
}

// An unknown truth is negated to an unknown of its own, so that it and its negation are not taken for the same.
Value negation(const Expr& expr, const Env& env) {
    Value hold;
    const Value& value = operand(*expr.args[0], env, hold);
    if (const bool* truth = value.as_boolean()) return Value::boolean(!*truth);
    return value.is_unknown() ? env.derived_unknown(expr) : Value::none();
}

}  // namespace

// `name` is known of every object, without asking the farm.
Value attribute_of(ObjectId object, const std::string& name, const Env& env) {
    if (object.is_none()) return Value::none();
    if (name == "name") return Value::string(std::string(env.names().name(object)));
    return env.attribute(object, name);
}

// Every operation has its case and there is no default, so that the compiler names one that is missing.
Value evaluate(const Expr& expr, const Env& env) {
    switch (expr.op) {
        case Op::literal: return expr.value;
        case Op::local: return env.local(expr.local);
        case Op::attribute:
        case Op::state: return of_object(expr, env);
        case Op::before: return env.before(expr.name, expr.step);
        case Op::output: return env.output(expr.step, expr.name);
        case Op::exit_code:
        case Op::stdout_text:
        case Op::done:
        case Op::started:
        case Op::failed: return env.special(expr.op, expr.step);
        case Op::json: return env.json({});
        case Op::member:
        case Op::index: return part(expr, env);
        case Op::list: return elements(expr, env);
        case Op::filter: return filter(expr, env);
        case Op::logical_not: return negation(expr, env);
        case Op::logical_and: return logical(expr, env, false);
        case Op::logical_or: return logical(expr, env, true);
        case Op::concat: return concat(expr, env);
        case Op::first:
        case Op::rest:
        case Op::last:
        case Op::size:
        case Op::unique: return of_list(expr, env);
        case Op::equal:
        case Op::not_equal:
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal:
        case Op::in:
        case Op::not_in:
        case Op::add:
        case Op::subtract:
        case Op::min:
        case Op::max: return binary(expr, env);
    }
    base::bug("an expression has an operation that does not exist");
}

}  // namespace pvsplan::program
