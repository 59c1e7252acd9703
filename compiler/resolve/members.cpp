// What stands behind a `.`: attributes and state of objects, outputs of steps, `before`, `secret`.
#include "compiler/base/near.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

using program::Expr;
using program::to_text;
using ExpressionForm = syntax::Expression::Form;
using Op = Expr::Op;

// `before`, `secret`, `farm` and `steps` are words only where no variable is called so. Behind a value of JSON anything
// may stand: only the run knows.
ExprPtr Expressions::member(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const syntax::Expression& base = e.args[0];
    if (base.form == ExpressionForm::name && !scope.find(base.text)) {
        if (base.text == "before") {
            if (!scope.reads.before) {
                sink_.report(not_available, base.span, diag::Name("before"),
                             diag::Words("only `undo` and `sets` of an action know it"));
                return nullptr;
            }
            if (!scope.before_kind) return nullptr;  // the kind is unknown, which was reported
            const Kind& kind = model_.kinds[scope.before_kind.index()];
            if (const Attribute* a = kind.state_attribute(e.text)) {
                model_.note_use(Use::Of::attribute, a->name, e.text_span, a->span);
                return checked(program::make_expr({.op = Op::before, .name = a->name, .type = a->type, .span = e.span}),
                               expected);
            }
            std::vector<std::string> names;
            for (const Attribute& a : kind.state) names.push_back(a.name);
            sink_.report(unknown_member, e.text_span, diag::Words("the state of a " + kind.name), diag::Name(e.text))
                .did_you_mean(near(e.text, names));
            return nullptr;
        }
        if (base.text == "secret") {
            if (!scope.reads.secrets) {
                sink_.report(
                    not_available, e.span, diag::Name("secret." + e.text),
                    diag::Words("a secret reaches a parameter of type `secret` or a connection, nothing else"));
                return nullptr;
            }
            if (!knows_secret(e)) return nullptr;
            if (const auto named = model_.farm.secret_spans.find(e.text); named != model_.farm.secret_spans.end())
                model_.note_use(Use::Of::secret, e.text, e.text_span, named->second);
            return checked(Expr::literal(Value::secret(e.text), Type::of(Type::Category::secret), e.span), expected);
        }
        if (base.text == "farm" && !model_.kind_by_name.contains("farm")) return checked(farm_member(e), expected);
        if (base.text == "steps") {
            sink_.report(unknown_member, e.text_span, diag::Words("a step"), diag::Name(e.text))
                .hint("write `steps.ID.OUTPUT`: the step, then one of its outputs");
            return nullptr;
        }
    }
    if (base.form == ExpressionForm::member && base.args[0].form == ExpressionForm::name &&
        base.args[0].text == "steps" && !scope.find("steps"))
        return checked(output(e, scope), expected);
    ExprPtr object = resolve(base, scope);
    if (!object) return nullptr;
    if (object->type.is_error()) return nullptr;
    if (object->type.category == Type::Category::json)
        return checked(program::make_expr(
                           {.op = Op::member, .name = e.text, .args = {object}, .type = object->type, .span = e.span}),
                       expected);
    const Type& type = object->type;
    if (type.category == Type::Category::list && type.element && type.element->category == Type::Category::object)
        return checked(member_of_each(object, e), expected);
    if (type.category != Type::Category::object) {
        sink_.report(wrong_type, base.span, diag::Expected("an object"), diag::Found(value_of(object->type)));
        return nullptr;
    }
    return checked(object_member(object, e.text, e, scope), expected);
}

// Only the name: all else of a farm is its objects, which have names of their own.
ExprPtr Expressions::farm_member(const syntax::Expression& e) {
    if (e.text == "name")
        return Expr::literal(Value::string(model_.farm.name), Type::of(Type::Category::string), e.span);
    sink_.report(unknown_member, e.text_span, diag::Words("the farm"), diag::Name(e.text))
        .hint("what is known of it here is `farm.name`");
    return nullptr;
}

// `servers.site`: what each of them has, in the order of the list.
ExprPtr Expressions::member_of_each(const ExprPtr& list, const syntax::Expression& e) {
    const Kind& kind = model_.kinds[model_.kind_by_name.at(list->type.element->names[0]).index()];
    const std::string words = e.args[0].form == ExpressionForm::name ? e.args[0].text : "LIST";
    const Attribute* const attribute = kind.attribute(e.text);
    if (attribute || e.text == "name") {
        if (attribute) model_.note_use(Use::Of::attribute, e.text, e.text_span, attribute->span);
        const Type type = attribute ? attribute->type : Type::of(Type::Category::string);
        return program::make_expr(
            {.op = Op::attribute, .name = e.text, .args = {list}, .type = Type::list_of(type), .span = e.span});
    }
    if (kind.state_attribute(e.text)) {
        sink_
            .report(not_available, e.span, diag::Name(e.text),
                    diag::Words("it is state, and of several objects only attributes can be read"))
            .hint("of one of them: `first(" + words + ")." + e.text + "`");
        return nullptr;
    }
    std::vector<std::string> names = {"name"};
    for (const Attribute& a : kind.attributes) names.push_back(a.name);
    auto reported = sink_.report(unknown_member, e.text_span, diag::Words("a " + kind.name), diag::Name(e.text));
    if (model_.object_named(kind, e.text))
        reported.hint("an object by its name: `" + words + "[\"" + e.text + "\"]`");
    else
        reported.did_you_mean(near(e.text, names));
    return nullptr;
}

