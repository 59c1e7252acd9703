#include <algorithm>

#include "compiler/base/near.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/literal_hints.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

using program::Expr;
using program::fits;
using program::to_text;
using ExpressionForm = syntax::Expression::Form;
using Op = Expr::Op;

namespace {

const Type boolean_type = Type::of(Type::Category::boolean);
const Type integer_type = Type::of(Type::Category::integer);

// The type as which an operand is read, by the other one. Where it changes nothing a literal is read as what it is, so
// that the comparison itself is reported.
const Type* context_for(const syntax::Expression& e, const Type& other) {
    if (e.form == ExpressionForm::integer) return other.category == Type::Category::version ? &other : nullptr;
    if (e.form == ExpressionForm::string)
        return other.category == Type::Category::version || other.category == Type::Category::enumeration ? &other
                                                                                                          : nullptr;
    return &other;
}

// The error type where the list could not be read: it fits everything, so nothing is reported twice.
Type element_type(const Type& list) {
    if (list.category == Type::Category::list && list.element) return *list.element;
    return Type{};
}

Op comparison_op(ExpressionForm form) {
    switch (form) {
        case ExpressionForm::not_equal: return Op::not_equal;
        case ExpressionForm::less: return Op::less;
        case ExpressionForm::less_equal: return Op::less_equal;
        case ExpressionForm::greater: return Op::greater;
        case ExpressionForm::greater_equal: return Op::greater_equal;
        case ExpressionForm::in: return Op::in;
        case ExpressionForm::not_in: return Op::not_in;
        default: return Op::equal;
    }
}

}  // namespace

// A value of JSON may have one: only the run knows.
bool has_order(const Type& t) {
    return t.category == Type::Category::integer || t.category == Type::Category::duration ||
           t.category == Type::Category::version || t.category == Type::Category::string ||
           t.category == Type::Category::json || t.is_error();
}

std::string value_of(const Type& type) { return "a value of type `" + to_text(type) + "`"; }

// Numbers are given again once a scope is left; `max_locals` keeps how many are in use at once, which is the size of
// the frame that a run allocates.
std::uint32_t Scope::new_local() {
    const std::uint32_t local = next_local++;
    if (max_locals) *max_locals = std::max(*max_locals, next_local);
    return local;
}

// From the inside out.
const Variable* Scope::find(std::string_view name) const {
    for (auto v = variables.rbegin(); v != variables.rend(); ++v)
        if (v->name == name) return &*v;
    return nullptr;
}

// Whether the step has such an object as its `on`.
bool Scope::works_on(const std::string& kind) const {
    const Variable* on = find("on");
    return on && on->type == Type::object(kind);
}

// The recursion is as deep as the expression, which the parser bounds. What is returned has a type that fits
// `expected`, or is null with a finding, here or where the cause is.
ExprPtr Expressions::resolve(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const auto literal = [&](std::optional<Value> value, Type::Category type) -> ExprPtr {
        if (!value) {
            sink_.report(bad_literal, e.span, diag::Name(e.text), diag::Words(to_text(Type::of(type))));
            return nullptr;
        }
        return checked(Expr::literal(*value, Type::of(type), e.span), expected);
    };
    switch (e.form) {
        case ExpressionForm::error: return nullptr;
        case ExpressionForm::integer:
            if (expected && expected->category == Type::Category::version)
                return literal(program::parse_version(e.text), Type::Category::version);
            return literal(read_literal(e.text, integer_type), Type::Category::integer);
        case ExpressionForm::duration: return literal(program::parse_duration(e.text), Type::Category::duration);
        case ExpressionForm::version: return literal(program::parse_version(e.text), Type::Category::version);
        case ExpressionForm::string:
            // A version or enumerator may be written in quotes.
            if (expected &&
                (expected->category == Type::Category::version || expected->category == Type::Category::enumeration)) {
                if (auto value = read_literal(e.text, *expected)) return Expr::literal(*value, *expected, e.span);
                return bad(e, *expected);
            }
            return literal(Value::string(e.text), Type::Category::string);
        case ExpressionForm::boolean: return literal(Value::boolean(e.text == "true"), Type::Category::boolean);
        case ExpressionForm::none: return Expr::literal(Value::none(), Type::of(Type::Category::none), e.span);
        case ExpressionForm::name: return name(e, scope, expected);
        case ExpressionForm::member: return member(e, scope, expected);
        case ExpressionForm::index: return index(e, scope, expected);
        case ExpressionForm::call: return call(e, scope, expected);
        case ExpressionForm::list: return list(e, scope, expected);
        case ExpressionForm::filter: return checked(filter(e, scope), expected);
        case ExpressionForm::logical_not:
        case ExpressionForm::logical_and:
        case ExpressionForm::logical_or: return checked(logical(e, scope), expected);
        case ExpressionForm::equal:
        case ExpressionForm::not_equal:
        case ExpressionForm::less:
        case ExpressionForm::less_equal:
        case ExpressionForm::greater:
        case ExpressionForm::greater_equal:
        case ExpressionForm::in:
        case ExpressionForm::not_in: return checked(comparison(e, scope), expected);
        case ExpressionForm::add:
        case ExpressionForm::subtract: return checked(arithmetic(e, scope, expected), expected);
    }
    return nullptr;
}

