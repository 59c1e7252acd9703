// Functions, predicates used as functions, and questions about other steps.
#include <algorithm>

#include "compiler/base/counted.hpp"
#include "compiler/base/near.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/functions.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

using program::Expr;
using ExpressionForm = syntax::Expression::Form;
using Op = Expr::Op;

namespace {

// `condition` with variable 0 replaced by `object`; it means nothing once nothing is left. The recursion is as deep as
// the predicate, which define_predicates() bounds.
ExprPtr with_object(const ExprPtr& condition, const ExprPtr& object, std::size_t& parts_left) {
    if (condition->op == Op::local && condition->local == 0) return object;
    if (condition->args.empty() || parts_left == 0) return condition;
    --parts_left;
    Expr copy = *condition;
    for (ExprPtr& arg : copy.args) arg = with_object(arg, object, parts_left);
    return program::make_expr(std::move(copy));
}

}  // namespace

// A predicate is written out where it is used, so that later stages know no predicates. The second argument of `min`
// and `max` is read as the type of the first.
ExprPtr Expressions::call(const syntax::Expression& e, Scope& scope, const Type* expected) {
    const Function* const function = function_named(e.text);
    if (function && function->is_of_steps) return checked(outcome(e, scope), expected);
    const auto count_is = [&](std::size_t wanted) {
        if (e.args.size() == wanted) return true;
        sink_.report(argument_count, e.span, diag::Name(e.text), diag::Words(base::counted(wanted, "argument")),
                     diag::FoundCount(e.args.size()));
        return false;
    };
    for (const Predicate& predicate : model_.predicates) {
        if (predicate.name != e.text) continue;
        model_.note_use(Use::Of::predicate, e.text, e.text_span, predicate.span);
        if (!count_is(1) || !predicate.kind) return nullptr;
        const Type wanted = model_.kinds[predicate.kind.index()].type;
        ExprPtr object = resolve(e.args[0], scope, &wanted);
        if (!object || !predicate.condition) return nullptr;
        if (!scope.reads.state) {
            sink_.report(not_available, e.span, diag::Name(e.text),
                         diag::Words("it reads state, which steps change; only attributes can be read " +
                                     std::string(scope.reads.where)));
            return nullptr;
        }
        return checked(written_out(predicate, object, e), expected);
    }
    if (!function) {
        std::vector<std::string> names;
        for (const Function& f : functions())
            if (!f.is_of_steps) names.emplace_back(f.name);
        for (const Predicate& p : model_.predicates) names.push_back(p.name);
        sink_.report(unknown_function, e.text_span, e.text).did_you_mean(near(e.text, names));
        return nullptr;
    }
    if (!count_is(function->arguments)) return nullptr;
    std::vector<ExprPtr> args;
    bool good = true;
    for (const syntax::Expression& part : e.args) {
        args.push_back(resolve(part, scope, args.empty() || !args[0] ? nullptr : &args[0]->type));
        good = good && args.back();
    }
    if (!good) return nullptr;
    const Type& given = args[0]->type;
    Type type = given;
    if (function->arguments == 1) {
        if (given.category != Type::Category::list && !given.is_error()) {
            sink_.report(wrong_type, e.args[0].span, diag::Expected("a list"),
                         diag::Found("a value of type `" + program::to_text(given) + "`"));
            return nullptr;
        }
        if (function->op == Op::size) type = Type::of(Type::Category::integer);
        if (function->op == Op::first || function->op == Op::last) type = given.element ? *given.element : Type{};
    }
    if (function->arguments == 2 && !has_order(given)) {
        sink_.report(wrong_type, e.args[0].span, diag::Expected(values_with_order), diag::Found(value_of(given)));
        return nullptr;
    }
    return checked(program::make_expr({.op = function->op, .args = std::move(args), .type = type, .span = e.span}),
                   expected);
}

// All predicates of a plan share a bound on what they come to where they are used.
ExprPtr Expressions::written_out(const Predicate& predicate, const ExprPtr& object, const syntax::Expression& e) {
    if (parts_left_ == 0) return nullptr;
    ExprPtr condition = with_object(predicate.condition, object, parts_left_);
    if (parts_left_ > 0) return condition;
    sink_
        .report(predicates_too_large, e.span, diag::Words("the predicates of this plan come to"),
                diag::Count(max_parts_written))
        .hint("a predicate that uses others many times is as long as all of these together");
    return nullptr;
}

// done(X): X is a step, or a path down into a group or procedure: done(first.install).
ExprPtr Expressions::outcome(const syntax::Expression& e, Scope& scope) {
    if (!scope.reads.outcome) {
        sink_.report(not_available, e.span, diag::Name(e.text),
                     diag::Words("how other steps ended is known in `recover` only"));
        return nullptr;
    }
    if (e.args.size() != 1) {
        sink_.report(argument_count, e.span, diag::Name(e.text), diag::Words(base::counted(1, "argument")),
                     diag::FoundCount(e.args.size()));
        return nullptr;
    }
    std::string below;
    const syntax::Expression* part = &e.args[0];
    while (part->form == ExpressionForm::member) {
        below = below.empty() ? part->text : part->text + "." + below;
        part = &part->args[0];
    }
    if (part->form != ExpressionForm::name) {
        sink_.report(wrong_type, e.args[0].span, diag::Expected("the name of a step"), diag::Found("an expression"));
        return nullptr;
    }
    const std::optional<StepRef> found = step({part->text, part->text_span}, scope);
    if (!found) return nullptr;
    note_below(e.args[0], *found, scope);
    const Op op = e.text == "done" ? Op::done : e.text == "started" ? Op::started : Op::failed;
    return program::make_expr(
        {.op = op,
         .local = found->index,
         .step = std::to_string(found->up) + ":" + std::to_string(found->index) + (below.empty() ? "" : "." + below),
         .type = Type::of(Type::Category::boolean),
         .span = e.span});
}