// State is refused where the value is fixed before the run: a step may change it before the value counts.
ExprPtr Expressions::object_member(ExprPtr object, const std::string& name, const syntax::Expression& e,
                                   const Scope& scope) {
    const Kind& kind = model_.kinds[model_.kind_by_name.at(object->type.names[0]).index()];
    if (name == "name")
        return program::make_expr({.op = Op::attribute,
                                   .name = name,
                                   .args = {object},
                                   .type = Type::of(Type::Category::string),
                                   .span = e.span});
    if (const Attribute* a = kind.attribute(name)) {
        model_.note_use(Use::Of::attribute, name, e.text_span, a->span);
        return program::make_expr(
            {.op = Op::attribute, .name = name, .args = {object}, .type = a->type, .span = e.span});
    }
    if (const Attribute* a = kind.state_attribute(name)) {
        model_.note_use(Use::Of::attribute, name, e.text_span, a->span);
        if (!scope.reads.state) {
            sink_.report(not_available, e.span, diag::Name(program::to_text(object->type) + "." + name),
                         diag::Words("it is state, which steps change; only attributes can be read " +
                                     std::string(scope.reads.where)));
            return nullptr;
        }
        return program::make_expr({.op = Op::state, .name = name, .args = {object}, .type = a->type, .span = e.span});
    }
    std::vector<std::string> names = {"name"};
    for (const Attribute& a : kind.attributes) names.push_back(a.name);
    for (const Attribute& a : kind.state) names.push_back(a.name);
    sink_.report(unknown_member, e.text_span, diag::Words("a " + kind.name), diag::Name(name))
        .did_you_mean(near(name, names));
    return nullptr;
}

// Only a single call of an action has outputs: of a loop it would not be clear whose. The step is noted in
// `read_steps`, from which its order before the reader follows.
ExprPtr Expressions::output(const syntax::Expression& e, Scope& scope) {
    const syntax::Expression& ref = e.args[0];  // steps.ID
    if (!scope.reads.outputs) {
        sink_.report(not_available, e.span, diag::Name("steps." + ref.text + "." + e.text),
                     diag::Words(scope.reads.without_outputs));
        return nullptr;
    }
    const std::optional<StepRef> found = step({ref.text, ref.text_span}, scope);
    if (!found) return nullptr;
    const SiblingScope& siblings = scope.siblings[scope.siblings.size() - 1 - found->up];
    const syntax::Step& target = (*siblings.steps)[found->index];
    const auto wrong = [&](std::string why) {
        sink_.report(bad_output_ref, ref.text_span, diag::Name(ref.text), diag::Words(why))
            .related(target.key_span, "the step");
        return nullptr;
    };
    if (target.type == syntax::Step::Type::error) return nullptr;
    if (target.type != syntax::Step::Type::call) return wrong("it is a group or an approval");
    if (target.for_each) return wrong("it has an iteration for each element of its `for_each`");
    if (const auto called = model_.action_by_name.find(target.call->value); called != model_.action_by_name.end()) {
        const Action& action = model_.actions[called->second.index()];
        const auto type = action.compiled.output_types.find(e.text);
        if (type == action.compiled.output_types.end()) {
            std::vector<std::string> names;
            for (const auto& [name, t] : action.compiled.output_types) names.push_back(name);
            sink_.report(unknown_member, e.text_span, diag::Words("`" + action.compiled.name + "`"), diag::Name(e.text))
                .did_you_mean(near(e.text, names));
            return nullptr;
        }
        if (const auto named = action.output_spans.find(e.text); named != action.output_spans.end())
            model_.note_use(Use::Of::output, e.text, e.text_span, named->second);
        if (scope.read_steps) scope.read_steps->push_back(*found);
        return program::make_expr({.op = Op::output,
                                   .local = found->index,
                                   .name = e.text,
                                   .step = std::to_string(found->up) + ":" + std::to_string(found->index),
                                   .type = type->second,
                                   .span = e.span});
    }
    if (model_.procedure_by_name.contains(target.call->value)) return wrong("it calls a procedure");
    return nullptr;  // an unknown call is reported where it stands
}

}  // namespace pvsplan::resolve