// A secret fits nothing but a secret, so that this one place is what keeps it out of texts, comparisons and outputs.
ExprPtr Expressions::checked(ExprPtr expr, const Type* expected) {
    if (!expr || !expected || fits(expr->type, *expected)) return expr;
    if (expr->type.category == Type::Category::secret)
        sink_.report(secret_flows, expr->span)
            .label("`" + to_text(*expected) + "` is wanted, this is a secret")
            .hint("a secret may reach a parameter of type `secret` or a connection, nothing else");
    else
        sink_.report(wrong_type, expr->span, diag::Expected(value_of(*expected)), diag::Found(value_of(expr->type)));
    return nullptr;
}

// Whether the farm says where the secret comes from. Without a farm nobody can say.
bool Expressions::knows_secret(const syntax::Expression& e) {
    if (!model_.farm.is_known || model_.farm.secrets.contains(e.text)) return true;
    std::vector<std::string> names;
    for (const auto& [name, source] : model_.farm.secrets) names.push_back(name);
    auto reported = sink_.report(unknown_secret, e.text_span, e.text);
    if (const auto meant = near(e.text, names))
        reported.did_you_mean(meant);
    else
        reported.hint("say in the farm where it comes from: `secrets: {" + e.text + ": {env: NAME}}`");
    return false;
}

// What is written nearer wins: a variable, then what a command printed, then an enumerator of the wanted type, then the
// kinds of the farm. The name of a kind alone stands for its only object. Nothing is reported where names were lost:
// the name may be one of them.
ExprPtr Expressions::name(const syntax::Expression& e, Scope& scope, const Type* expected) {
    if (const Variable* v = scope.find(e.text)) {
        model_.note_use(v->of, v->name, e.text_span, v->span);
        return checked(
            program::make_expr({.op = Op::local, .local = v->local, .name = v->name, .type = v->type, .span = e.span}),
            expected);
    }
    if (scope.reads.result) {
        if (e.text == "exit")
            return checked(program::make_expr({.op = Op::exit_code, .type = integer_type, .span = e.span}), expected);
        if (e.text == "stdout")
            return checked(
                program::make_expr({.op = Op::stdout_text, .type = Type::of(Type::Category::string), .span = e.span}),
                expected);
        if (e.text == "json")
            return checked(program::make_expr({.op = Op::json, .type = Type::of(Type::Category::json), .span = e.span}),
                           expected);
    }
    if (expected && expected->category == Type::Category::enumeration &&
        std::find(expected->names.begin(), expected->names.end(), e.text) != expected->names.end())
        return Expr::literal(Value::enumerator(e.text), *expected, e.span);
    for (const Kind& kind : model_.kinds) {
        if (kind.plural == e.text) {
            model_.note_use(Use::Of::kind, e.text, e.text_span, kind.plural_span);
            return checked(Expr::literal(kind.all, Type::list_of(kind.type), e.span), expected);
        }
        if (kind.name == e.text) {
            model_.note_use(Use::Of::kind, e.text, e.text_span, kind.span);
            if (kind.objects.size() == 1)
                return checked(Expr::literal(Value::object(kind.objects[0]), kind.type, e.span), expected);
            if (!model_.farm.is_known || kind.plural.empty()) return nullptr;  // nobody knows what is of that kind
            if (is_for_callers(e.span, scope)) {
                refuse(model_.kind_by_name.at(kind.name), std::string(scope.step_id), e.span);
                return nullptr;
            }
            if (!is_news(model_.kind_by_name.at(kind.name))) return nullptr;
            sink_.report(unknown_name, diag::Place(e.span, {model_.farm.span}), e.text)
                .label("stands for the only " + kind.name + " of a farm; this farm has " +
                       std::to_string(kind.objects.size()))
                .hint(scope.works_on(kind.name)
                          ? "for the one that is worked on write `on`"
                          : "write `first(" + kind.plural + ")`, or take one of `" + kind.plural + "` in a `for_each`");
            return nullptr;
        }
    }
    if (expected && expected->category == Type::Category::enumeration) return bad(e, *expected);
    const bool is_plural_lost =
        std::any_of(model_.kinds.begin(), model_.kinds.end(), [](const Kind& kind) { return kind.plural.empty(); });
    if (scope.are_names_lost || is_plural_lost) return nullptr;
    auto reported = sink_.report(unknown_name, e.span, e.text);
    if (e.text == "on")
        reported.hint("`on` is known within actions and procedures; elsewhere name the object itself");
    else if (expected && expected->category == Type::Category::string)
        reported.hint("a text stands between quotes: `'" + e.text + "'`");
    else if (const std::string hint = hint_for_name(e.text, scope); !hint.empty())
        reported.hint(hint);
    else
        reported.did_you_mean(near(e.text, known_names(scope)));
    return nullptr;
}

