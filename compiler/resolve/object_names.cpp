// Objects by their names, and what a name was meant to be that stands for nothing.
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/literal_hints.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

using program::Expr;
using program::to_text;
using Op = Expr::Op;

namespace {

std::string by_name(const Kind& kind, std::string_view name) {
    return "`" + kind.plural + "[\"" + std::string(name) + "\"]`";
}

// `servers.PVS-MUC-01`: the kind of `servers`; null where a name does not begin so.
const Kind* kind_before_dot(const Model& model, std::string_view name) {
    for (const Kind& kind : model.kinds)
        if (name.size() > kind.plural.size() && name.starts_with(kind.plural) && name[kind.plural.size()] == '.')
            return &kind;
    return nullptr;
}

}  // namespace

// A list of objects takes a number or a name. The index is read without a wanted type there, or a name would be refused
// as no int.
ExprPtr Expressions::index(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const Type integer = Type::of(Type::Category::integer);
    ExprPtr base = resolve(e.args[0], scope);
    const bool has_objects = base && base->type.category == Type::Category::list && base->type.element &&
                             base->type.element->category == Type::Category::object;
    // What names the elements of a list is not known if the list is wrong.
    ExprPtr at = resolve(e.args[1], scope, has_objects || !base ? nullptr : &integer);
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
        sink_.report(bad_literal, name->span, diag::Name(*text), diag::Words("a " + kind.name + " of the farm"))
            .did_you_mean(near(*text, names_of(kind)));
        return nullptr;
    }
    // Of other lists the object is looked for in the run: the first of those whose name it is, so that a missing one is
    // an error there as that of an empty list is.
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

std::vector<std::string> Expressions::names_of(const Kind& kind) const {
    std::vector<std::string> names;
    names.reserve(kind.objects.size());
    for (const ObjectId id : kind.objects) names.push_back(model_.farm.objects[id.index()].name);
    return names;
}

// `pvs01` or `pvs01.contoso.local` where no name that begins so is known; else nothing.
std::string Expressions::object_name(const syntax::Expression& e, const Scope& scope) const {
    std::string below;
    const syntax::Expression* root = &e;
    for (; root->form == syntax::Expression::Form::member; root = &root->args[0]) below = "." + root->text + below;
    if (root->form != syntax::Expression::Form::name || scope.find(root->text) || scope.are_names_lost) return "";
    for (const std::string_view word : {"on", "before", "secret", "steps", "farm"})
        if (root->text == word) return "";
    for (const Kind& kind : model_.kinds)
        if (root->text == kind.plural || root->text == kind.name || kind.plural.empty()) return "";
    return root->text + below;
}

// `on: '"pvs01"'`: a text is no object.
ExprPtr Expressions::refuse_text(const syntax::Expression& e, const Type& expected) {
    const Kind& kind = model_.kinds[model_.kind_by_name.at(expected.names[0]).index()];
    sink_.report(wrong_type, e.span, diag::Expected(value_of(expected)), diag::Found("a text"))
        .hint("the object of that name is " + by_name(kind, e.text));
    return nullptr;
}

// A name that two kinds have is taken for the kind that the callee works on; without one nothing is chosen.
ExprPtr Expressions::resolve_on(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const std::string name =
        e.span.file == model_.plan_span.file ? object_name(e, scope) : std::string();  // a module knows no farm
    if (name.empty() && e.form == syntax::Expression::Form::string && expected) return refuse_text(e, *expected);
    if (name.empty()) return resolve(e, scope, expected);
    if (!model_.farm.is_known) return nullptr;
    std::vector<const Kind*> kinds;  // that have such an object; the one that is wanted is the first
    for (const Kind& kind : model_.kinds)
        if (model_.object_named(kind, name))
            kinds.insert(expected && *expected == kind.type ? kinds.begin() : kinds.end(), &kind);
    if (kinds.empty()) {
        std::optional<std::string> meant = near(name, known_names(scope));
        for (const Kind& kind : model_.kinds)
            if (!meant && names_left_ > 0 && (!expected || *expected == kind.type)) meant = near(name, names_of(kind));
        auto reported = sink_.report(unknown_name, e.span, name);
        const Kind* const kind = kind_before_dot(model_, name);
        if (kind && model_.object_named(*kind, name.substr(kind->plural.size() + 1)))
            reported.hint("write " + by_name(*kind, name.substr(kind->plural.size() + 1)));
        else if (meant)
            reported.did_you_mean(meant);
        else
            reported.hint(hint_for_name(name, scope));
        return nullptr;
    }
    if (!expected && kinds.size() > 1) {
        sink_.report(bad_literal, e.span, diag::Name(name), diag::Words("one object of the farm"))
            .hint("write " + by_name(*kinds[0], name) + " or " + by_name(*kinds[1], name));
        return nullptr;
    }
    const Value object = Value::object(*model_.object_named(*kinds[0], name));
    note_object(object, name, e.span);
    return checked(Expr::literal(object, kinds[0]->type, e.span), expected);
}

// What a name that is unknown stands for elsewhere: an object, a state of `on`, a word of YAML or of people.
std::string Expressions::hint_for_name(const std::string& name, const Scope& scope) const {
    if (name == "farm") return "the name of the farm is `farm.name`";
    for (const Kind& kind : model_.kinds) {
        if (model_.object_named(kind, name))
            return "`" + name + "` is the name of a " + kind.name + ": write " + by_name(kind, name);
        const bool is_its = kind.attribute(name) || kind.state_attribute(name);
        if (is_its && scope.works_on(kind.name)) return "did you mean `on." + name + "`?";
    }
    for (const Type::Category category : {Type::Category::boolean, Type::Category::integer})
        if (std::string hint = hint_for_literal(name, Type::of(category)); !hint.empty()) return hint;
    if (!scope.loop_variable.empty() && !near(name, known_names(scope)))
        return "the variable of this `for_each` is `" + std::string(scope.loop_variable) + "`";
    return "";
}

// What could stand here, for suggestions; names of objects are left out, since a farm may have a hundred thousand.
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
