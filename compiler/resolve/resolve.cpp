#include "compiler/resolve/resolve.hpp"

#include <algorithm>
#include <utility>

#include "compiler/base/check.hpp"
#include "compiler/base/near.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/definitions.hpp"
#include "compiler/resolve/farm.hpp"
#include "compiler/resolve/literal_hints.hpp"
#include "compiler/resolve/people.hpp"
#include "compiler/resolve/requirements.hpp"
#include "compiler/resolve/script_uses.hpp"
#include "compiler/resolve/times.hpp"

namespace pvsplan::resolve {
namespace {

// Also a list of secrets.
bool is_secret(const Type& type) {
    return type.category == Type::Category::secret ||
           (type.category == Type::Category::list && type.element && is_secret(*type.element));
}

// A value that a shell has changed.
void check_typed(const std::string& name, const std::string& text, const Parameter& parameter, diag::Sink& sink) {
    const bool may_be_empty = parameter.default_value && parameter.default_value->as_string() &&
                              parameter.default_value->as_string()->empty();
    if (text.empty() && !may_be_empty)
        sink.report(empty_text, base::Span(), "--set " + name + "=")
            .related(parameter.span, "the parameter")
            .hint("was a variable of the shell not set?");
    const bool has_control =
        std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (has_control)
        sink.report(control_character, base::Span(), "--set " + name)
            .related(parameter.span, "the parameter")
            .hint("a backslash in quotes of the shell may begin an escape: write it between '…'");
}

// `[a, b]` of `--set`.
std::optional<Value> read_list(std::string_view text, const Type& type, const Expressions& expressions) {
    if (!text.starts_with('[') || !text.ends_with(']') || !type.element) return std::nullopt;
    text = text.substr(1, text.size() - 2);
    Value::List values;
    while (text.find_first_not_of(' ') != std::string_view::npos) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view one = text.substr(0, comma);
        one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
        one = one.substr(0, one.find_last_not_of(' ') + 1);
        const auto value = expressions.read_literal(std::string(one), *type.element);
        if (one.empty() || !value) return std::nullopt;
        values.push_back(*value);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return Value::list(std::move(values));
}

// Unlike those of a call, the parameters of a plan may have defaults that depend on the farm.
void define_parameters(const syntax::PlanDocument& plan, Model& model, Expressions& expressions) {
    Scope scope;
    scope.max_locals = &model.locals;
    scope.reads = {.state = true, .where = "in the default of a parameter"};
    for (const syntax::Parameter& text : plan.parameters) {
        Parameter parameter = parameter_of(text, expressions);
        const std::optional<syntax::ValueTree>& value = text.default_value;
        if (value && value->scalar && !value->scalar->is_text() && !is_secret(parameter.type))
            parameter.default_expr = expressions.resolve(*value->scalar, scope, parameter.type);
        else if (value)
            parameter.default_value = expressions.constant(*value, parameter.type);
        if (parameter.default_expr && parameter.default_expr->op == program::Expr::Op::literal)
            parameter.default_value = std::exchange(parameter.default_expr, nullptr)->value;
        scope.variables.push_back(
            {parameter.name, scope.new_local(), parameter.type, parameter.span, Use::Of::parameter});
        model.parameters.push_back(std::move(parameter));
    }
}

// Each parameter has its default, or is unknown under its own number, so that an unknown one stays the same unknown
// wherever it is used. Values of the command line replace that.
void define_arguments(const std::vector<std::pair<std::string, std::string>>& given, Model& model,
                      const Expressions& expressions, diag::Sink& sink) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        const Parameter& p = model.parameters[i];
        names.push_back(p.name);
        model.arguments.push_back(p.default_value
                                      ? *p.default_value
                                      : Value::unknown(Value::Unknown::Type::parameter, static_cast<std::uint32_t>(i)));
    }
    for (const auto& [name, text] : given) {
        bool is_known = false;
        for (std::size_t i = 0; i < model.parameters.size(); ++i) {
            if (names[i] != name) continue;
            is_known = true;
            if (is_secret(model.parameters[i].type)) {
                sink.report(secret_argument, {}, name)
                    .related(model.parameters[i].span, "the parameter")
                    .hint("arguments are seen by everyone: pass `--secret " + name +
                          "=env:VARIABLE`, `file:PATH` or `farm:SECRET`");
                continue;
            }
            const Type& type = model.parameters[i].type;
            const bool is_path = type.category == Type::Category::path;
            if (type.category == Type::Category::string || (is_path && text.empty()))
                check_typed(name, text, model.parameters[i], sink);
            if (auto value = type.category == Type::Category::list ? read_list(text, type, expressions)
                                                                   : expressions.read_literal(text, type))
                model.arguments[i] = std::move(*value);
            else
                sink.report(parameter_value, {}, diag::Name(name),
                            diag::Words("`" + text + "` is not a value of type `" +
                                        program::to_text(model.parameters[i].type) + "`"))
                    .related(model.parameters[i].span, "the parameter")
                    .hint(hint_for_literal(text, model.parameters[i].type));
        }
        if (!is_known) sink.report(unknown_parameter, {}, name).did_you_mean(base::nearest(name, names));
    }
}