// A module cannot know how many objects a farm has, so that such a step is only an error where it is called.
bool Expressions::is_for_callers(base::Span span, const Scope& scope) const {
    return scope.read_steps && span.file != model_.plan_span.file;
}

// The first one is kept: a caller needs one reason.
void Expressions::refuse(KindId kind, std::string callee, base::Span span) {
    if (!refused_) refused_ = Refused{kind, std::move(callee), span};
}

// Null, so that a caller can return it.
ExprPtr Expressions::bad(const syntax::Expression& e, const Type& expected) {
    const bool is_enumeration = expected.category == Type::Category::enumeration;
    auto reported =
        sink_.report(bad_literal, e.span, diag::Name(e.text),
                     diag::Words(is_enumeration ? "one of " + to_text(expected) : "a version (2203, 7.15.45)"));
    if (is_enumeration)
        reported.did_you_mean(near(e.text, expected.names));
    else
        reported.hint(hint_for_literal(e.text, expected));
    return nullptr;
}

// The first element whose type is known decides that of the others, if nothing around the list does.
ExprPtr Expressions::list(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const Type wanted = expected && expected->category == Type::Category::list ? element_type(*expected) : Type{};
    Type type = wanted;
    std::vector<ExprPtr> args;
    bool good = true;
    for (const syntax::Expression& part : e.args) {
        ExprPtr arg = resolve(part, scope, type.is_error() ? nullptr : &type);
        good = good && arg;
        if (arg && type.is_error()) type = arg->type;
        args.push_back(std::move(arg));
    }
    if (!good) return nullptr;
    return checked(
        program::make_expr({.op = Op::list, .args = std::move(args), .type = Type::list_of(type), .span = e.span}),
        expected);
}

// The source is read before the variable exists. The condition is read also if the source is wrong: it may have faults
// of its own, and a variable of the error type adds none.
ExprPtr Expressions::filter(const syntax::Expression& e, Scope& scope) {
    ExprPtr source = resolve(e.args[0], scope);
    if (source && source->type.category != Type::Category::list && !source->type.is_error()) {
        sink_.report(wrong_type, e.args[0].span, diag::Expected("a list"), diag::Found(value_of(source->type)));
        source = nullptr;
    }
    const std::uint32_t local = scope.new_local();
    scope.variables.push_back({e.text, local, source ? element_type(source->type) : Type{}, e.text_span});
    ExprPtr condition = e.args.size() > 1 ? resolve(e.args[1], scope, &boolean_type)
                                          : Expr::literal(Value::boolean(true), boolean_type, e.span);
    scope.variables.pop_back();
    --scope.next_local;
    if (!source || !condition) return nullptr;
    const Type type = source->type;
    return program::make_expr(
        {.op = Op::filter, .local = local, .name = e.text, .args = {source, condition}, .type = type, .span = e.span});
}

// All operands are read, also behind one that is wrong.
ExprPtr Expressions::logical(const syntax::Expression& e, Scope& scope) {
    std::vector<ExprPtr> args;
    bool good = true;
    for (const syntax::Expression& part : e.args) {
        args.push_back(resolve(part, scope, &boolean_type));
        good = good && args.back();
    }
    if (!good) return nullptr;
    const Op op = e.form == ExpressionForm::logical_not   ? Op::logical_not
                  : e.form == ExpressionForm::logical_and ? Op::logical_and
                                                          : Op::logical_or;
    return program::make_expr({.op = op, .args = std::move(args), .type = boolean_type, .span = e.span});
}

// A bare name that is no variable, or an int that may be a version: read as the type of what it is compared with.
bool Expressions::wants_context(const syntax::Expression& e, const Scope& scope) const {
    if (e.form == ExpressionForm::integer || e.form == ExpressionForm::string || e.form == ExpressionForm::list)
        return true;
    return e.form == ExpressionForm::name && !scope.find(e.text);
}

