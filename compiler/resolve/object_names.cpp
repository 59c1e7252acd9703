// Objects by their names, and what a name was meant to be that stands for nothing.
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/literal_hints.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

using program::Expr;
using program::to_text;
using Op = Expr::Op;

ExprPtr Expressions::index(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const Type integer = Type::of(Type::Category::integer);
    ExprPtr base = resolve(e.args[0], scope);
    const bool has_objects = base && base->type.category == Type::Category::list && base->type.element &&
                             base->type.element->category == Type::Category::object;
    ExprPtr at = resolve(e.args[1], scope, has_objects ? nullptr : &integer);
    if (has_objects && at && at->type.category == Type::Category::string)
        return checked(object_by_name(base, at, e, scope), expected);
    if (has_objects) at = checked(at, &integer);
    if (!base || !at) return nullptr;
    if (!base->type.is_error() && base->type.category != Type::Category::list &&
        base->type.category != Type::Category::json) {
        sink_.report(wrong_type, e.args[0].span, diag::Expected("a list"),
                     diag::Found("a value of type `" + to_text(base->type) + "`"));
        return nullptr;
    }
    const Type type = base->type.category == Type::Category::json ? base->type
                      : base->type.element                        ? *base->type.element
                                                                  : Type{};
    return checked(program::make_expr({.op = Op::index, .args = {base, at}, .type = type, .span = e.span}), expected);
}

// servers["pvs01"]: the object of that name. Of all objects of a kind it is known here whether there is one.
ExprPtr Expressions::object_by_name(const ExprPtr& list, const ExprPtr& name, const syntax::Expression& e,
                                    Scope& scope) {
    const Type type = *list->type.element;
    const Kind& kind = model_.kinds[model_.kind_by_name.at(type.names[0]).index()];
    const bool is_whole = list->op == Op::literal && list->value == kind.all;
    if (const std::string* text = name->op == Op::literal ? name->value.as_string() : nullptr; text && is_whole) {
        if (!model_.farm.is_known) return nullptr;
        if (const auto object = model_.object_named(kind, *text)) {
            note_object(Value::object(*object), *text, name->span);
            return Expr::literal(Value::object(*object), type, e.span);
        }
        std::vector<std::string> names;
        for (const ObjectId id : kind.objects) names.push_back(model_.farm.objects[id.index()].name);
        sink_.report(bad_literal, name->span, diag::Name(*text), diag::Words("a " + kind.name + " of the farm"))
            .did_you_mean(near(*text, names));
        return nullptr;
    }
    const std::uint32_t local = scope.new_local();
    --scope.next_local;
    const ExprPtr one =
        program::make_expr({.op = Op::local, .local = local, .name = "_", .type = type, .span = e.span});
    const ExprPtr its_name = program::make_expr(
        {.op = Op::attribute, .name = "name", .args = {one}, .type = Type::of(Type::Category::string), .span = e.span});
    const ExprPtr is_it = program::make_expr(
        {.op = Op::equal, .args = {its_name, name}, .type = Type::of(Type::Category::boolean), .span = e.span});
    const ExprPtr those = program::make_expr(
        {.op = Op::filter, .local = local, .name = "_", .args = {list, is_it}, .type = list->type, .span = e.span});
    return program::make_expr({.op = Op::first, .args = {those}, .type = type, .span = e.span});
}

// What a name that is unknown stands for elsewhere: an object, a state of `on`, a word of YAML or of people.
std::string Expressions::hint_for_name(const std::string& name, const Scope& scope) const {
    for (const Kind& kind : model_.kinds) {
        if (model_.object_named(kind, name))
            return "`" + name + "` is the name of a " + kind.name + ": write `" + kind.plural + "[\"" + name + "\"]`";
        const bool is_its = kind.attribute(name) || kind.state_attribute(name);
        if (is_its && scope.works_on(kind.name)) return "did you mean `on." + name + "`?";
    }
    for (const Type::Category category : {Type::Category::boolean, Type::Category::integer})
        if (std::string hint = hint_for_literal(name, Type::of(category)); !hint.empty()) return hint;
    if (!scope.loop_variable.empty() && !near(name, known_names(scope)))
        return "the variable of this `for_each` is `" + std::string(scope.loop_variable) + "`";
    return "";
}

std::vector<std::string> Expressions::known_names(const Scope& scope) const {
    std::vector<std::string> names;
    for (const Variable& v : scope.variables) names.push_back(v.name);
    for (const Kind& kind : model_.kinds) {
        names.push_back(kind.plural);
        if (kind.objects.size() == 1) names.push_back(kind.name);
    }
    if (scope.reads.before) names.emplace_back("before");
    if (scope.reads.secrets) names.emplace_back("secret");
    if (scope.reads.outputs) names.emplace_back("steps");
    if (scope.reads.result) names.insert(names.end(), {"exit", "stdout", "json"});
    return names;
}

}  // namespace pvsplan::resolve
