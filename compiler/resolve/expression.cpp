#include <algorithm>

#include "compiler/base/near.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

using program::Expr;
using program::fits;
using program::to_text;
using Is = syntax::Expression::Is;
using Op = Expr::Op;

namespace {

const Type boolean_type = Type::of(Type::Is::boolean);
const Type integer_type = Type::of(Type::Is::integer);

std::string shown(const Type& type) { return "a value of type `" + to_text(type) + "`"; }

// The type as which an operand is read, by the other one. Where it changes nothing a literal is read as what it is, so
// that the comparison itself is reported.
const Type* context_for(const syntax::Expression& e, const Type& other) {
    if (e.is == Is::integer) return other.is == Type::Is::version ? &other : nullptr;
    if (e.is == Is::string)
        return other.is == Type::Is::version || other.is == Type::Is::enumeration ? &other : nullptr;
    return &other;
}

Type element_type(const Type& list) {
    if (list.is == Type::Is::list && list.element) return *list.element;
    return Type{};
}

}  // namespace

std::uint32_t Scope::new_slot() {
    const std::uint32_t slot = next_slot++;
    if (most_slots) *most_slots = std::max(*most_slots, next_slot);
    return slot;
}

const Variable* Scope::find(std::string_view name) const {
    for (auto v = variables.rbegin(); v != variables.rend(); ++v)
        if (v->name == name) return &*v;
    return nullptr;
}

ExprPtr Expressions::resolve(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const auto literal = [&](std::optional<Value> value, Type::Is type) -> ExprPtr {
        if (!value) {
            sink_.report(bad_literal, e.span, e.text, to_text(Type::of(type)));
            return nullptr;
        }
        return checked(Expr::literal(*value, Type::of(type), e.span), expected);
    };
    switch (e.is) {
        case Is::poison: return nullptr;
        case Is::integer:
            if (expected && expected->is == Type::Is::version)
                return literal(program::parse_version(e.text), Type::Is::version);
            return literal(read_literal(e.text, integer_type), Type::Is::integer);
        case Is::duration: return literal(program::parse_duration(e.text), Type::Is::duration);
        case Is::version: return literal(program::parse_version(e.text), Type::Is::version);
        case Is::string:
            // A version or enumerator may be written in quotes.
            if (expected && (expected->is == Type::Is::version || expected->is == Type::Is::enumeration)) {
                if (auto value = read_literal(e.text, *expected)) return Expr::literal(*value, *expected, e.span);
                return bad(e, *expected);
            }
            return literal(Value::string(e.text), Type::Is::string);
        case Is::boolean: return literal(Value::boolean(e.text == "true"), Type::Is::boolean);
        case Is::none: return Expr::literal(Value::none(), Type::of(Type::Is::none), e.span);
        case Is::name: return name(e, scope, expected);
        case Is::member: return member(e, scope, expected);
        case Is::index: {
            ExprPtr base = resolve(e.args[0], scope);
            ExprPtr at = resolve(e.args[1], scope, &integer_type);
            if (!base || !at) return nullptr;
            if (!base->type.is_poison() && base->type.is != Type::Is::list && base->type.is != Type::Is::json) {
                sink_.report(wrong_type, e.args[0].span, "a list", shown(base->type));
                return nullptr;
            }
            const Type type = base->type.is == Type::Is::json ? base->type : element_type(base->type);
            return checked(program::make_expr({.op = Op::index, .args = {base, at}, .type = type, .span = e.span}),
                           expected);
        }
        case Is::call: return call(e, scope, expected);
        case Is::list: return list(e, scope, expected);
        case Is::filter: return checked(filter(e, scope), expected);
        case Is::logical_not:
        case Is::logical_and:
        case Is::logical_or: return checked(logical(e, scope), expected);
        case Is::equal:
        case Is::not_equal:
        case Is::less:
        case Is::less_equal:
        case Is::greater:
        case Is::greater_equal:
        case Is::in:
        case Is::not_in: return checked(comparison(e, scope), expected);
        case Is::add:
        case Is::subtract: return checked(arithmetic(e, scope, expected), expected);
    }
    return nullptr;
}