// Both sides of a comparison. A side that is a bare name or a literal is read as what the other one is; null where one
// of them could not be read.
Expressions::Sides Expressions::sides_of(const syntax::Expression& e, Scope& scope) {
    const syntax::Expression& l = e.args[0];
    const syntax::Expression& r = e.args[1];
    const bool membership = e.form == ExpressionForm::in || e.form == ExpressionForm::not_in;
    if (!membership && wants_context(l, scope) && !wants_context(r, scope)) {
        ExprPtr right = resolve(r, scope);
        if (!right) return {};
        return {.left = resolve(l, scope, context_for(l, right->type)), .right = right};
    }
    ExprPtr left = resolve(l, scope);
    if (!left) return {};
    // What has no type could not be read, and a bare name may be one of its enumerators.
    const bool is_bare = r.form == ExpressionForm::name && !scope.find(r.text);
    if (left->type.is_error() && is_bare && left->op != Op::literal) return {};
    const Type wanted = membership ? Type::list_of(left->type) : left->type;
    const bool versions = left->type.category == Type::Category::none;
    return {.left = left,
            .right = resolve(r, scope, wants_context(r, scope) && !versions ? context_for(r, wanted) : nullptr)};
}

// `none` compares with every type. A text that no object has is warned of in an equality or a membership only: an order
// with it makes sense.
ExprPtr Expressions::comparison(const syntax::Expression& e, Scope& scope) {
    const auto [left, right] = sides_of(e, scope);
    if (!left || !right) return nullptr;
    Type compared = right->type;
    if (e.form == ExpressionForm::in || e.form == ExpressionForm::not_in) {
        if (!compared.is_error() && compared.category != Type::Category::list) {
            sink_.report(wrong_type, e.args[1].span, diag::Expected("a list"), diag::Found(value_of(compared)));
            return nullptr;
        }
        compared = element_type(compared);
    }
    if (left->type.category == Type::Category::secret || compared.category == Type::Category::secret) {
        sink_.report(secret_flows, e.span).label("a comparison would reveal it");
        return nullptr;
    }
    const bool none = left->type.category == Type::Category::none || compared.category == Type::Category::none;
    if (!none && !fits(left->type, compared) && !fits(compared, left->type)) {
        sink_.report(not_comparable, e.span, diag::LeftSide(value_of(left->type)), diag::RightSide(value_of(compared)));
        return nullptr;
    }
    const Op op = comparison_op(e.form);
    if (op == Op::less || op == Op::less_equal || op == Op::greater || op == Op::greater_equal) {
        if (!has_order(left->type) || !has_order(compared)) {
            sink_.report(wrong_type, e.span, diag::Expected(values_with_order), diag::Found(value_of(left->type)));
            return nullptr;
        }
    } else {
        check_matches(left, right);
        check_matches(right, left);
    }
    return program::make_expr({.op = op, .args = {left, right}, .type = boolean_type, .span = e.span});
}

// Both sides and the result have one type, as far as it is known. Texts and lists are only joined.
ExprPtr Expressions::arithmetic(const syntax::Expression& e, Scope& scope, const Type* expected) {
    ExprPtr left =
        resolve(e.args[0], scope, expected && expected->category == Type::Category::list ? expected : nullptr);
    ExprPtr right =
        resolve(e.args[1], scope, left && left->type.category == Type::Category::list ? &left->type : nullptr);
    if (!left || !right) return nullptr;
    const auto good = [&](const Type& t) {
        return t.is_error() || t.category == Type::Category::json || t.category == Type::Category::integer ||
               t.category == Type::Category::duration ||
               (e.form == ExpressionForm::add &&
                (t.category == Type::Category::string || t.category == Type::Category::list));
    };
    for (const ExprPtr& side : {left, right})
        if (!good(side->type)) {
            sink_.report(wrong_type, side->span,
                         diag::Expected(e.form == ExpressionForm::add ? "an int, duration, string or list"
                                                                      : "an int or duration"),
                         diag::Found(value_of(side->type)));
            return nullptr;
        }
    if (!fits(right->type, left->type)) {
        sink_.report(wrong_type, right->span, diag::Expected(value_of(left->type)), diag::Found(value_of(right->type)));
        return nullptr;
    }
    const Type type = left->type;
    return program::make_expr({.op = e.form == ExpressionForm::add ? Op::add : Op::subtract,
                               .args = {left, right},
                               .type = type,
                               .span = e.span});
}

}  // namespace pvsplan::resolve