// The steps that a path leads down to: `first.install` names one inside of `first`.
void Expressions::note_below(const syntax::Expression& part, const StepRef& step, const Scope& scope) {
    if (!model_.uses) return;
    std::vector<const syntax::Expression*> path;  // the last first
    for (const syntax::Expression* at = &part; at->form == ExpressionForm::member; at = &at->args[0])
        path.push_back(at);
    const syntax::Step* group = &(*scope.siblings[scope.siblings.size() - 1 - step.up].steps)[step.index];
    const Block* block = nullptr;
    for (; !path.empty(); path.pop_back()) {
        const std::string& name = path.back()->text;
        if (group && group->type == syntax::Step::Type::call) {
            for (const Procedure& procedure : model_.procedures)
                if (group->call && procedure.name == group->call->value) block = &procedure.block;
            group = nullptr;
        }
        if (group) {
            const auto inner = std::find_if(group->steps.begin(), group->steps.end(),
                                            [&](const syntax::Step& s) { return s.id && s.id->value == name; });
            if (inner == group->steps.end()) return;
            model_.note_use(Use::Of::step, name, path.back()->text_span, inner->id->span);
            group = &*inner;
        } else {
            if (!block) return;
            const auto inner =
                std::find_if(block->steps.begin(), block->steps.end(), [&](const Step& s) { return s.id == name; });
            if (inner == block->steps.end()) return;
            model_.note_use(Use::Of::step, name, path.back()->text_span, inner->head,
                            inner->has_id ? Use::By::name : Use::By::made_up);
            block = inner->procedure ? &model_.procedures[inner->procedure.index()].block : &inner->block;
        }
    }
}

// The nearest scope wins, as with variables. The step itself is no suggestion for what it waits for.
std::optional<StepRef> Expressions::step(const syntax::Text& name, const Scope& scope) {
    for (std::size_t up = 0; up < scope.siblings.size(); ++up) {
        const SiblingScope& siblings = scope.siblings[scope.siblings.size() - 1 - up];
        if (const std::optional<std::size_t> found = siblings.find(name.value)) {
            const syntax::Step& named = (*siblings.steps)[*found];
            if (named.id)
                model_.note_use(Use::Of::step, name.value, name.span, named.id->span);
            else
                model_.note_use(Use::Of::step, name.value, name.span, named.key_span, Use::By::made_up);
            return StepRef{static_cast<std::uint32_t>(up), static_cast<std::uint32_t>(*found), name.span};
        }
    }
    std::vector<std::string> names;
    for (auto siblings = scope.siblings.rbegin(); siblings != scope.siblings.rend() && names_left_ > 0; ++siblings)
        for (const std::string& id : siblings->ids)
            if (id != scope.step_id) names.push_back(id);
    sink_.report(unknown_step, name.span, name.value).did_you_mean(near(name.value, names));
    return std::nullopt;
}

// The budget is spent once and for all: without it ten thousand misspelt names among ten thousand steps would be
// compared a hundred million times. Later findings then say only that the name is unknown.
std::optional<std::string> Expressions::near(std::string_view name, std::span<const std::string> names) const {
    if (names_left_ < names.size()) names_left_ = 0;
    if (names_left_ == 0) return std::nullopt;
    names_left_ -= names.size();
    return base::nearest(name, names);
}

// None after reporting.
KindId Expressions::kind(const syntax::Text& name) {
    if (const auto found = model_.kind_by_name.find(name.value); found != model_.kind_by_name.end()) {
        model_.note_use(Use::Of::kind, name.value, name.span, model_.kinds[found->second.index()].span);
        return found->second;
    }
    std::vector<std::string> names;
    for (const auto& [known, id] : model_.kind_by_name) names.push_back(known);
    sink_.report(unknown_kind, name.span, name.value).did_you_mean(near(name.value, names));
    return {};
}

// A word that is no simple type is the name of a kind, whose values are objects of the farm. The result is the error
// type where it is neither, and no use of it is reported again.
Type Expressions::type_of(const syntax::TypeName& name) {
    using TypeForm = syntax::TypeName::Form;
    switch (name.form) {
        case TypeForm::error: return {};
        case TypeForm::list: return Type::list_of(type_of(name.element.at(0)));
        case TypeForm::enumeration: {
            std::vector<std::string> names;
            for (const syntax::Text& e : name.enumerators) names.push_back(e.value);
            return Type::enumeration(std::move(names));
        }
        case TypeForm::name: break;
    }
    for (const SimpleType& simple : simple_types())
        if (simple.name == name.name) return Type::of(simple.category);
    if (const auto found = model_.kind_by_name.find(name.name); found != model_.kind_by_name.end()) {
        const Kind& kind = model_.kinds[found->second.index()];
        model_.note_use(Use::Of::kind, name.name, name.span, kind.span);
        return kind.type;
    }
    std::vector<std::string> names;
    for (const SimpleType& simple : simple_types()) names.emplace_back(simple.name);
    for (const auto& [known, id] : model_.kind_by_name) names.push_back(known);
    sink_.report(unknown_type, name.span, name.name).did_you_mean(near(name.name, names));
    return {};
}

}  // namespace pvsplan::resolve