ExprPtr Expressions::checked(ExprPtr expr, const Type* expected) {
    if (!expr || !expected || fits(expr->type, *expected)) return expr;
    if (expr->type.is == Type::Is::secret)
        sink_.report(secret_flows, expr->span)
            .label("`" + to_text(*expected) + "` is wanted, this is a secret")
            .hint("a secret may reach a parameter of type `secret` or a connection, nothing else");
    else
        sink_.report(wrong_type, expr->span, shown(*expected), shown(expr->type));
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

ExprPtr Expressions::name(const syntax::Expression& e, Scope& scope, const Type* expected) {
    if (const Variable* v = scope.find(e.text))
        return checked(
            program::make_expr({.op = Op::slot, .slot = v->slot, .name = v->name, .type = v->type, .span = e.span}),
            expected);
    if (scope.reads.result) {
        if (e.text == "exit")
            return checked(program::make_expr({.op = Op::exit_code, .type = integer_type, .span = e.span}), expected);
        if (e.text == "stdout")
            return checked(
                program::make_expr({.op = Op::stdout_text, .type = Type::of(Type::Is::string), .span = e.span}),
                expected);
        if (e.text == "json")
            return checked(program::make_expr({.op = Op::json, .type = Type::of(Type::Is::json), .span = e.span}),
                           expected);
    }
    if (expected && expected->is == Type::Is::enumeration &&
        std::find(expected->names.begin(), expected->names.end(), e.text) != expected->names.end())
        return Expr::literal(Value::enumerator(e.text), *expected, e.span);
    for (const Kind& kind : model_.kinds) {
        if (kind.plural == e.text)
            return checked(Expr::literal(kind.all, Type::list_of(Type::object(kind.name)), e.span), expected);
        if (kind.name == e.text) {
            if (kind.objects.size() == 1)
                return checked(Expr::literal(Value::object(kind.objects[0]), Type::object(kind.name), e.span),
                               expected);
            if (!model_.farm.is_known) return nullptr;
            if (is_for_callers(e.span, scope)) {
                refuse(model_.kind_by_name.at(kind.name), std::string(scope.step_id), e.span);
                return nullptr;
            }
            if (!is_news(model_.kind_by_name.at(kind.name))) return nullptr;
            sink_.report(unknown_name, diag::Place(e.span, {model_.farm.span}), e.text)
                .label("stands for the only " + kind.name + " of a farm; this farm has " +
                       std::to_string(kind.objects.size()))
                .hint("write `first(" + kind.plural + ")`, or take one of `" + kind.plural + "` in a `for_each`");
            return nullptr;
        }
    }
    if (expected && expected->is == Type::Is::enumeration) return bad(e, *expected);
    auto reported = sink_.report(unknown_name, e.span, e.text);
    if (e.text == "on")
        reported.hint("`on` is known within actions and procedures; elsewhere name the object itself");
    else
        reported.did_you_mean(near(e.text, known_names(scope)));
    return nullptr;
}

bool Expressions::is_for_callers(base::Span span, const Scope& scope) const {
    return scope.read_steps && span.file != model_.plan_span.file;
}

void Expressions::refuse(KindId kind, std::string callee, base::Span span) {
    if (!refused_) refused_ = Refused{kind, std::move(callee), span};
}

ExprPtr Expressions::bad(const syntax::Expression& e, const Type& expected) {
    const bool is_enumeration = expected.is == Type::Is::enumeration;
    sink_
        .report(bad_literal, e.span, e.text,
                is_enumeration ? "one of " + to_text(expected) : "a version (2203, 7.15.45)")
        .did_you_mean(is_enumeration ? near(e.text, expected.names) : std::nullopt);
    return nullptr;
}

std::vector<std::string> Expressions::known_names(const Scope& scope) const {
    std::vector<std::string> names;
    for (const Variable& v : scope.variables) names.push_back(v.name);
    for (const Kind& kind : model_.kinds) {
        names.push_back(kind.plural);
        if (kind.objects.size() == 1) names.push_back(kind.name);
    }
    if (scope.reads.before) names.emplace_back("before");
    if (scope.reads.outputs) names.emplace_back("steps");
    if (scope.reads.result) names.insert(names.end(), {"exit", "stdout", "json"});
    return names;
}

ExprPtr Expressions::member(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const syntax::Expression& base = e.args[0];
    if (base.is == Is::name && !scope.find(base.text)) {
        if (base.text == "before") {
            if (!scope.reads.before) {
                sink_.report(not_available, base.span, "before", "only `undo` and `sets` of an action know it");
                return nullptr;
            }
            if (!scope.before_kind) return nullptr;  // the kind is unknown, which was reported
            const Kind& kind = model_.kinds[scope.before_kind.index()];
            if (const Attribute* a = kind.state_attribute(e.text))
                return checked(program::make_expr({.op = Op::before, .name = a->name, .type = a->type, .span = e.span}),
                               expected);
            std::vector<std::string> names;
            for (const Attribute& a : kind.state) names.push_back(a.name);
            sink_.report(unknown_member, e.text_span, "the state of a " + kind.name, e.text)
                .did_you_mean(near(e.text, names));
            return nullptr;
        }
        if (base.text == "secret") {
            if (!scope.reads.secrets) {
                sink_.report(not_available, e.span, "secret." + e.text,
                             "a secret reaches a parameter of type `secret` or a connection, nothing else");
                return nullptr;
            }
            if (!knows_secret(e)) return nullptr;
            return checked(Expr::literal(Value::secret(e.text), Type::of(Type::Is::secret), e.span), expected);
        }
        if (base.text == "steps") {
            sink_.report(unknown_member, e.text_span, "a step", e.text)
                .hint("write `steps.ID.OUTPUT`: the step, then one of its outputs");
            return nullptr;
        }
    }
    if (base.is == Is::member && base.args[0].is == Is::name && base.args[0].text == "steps" && !scope.find("steps"))
        return checked(output(e, scope), expected);
    ExprPtr object = resolve(base, scope);
    if (!object) return nullptr;
    if (object->type.is_poison()) return nullptr;
    if (object->type.is == Type::Is::json)
        return checked(program::make_expr(
                           {.op = Op::member, .name = e.text, .args = {object}, .type = object->type, .span = e.span}),
                       expected);
    if (object->type.is != Type::Is::object) {
        sink_.report(wrong_type, base.span, "an object", shown(object->type));
        return nullptr;
    }
    return checked(object_member(object, e.text, e, scope), expected);
}

ExprPtr Expressions::object_member(ExprPtr object, const std::string& name, const syntax::Expression& e,
                                   const Scope& scope) {
    const Kind& kind = model_.kinds[model_.kind_by_name.at(object->type.names[0]).index()];
    if (name == "name")
        return program::make_expr(
            {.op = Op::attribute, .name = name, .args = {object}, .type = Type::of(Type::Is::string), .span = e.span});
    if (const Attribute* a = kind.attribute(name))
        return program::make_expr(
            {.op = Op::attribute, .name = name, .args = {object}, .type = a->type, .span = e.span});
    if (const Attribute* a = kind.state_attribute(name)) {
        if (!scope.reads.state) {
            sink_.report(
                not_available, e.span, program::to_text(object->type) + "." + name,
                "it is state, which steps change; only attributes can be read " + std::string(scope.reads.where));
            return nullptr;
        }
        return program::make_expr({.op = Op::state, .name = name, .args = {object}, .type = a->type, .span = e.span});
    }
    std::vector<std::string> names = {"name"};
    for (const Attribute& a : kind.attributes) names.push_back(a.name);
    for (const Attribute& a : kind.state) names.push_back(a.name);
    sink_.report(unknown_member, e.text_span, "a " + kind.name, name).did_you_mean(near(name, names));
    return nullptr;
}

ExprPtr Expressions::output(const syntax::Expression& e, Scope& scope) {
    const syntax::Expression& ref = e.args[0];  // steps.ID
    if (!scope.reads.outputs) {
        sink_.report(not_available, e.span, "steps." + ref.text + "." + e.text,
                     "outputs of steps can be read " + std::string("in a plan, a procedure and `recover`"));
        return nullptr;
    }
    const std::optional<StepRef> found = step({ref.text, ref.text_span}, scope);
    if (!found) return nullptr;
    const SiblingScope& siblings = scope.siblings[scope.siblings.size() - 1 - found->up];
    const syntax::Step& target = (*siblings.steps)[found->index];
    const auto wrong = [&](std::string why) {
        sink_.report(bad_output_ref, ref.text_span, ref.text, why).related(target.key_span, "the step");
        return nullptr;
    };
    if (target.is == syntax::Step::Is::poison) return nullptr;
    if (target.is != syntax::Step::Is::call) return wrong("it is a group or an approval");
    if (target.for_each) return wrong("it has an instance for each element of its `for_each`");
    for (const Action& action : model_.actions) {
        if (action.compiled.name != target.call->value) continue;
        const auto type = action.compiled.output_types.find(e.text);
        if (type == action.compiled.output_types.end()) {
            std::vector<std::string> names;
            for (const auto& [name, t] : action.compiled.output_types) names.push_back(name);
            sink_.report(unknown_member, e.text_span, "`" + action.compiled.name + "`", e.text)
                .did_you_mean(near(e.text, names));
            return nullptr;
        }
        if (scope.read_steps) scope.read_steps->push_back(*found);
        return program::make_expr({.op = Op::output,
                                   .slot = found->index,
                                   .name = e.text,
                                   .step = std::to_string(found->up) + ":" + std::to_string(found->index),
                                   .type = type->second,
                                   .span = e.span});
    }
    for (const Procedure& procedure : model_.procedures)
        if (procedure.name == target.call->value) return wrong("it calls a procedure");
    return nullptr;  // an unknown call is reported where it stands
}

ExprPtr Expressions::list(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const Type wanted = expected && expected->is == Type::Is::list ? element_type(*expected) : Type{};
    Type type = wanted;
    std::vector<ExprPtr> args;
    bool good = true;
    for (const syntax::Expression& part : e.args) {
        ExprPtr arg = resolve(part, scope, type.is_poison() ? nullptr : &type);
        good = good && arg;
        if (arg && type.is_poison()) type = arg->type;
        args.push_back(std::move(arg));
    }
    if (!good) return nullptr;
    return checked(
        program::make_expr({.op = Op::list, .args = std::move(args), .type = Type::list_of(type), .span = e.span}),
        expected);
}

ExprPtr Expressions::filter(const syntax::Expression& e, Scope& scope) {
    ExprPtr source = resolve(e.args[0], scope);
    if (source && source->type.is != Type::Is::list && !source->type.is_poison()) {
        sink_.report(wrong_type, e.args[0].span, "a list", shown(source->type));
        source = nullptr;
    }
    const std::uint32_t slot = scope.new_slot();
    scope.variables.push_back({e.text, slot, source ? element_type(source->type) : Type{}});
    ExprPtr condition = e.args.size() > 1 ? resolve(e.args[1], scope, &boolean_type)
                                          : Expr::literal(Value::boolean(true), boolean_type, e.span);
    scope.variables.pop_back();
    --scope.next_slot;
    if (!source || !condition) return nullptr;
    const Type type = source->type;
    return program::make_expr(
        {.op = Op::filter, .slot = slot, .name = e.text, .args = {source, condition}, .type = type, .span = e.span});
}

ExprPtr Expressions::logical(const syntax::Expression& e, Scope& scope) {
    std::vector<ExprPtr> args;
    bool good = true;
    for (const syntax::Expression& part : e.args) {
        args.push_back(resolve(part, scope, &boolean_type));
        good = good && args.back();
    }
    if (!good) return nullptr;
    const Op op = e.is == Is::logical_not   ? Op::logical_not
                  : e.is == Is::logical_and ? Op::logical_and
                                            : Op::logical_or;
    return program::make_expr({.op = op, .args = std::move(args), .type = boolean_type, .span = e.span});
}

// A bare name that is no variable, or an int that may be a version: read as the type of what it is compared with.
bool Expressions::wants_context(const syntax::Expression& e, const Scope& scope) const {
    if (e.is == Is::integer || e.is == Is::string || e.is == Is::list) return true;
    return e.is == Is::name && !scope.find(e.text);
}

ExprPtr Expressions::comparison(const syntax::Expression& e, Scope& scope) {
    const syntax::Expression& l = e.args[0];
    const syntax::Expression& r = e.args[1];
    const bool membership = e.is == Is::in || e.is == Is::not_in;
    ExprPtr left;
    ExprPtr right;
    if (!membership && wants_context(l, scope) && !wants_context(r, scope)) {
        right = resolve(r, scope);
        if (!right) return nullptr;
        left = resolve(l, scope, context_for(l, right->type));
        if (!left) return nullptr;
    } else {
        left = resolve(l, scope);
        if (!left) return nullptr;
        const Type wanted = membership ? Type::list_of(left->type) : left->type;
        const bool versions = left->type.is == Type::Is::none;
        right = resolve(r, scope, wants_context(r, scope) && !versions ? context_for(r, wanted) : nullptr);
        if (!right) return nullptr;
    }
    Type compared = right->type;
    if (membership) {
        if (!compared.is_poison() && compared.is != Type::Is::list) {
            sink_.report(wrong_type, r.span, "a list", shown(compared));
            return nullptr;
        }
        compared = element_type(compared);
    }
    if (left->type.is == Type::Is::secret || compared.is == Type::Is::secret) {
        sink_.report(secret_flows, e.span).label("a comparison would reveal it");
        return nullptr;
    }
    const bool none = left->type.is == Type::Is::none || compared.is == Type::Is::none;
    if (!none && !fits(left->type, compared) && !fits(compared, left->type)) {
        sink_.report(not_comparable, e.span, shown(left->type), shown(compared));
        return nullptr;
    }
    const bool ordering =
        e.is == Is::less || e.is == Is::less_equal || e.is == Is::greater || e.is == Is::greater_equal;
    const auto is_ordered = [](const Type& t) {
        return t.is == Type::Is::integer || t.is == Type::Is::duration || t.is == Type::Is::version ||
               t.is == Type::Is::string || t.is == Type::Is::json || t.is_poison();
    };
    if (ordering && !(is_ordered(left->type) && is_ordered(compared))) {
        sink_.report(wrong_type, e.span, "values that have an order (int, duration, version, string)",
                     shown(left->type));
        return nullptr;
    }
    if (!ordering) {
        check_matches(left, right);
        check_matches(right, left);
    }
    Op op = Op::equal;
    switch (e.is) {
        case Is::not_equal: op = Op::not_equal; break;
        case Is::less: op = Op::less; break;
        case Is::less_equal: op = Op::less_equal; break;
        case Is::greater: op = Op::greater; break;
        case Is::greater_equal: op = Op::greater_equal; break;
        case Is::in: op = Op::in; break;
        case Is::not_in: op = Op::not_in; break;
        default: break;
    }
    return program::make_expr({.op = op, .args = {left, right}, .type = boolean_type, .span = e.span});
}

ExprPtr Expressions::arithmetic(const syntax::Expression& e, Scope& scope, const Type* expected) {
    ExprPtr left = resolve(e.args[0], scope, expected && expected->is == Type::Is::list ? expected : nullptr);
    ExprPtr right = resolve(e.args[1], scope, left && left->type.is == Type::Is::list ? &left->type : nullptr);
    if (!left || !right) return nullptr;
    const auto good = [&](const Type& t) {
        return t.is_poison() || t.is == Type::Is::json || t.is == Type::Is::integer || t.is == Type::Is::duration ||
               (e.is == Is::add && (t.is == Type::Is::string || t.is == Type::Is::list));
    };
    for (const ExprPtr& side : {left, right})
        if (!good(side->type)) {
            sink_.report(wrong_type, side->span,
                         e.is == Is::add ? "an int, duration, string or list" : "an int or duration",
                         shown(side->type));
            return nullptr;
        }
    if (!fits(right->type, left->type)) {
        sink_.report(wrong_type, right->span, shown(left->type), shown(right->type));
        return nullptr;
    }
    const Type type = left->type;
    return program::make_expr(
        {.op = e.is == Is::add ? Op::add : Op::subtract, .args = {left, right}, .type = type, .span = e.span});
}

}  // namespace pvsplan::resolve