// The plan holds where the secret comes from, never the secret: by its name in the farm, or by one of its own, which no
// farm can have.
void define_secret_arguments(const std::vector<std::pair<std::string, std::vector<std::string>>>& given, Model& model,
                             diag::Sink& sink) {
    for (const auto& one : given) {
        const std::string& name = one.first;
        const std::vector<std::string>& source = one.second;
        const auto found = std::find_if(model.parameters.begin(), model.parameters.end(),
                                        [&](const Parameter& p) { return p.name == name; });
        if (found == model.parameters.end()) {
            std::vector<std::string> names;
            for (const Parameter& p : model.parameters)
                if (p.type.category == Type::Category::secret) names.push_back(p.name);
            sink.report(unknown_parameter, {}, name).did_you_mean(base::nearest(name, names));
            continue;
        }
        if (found->type.category != Type::Category::secret) {
            sink.report(no_secret_parameter, {}, diag::Name(name), diag::Words(program::to_text(found->type)))
                .related(found->span, "the parameter")
                .hint("pass `--set " + name + "=…`");
            continue;
        }
        std::string secret = source[1];
        if (source[0] == "farm") {
            if (model.farm.is_known && !model.farm.secrets.contains(secret)) {
                std::vector<std::string> names;
                for (const auto& [known, words] : model.farm.secrets) names.push_back(known);
                sink.report(unknown_secret, {}, secret).did_you_mean(base::nearest(secret, names));
                continue;
            }
        } else {
            secret = "parameter." + name;
            model.farm.secrets[secret] = source;
        }
        model.arguments[static_cast<std::size_t>(found - model.parameters.begin())] = Value::secret(secret);
    }
}

// The values of a file of parameters; what the command line says goes before them.
void define_arguments(const std::vector<syntax::NamedValue>& values, const Arguments& arguments, Model& model,
                      Expressions& expressions, diag::Sink& sink) {
    std::vector<std::string> names;
    for (const Parameter& parameter : model.parameters) names.push_back(parameter.name);
    for (const syntax::NamedValue& given : values) {
        const std::string& name = given.name.value;
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            sink.report(unknown_parameter, given.name.span, name).did_you_mean(base::nearest(name, names));
            continue;
        }
        const auto i = static_cast<std::size_t>(found - names.begin());
        const Parameter& parameter = model.parameters[i];
        model.note_use(Use::Of::parameter, name, given.name.span, parameter.span);
        std::optional<Value> value = expressions.constant(given.value, parameter.type);
        const std::string* const text = value ? value->as_string() : nullptr;
        const bool may_be_empty = parameter.default_value && parameter.default_value->as_string() &&
                                  parameter.default_value->as_string()->empty();
        if (text && text->empty() && !may_be_empty) sink.report(empty_text, given.value.span, name);
        const auto is_it = [&](const auto& one) { return one.first == name; };
        const bool is_said_otherwise = std::any_of(arguments.values.begin(), arguments.values.end(), is_it) ||
                                       std::any_of(arguments.secrets.begin(), arguments.secrets.end(), is_it);
        if (value && !is_said_otherwise) model.arguments[i] = std::move(*value);
    }
}

// A `recover` of the plan sees the plan's own steps as those that it may ask about.
void define_plan(const syntax::PlanDocument& plan, Model& model, Blocks& blocks) {
    model.plan = plan.name.value;
    if (plan.summary) model.summary = plan.summary->value;
    for (const syntax::Text& name : plan.approvers) model.approvers.push_back(name.value);
    model.window = plan.window;
    if (plan.on_failure)
        if (const auto choice = on_failure_of(*plan.on_failure)) model.on_failure = *choice;
    Scope scope = frame_of(model, {}, model.parameters, model.locals);
    scope.reads = {.outputs = true, .where = "in a plan"};
    scope.are_names_lost = plan.are_parameters_lost;
    model.block = blocks.resolve(plan.steps, Blocks::Order::one_after_another, scope);
    if (plan.recover) {
        std::vector<std::string> ids;
        for (const Step& step : model.block.steps) ids.push_back(step.id);
        scope.siblings.emplace_back(std::move(ids), &plan.steps);
        model.recover = blocks.resolve_recover(*plan.recover, scope);
    }
}

}  // namespace

// The order is that of what each needs: secrets and kinds for the farm, the farm for expressions, signatures for
// bodies, all of these for the plan. A farm with an error counts as not known: what it lacks may be what could not be
// read.
Model resolve(const Inputs& inputs, Documents& documents, const Arguments& arguments, diag::Sink& sink) {
    Model model;
    if (arguments.wants_uses) model.uses.emplace();
    if (documents.plan) model.plan_span = documents.plan->name.span;
    Expressions expressions(model, sink);
    Blocks blocks(model, expressions, sink);
    define_secrets(documents, model, sink);
    define_kinds(documents, model, expressions, sink);
    // From here on every kind is known with its attributes.
    for (const auto& [name, id] : model.kind_by_name)
        base::check(id.index() < model.kinds.size() && model.kinds[id.index()].name == name, "every kind is known");
    const std::size_t errors_before = sink.error_count();
    define_farm(inputs, documents, model, expressions, sink);
    const bool has_farm = documents.farm != nullptr;
    model.farm.is_known = has_farm && sink.error_count() == errors_before;
    define_notify(documents, model, expressions, sink);
    documents.release_farm();
    // From here on `servers` and `database` stand for objects.
    std::size_t objects = 0;
    for (const Kind& kind : model.kinds) objects += kind.objects.size();
    base::check(objects == model.farm.objects.size(), "every object of the farm is one of its kind");
    define_predicates(documents, model, expressions, sink);
    define_signatures(documents, model, expressions, inputs.sources, sink);
    // From here on every call can be checked, and every output has a type.
    for (const Action& action : model.actions)
        for (const auto& [name, value] : action.compiled.outputs)
            base::check(action.compiled.output_types.contains(name), "every output has a type");
    define_bodies(documents, inputs.sources, model, expressions, blocks, sink);
    if (documents.plan) {
        define_parameters(*documents.plan, model, expressions);
        if (!documents.plan->are_parameters_lost) {
            define_arguments(arguments.values, model, expressions, sink);
            define_arguments(documents.arguments, arguments, model, expressions, sink);
            define_secret_arguments(arguments.secrets, model, sink);
        }
        if (has_farm) define_plan(*documents.plan, model, blocks);
    }
    const bool is_policy = documents.alone && !documents.policies.empty();
    if ((documents.plan && has_farm) || is_policy) define_requirements(documents, model, expressions, sink);
    if (model.uses) {
        for (const Use& use : documents.named) model.note_use(use.of, "", use.place, use.definition, use.by);
        note_uses_in_scripts(documents, inputs.sources, model);
        model.uses->sort(documents.files);
    }
    return model;
}

}  // namespace pvsplan::resolve
