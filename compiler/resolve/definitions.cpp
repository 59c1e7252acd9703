#include "compiler/resolve/definitions.hpp"

#include <charconv>
#include <functional>
#include <set>

#include "compiler/base/near.hpp"
#include "compiler/resolve/body.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/times.hpp"

namespace pvsplan::resolve {
namespace {

std::string words_of(const std::optional<syntax::Text>& summary) { return summary ? summary->value : std::string(); }

// An attribute without a default must be given by the farm; a state without one is merely not known before the run.
std::vector<Attribute> attributes_of(const std::vector<syntax::AttributeText>& source, Expressions& expressions,
                                     bool required_without_default) {
    std::vector<Attribute> attributes;
    for (const syntax::AttributeText& text : source) {
        Attribute attribute{.name = text.name.value,
                            .type = expressions.type_of(text.type),
                            .span = text.name.span,
                            .summary = words_of(text.summary)};
        if (text.default_value) attribute.default_value = expressions.constant(*text.default_value, attribute.type);
        attribute.is_required = required_without_default && !text.default_value;
        attributes.push_back(std::move(attribute));
    }
    return attributes;
}

// State is refused: two servers in the same state are not one server.
void define_identity(const syntax::KindText& text, Kind& kind, Model& model, diag::Sink& sink) {
    for (const syntax::Text& name : text.identity) {
        const Attribute* const attribute = kind.attribute(name.value);
        if (name.value == "name" || attribute) {
            if (attribute) model.note_use(Use::Of::attribute, name.value, name.span, attribute->span);
            kind.identity.push_back(name.value);
            continue;
        }
        std::vector<std::string> names = {"name"};
        for (const Attribute& a : kind.attributes) names.push_back(a.name);
        auto reported = sink.report(unknown_member, name.span, diag::Words("a " + kind.name), diag::Name(name.value));
        if (kind.state_attribute(name.value))
            reported.hint("state changes; what something is does not");
        else
            reported.did_you_mean(base::nearest(name.value, names));
    }
}

// As compiled plans keep it: they are read where the sources are not.
program::Place place_of(const base::Sources& sources, base::Span span) {
    if (span.is_nowhere()) return {};
    const base::Position position = sources.position(span.file, span.begin);
    return {std::string(sources.path(span.file)), position.line, position.column};
}

}  // namespace

// The first of two kinds with one name counts.
void define_kinds(const Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink) {
    // Names first: an attribute may be of a kind that comes later.
    std::vector<const syntax::KindText*> texts;
    for (const syntax::ModuleDocument* module : documents.modules) {
        for (const syntax::KindText& text : module->kinds) {
            const auto [known, is_new] = model.kind_by_name.emplace(text.name.value, KindId(model.kinds.size()));
            if (!is_new) {
                const base::Span first = model.kinds[known->second.index()].span;
                if (first.file != text.name.span.file)  // else the key is there twice, which was reported
                    sink.report(defined_twice, text.name.span, diag::Words("the kind"), diag::Name(text.name.value))
                        .related(first, "the other one");
                continue;
            }
            model.kinds.push_back({.name = text.name.value,
                                   .plural = text.plural.value,
                                   .module = module->name.value,
                                   .type = Type::object(text.name.value),
                                   .span = text.name.span,
                                   .plural_span = text.plural.span,
                                   .summary = words_of(text.summary)});
            texts.push_back(&text);
        }
    }
    // `texts` and `model.kinds` run in parallel: a kind that is there twice has an entry in neither.
    for (std::size_t i = 0; i < texts.size(); ++i) {
        model.kinds[i].attributes = attributes_of(texts[i]->attributes, expressions, true);
        model.kinds[i].state = attributes_of(texts[i]->state, expressions, false);
        define_identity(*texts[i], model.kinds[i], model, sink);
        for (const Attribute& a : model.kinds[i].state)
            if (const Attribute* twin = model.kinds[i].attribute(a.name))
                sink.report(defined_twice, a.span, diag::Words("the attribute"), diag::Name(a.name))
                    .related(twin->span, "the other one");
    }
}

// A parameter that is there twice is a key that is there twice, which was reported.
Parameter parameter_of(const syntax::Parameter& text, Expressions& expressions) {
    return {.name = text.name.value,
            .type = expressions.type_of(text.type),
            .span = text.name.span,
            .summary = words_of(text.summary)};
}

// Defaults of a call are constants, so that a module means the same on every farm.
std::vector<Parameter> parameters_of(const std::vector<syntax::Parameter>& source, Expressions& expressions) {
    std::vector<Parameter> parameters;
    for (const syntax::Parameter& text : source) {
        parameters.push_back(parameter_of(text, expressions));
        if (text.default_value)
            parameters.back().default_value = expressions.constant(*text.default_value, parameters.back().type);
    }
    return parameters;
}

// Variable 0 is kept for `on` even where there is none, so that parameter i is variable i + 1 in every frame. `locals`
// grows as the scope is used, and has to live as long as it.
Scope frame_of(const Model& model, KindId on, const std::vector<Parameter>& parameters, std::uint32_t& locals) {
    Scope scope;
    scope.max_locals = &locals;
    if (on) scope.variables.push_back({"on", 0, model.kinds[on.index()].type});
    for (const Parameter& parameter : parameters)
        scope.variables.push_back(
            {parameter.name, scope.new_local(), parameter.type, parameter.span, Use::Of::parameter});
    return scope;
}

namespace {
template <class Definition>
// An `on` of a kind that is not known has the error type, so that its uses are not reported too.
Scope frame_of_definition(const Model& model, Definition& definition) {
    Scope scope = frame_of(model, definition.on, definition.parameters, definition.locals);
    scope.are_names_lost = definition.are_parameters_lost;
    if (definition.on_is_error) scope.variables.insert(scope.variables.begin(), {"on", 0, Type{}});
    return scope;
}
}  // namespace

Scope frame_of(const Model& model, Action& action) { return frame_of_definition(model, action); }
Scope frame_of(const Model& model, Procedure& procedure) { return frame_of_definition(model, procedure); }

namespace {

// A predicate that uses another one twice is twice as long, and one that uses it deep inside is deeper by that: a few
// lines could come to anything.
void bound(Predicate& predicate, const syntax::PredicateText& text, diag::Sink& sink) {
    const program::Extent extent =
        predicate.condition ? program::extent_of(*predicate.condition) : program::Extent::bounded;
    if (extent == program::Extent::bounded) return;
    predicate.condition = nullptr;
    if (extent == program::Extent::too_deep)
        sink.report(syntax::codes::deep_expression, text.condition.span, program::max_depth_made)
            .hint("the predicates that it uses count as if they were written here");
    else
        sink.report(predicates_too_large, text.condition.span, diag::Words("this predicate comes to"),
                    diag::Count(program::max_parts_made))
            .hint("a predicate that uses another one twice is twice as long: ask about fewer things in one");
}

}  // namespace

// A predicate sees those defined before it, in its module and in the modules that this one uses, so that none can be
// defined by itself.
void define_predicates(const Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink) {
    // Loop variables in predicates live far above those of any frame that a predicate is written into.
    std::uint32_t next_local = 1U << 16U;
    for (const syntax::ModuleDocument* module : documents.modules) {
        for (const syntax::PredicateText& text : module->predicates) {
            for (const Predicate& other : model.predicates)
                if (other.name == text.name.value)
                    sink.report(defined_twice, text.name.span, diag::Words("the predicate"),
                                diag::Name(text.name.value))
                        .related(other.span, "the other one");
            Predicate predicate{.name = text.name.value, .kind = expressions.kind(text.kind), .span = text.name.span};
            if (predicate.kind) {
                Scope scope;
                std::uint32_t max_local = next_local;
                scope.next_local = next_local;
                scope.max_locals = &max_local;
                scope.reads = {.state = true, .where = "in a predicate"};
                scope.variables.push_back(
                    {text.variable.value, 0, model.kinds[predicate.kind.index()].type, text.variable.span});
                const Type boolean = Type::of(Type::Category::boolean);
                predicate.condition = expressions.resolve(text.condition, scope, &boolean);
                next_local = max_local;
                bound(predicate, text, sink);
            }
            model.predicates.push_back(std::move(predicate));
        }
    }
}

namespace {

// A person and a wait print nothing, so that an output could never be read off them.
void report_nothing_printed(const program::Expr& output, const syntax::BodyText& run, base::Span span,
                            diag::Sink& sink) {
    using Op = program::Expr::Op;
    const bool is_manual = run.type == syntax::BodyText::Type::manual;
    if (!is_manual && run.type != syntax::BodyText::Type::wait) return;
    std::string read;
    program::for_each_part(output, [&](const program::Expr& part) {
        if (!read.empty()) return;
        if (part.op == Op::json) read = "json";
        if (part.op == Op::stdout_text) read = "stdout";
        if (part.op == Op::exit_code) read = "exit";
    });
    if (!read.empty()) sink.report(nothing_printed, span, diag::Name(read), diag::Words(is_manual ? "manual" : "wait"));
}

// Every output gets a type, the error type where its value is wrong, so that whoever reads it is told nothing more.
void define_outputs(const syntax::ActionText& text, Action& action, const Model& model, Expressions& expressions,
                    diag::Sink& sink) {
    Scope scope = frame_of(model, action);
    scope.reads = {.result = true, .where = "in `outputs`"};
    for (const syntax::OutputText& output : text.outputs) {
        // A lone `${…}` keeps its type, anything longer is text.
        ExprPtr value = expressions.resolve(output.value, scope, Type{});
        if (value && value->type.category == Type::Category::secret) {
            sink.report(secret_flows, output.value.span).label("an output is written to the journal");
            value = nullptr;
        }
        if (value && text.run) report_nothing_printed(*value, *text.run, output.value.span, sink);
        action.output_spans.emplace(output.name.value, output.name.span);
        action.compiled.output_types[output.name.value] = value ? value->type : Type{};
        if (value) action.compiled.outputs[output.name.value] = value;
    }
}

// All of an action that a call has to know. Its body comes later: an `undo` may call any action, also of its own
// module.
Action signature_of(const syntax::ActionText& text, const syntax::Text& module, Expressions& expressions,
                    const base::Sources& sources, diag::Sink& sink) {
    Action action{.span = text.name.span, .module_span = module.span};
    action.compiled.name = module.value + "." + text.name.value;
    action.compiled.summary = words_of(text.summary);
    if (text.on) action.on = expressions.kind(*text.on);
    action.on_is_error = text.on && !action.on;
    if (action.on) action.compiled.on_kind = text.on->value;
    action.parameters = parameters_of(text.parameters, expressions);
    action.are_parameters_lost = text.are_parameters_lost;
    for (const Parameter& p : action.parameters) action.compiled.parameters.push_back({p.name, p.type});
    action.compiled.repeatable = text.repeatable;
    action.compiled.source = place_of(sources, text.name.span);
    action.has_command = !text.run || (text.run->type != syntax::BodyText::Type::manual &&
                                       text.run->type != syntax::BodyText::Type::wait);
    action.runs_a_process = text.run && (text.run->type == syntax::BodyText::Type::command ||
                                         text.run->type == syntax::BodyText::Type::powershell);
    if (text.timeout) {
        action.timeout = timeout_of(*text.timeout, expressions, sink);
        check_kill(*text.timeout, action, sink);
    }
    if (text.retry) action.retry = retry_of(*text.retry, expressions, sink);
    if (text.takes) action.compiled.takes_ms = duration_ms(*text.takes, expressions, sink);
    return action;
}

// Its steps come later, as the body of an action does.
Procedure signature_of(const syntax::ProcedureText& text, const syntax::Text& module, Expressions& expressions) {
    Procedure procedure{.name = module.value + "." + text.name.value,
                        .summary = words_of(text.summary),
                        .span = text.name.span,
                        .module_span = module.span};
    if (text.on) procedure.on = expressions.kind(*text.on);
    procedure.on_is_error = text.on && !procedure.on;
    procedure.parameters = parameters_of(text.parameters, expressions);
    procedure.are_parameters_lost = text.are_parameters_lost;
    return procedure;
}

}  // namespace

// The first of a name is the one that is called. define_bodies() walks the modules in this same order, and takes the
// n-th text for the n-th definition.
void define_signatures(const Documents& documents, Model& model, Expressions& expressions, const base::Sources& sources,
                       diag::Sink& sink) {
    enum class Sort : std::uint8_t { action, procedure };
    std::map<std::string, std::pair<base::Span, Sort>> taken;
    const auto take = [&](const std::string& name, base::Span span, Sort sort) {
        const auto [first, is_new] = taken.emplace(name, std::pair(span, sort));
        const auto& [its_span, its_sort] = first->second;
        const bool is_key_twice = its_span.file == span.file && its_sort == sort;  // which was reported
        if (!is_new && !is_key_twice)
            sink.report(defined_twice, span, diag::Words("the action or procedure"), diag::Name(name))
                .related(its_span, "the other one");
    };
    for (const syntax::ModuleDocument* module : documents.modules) {
        for (const syntax::ActionText& text : module->actions) {
            Action action = signature_of(text, module->name, expressions, sources, sink);
            take(action.compiled.name, text.name.span, Sort::action);
            define_outputs(text, action, model, expressions, sink);
            model.action_by_name.emplace(action.compiled.name, ActionId(model.actions.size()));
            model.actions.push_back(std::move(action));
        }
        for (const syntax::ProcedureText& text : module->procedures) {
            Procedure procedure = signature_of(text, module->name, expressions);
            take(procedure.name, text.name.span, Sort::procedure);
            model.procedure_by_name.emplace(procedure.name, ProcedureId(model.procedures.size()));
            model.procedures.push_back(std::move(procedure));
        }
    }
}

namespace {

// Procedures call each other to a bounded depth: none calls itself, directly or through others.
void check_no_recursion(const Model& model, diag::Sink& sink) {
    const auto calls = [](const Procedure& procedure) {
        std::vector<ProcedureId> found;
        const std::function<void(const Block&)> walk = [&](const Block& block) {
            for (const Step& step : block.steps) {
                if (step.procedure) found.push_back(step.procedure);
                walk(step.block);
                if (step.recover) walk(*step.recover);
            }
        };
        walk(procedure.block);
        if (procedure.recover) walk(*procedure.recover);
        return found;
    };
    std::vector<std::vector<ProcedureId>> edges;
    for (const Procedure& procedure : model.procedures) edges.push_back(calls(procedure));
    // A search in depth with a stack of its own: a call of an open procedure closes a circle. Each call is looked at
    // once.
    enum class Visit : std::uint8_t { fresh, open, closed };
    std::vector<Visit> visits(model.procedures.size(), Visit::fresh);
    for (std::size_t root = 0; root < edges.size(); ++root) {
        if (visits[root] != Visit::fresh) continue;
        std::vector<std::pair<std::size_t, std::size_t>> stack = {{root, 0}};
        visits[root] = Visit::open;
        while (!stack.empty()) {
            auto& [at, next] = stack.back();
            if (next == edges[at].size()) {
                visits[at] = Visit::closed;
                stack.pop_back();
                continue;
            }
            const std::size_t to = edges[at][next++].index();
            if (visits[to] == Visit::open) {
                auto reported = sink.report(calls_itself, model.procedures[to].span, model.procedures[to].name);
                for (const auto& [on_way, n] : stack)
                    if (on_way != to) reported.related(model.procedures[on_way].span, "by way of this one");
            } else if (visits[to] == Visit::fresh) {
                visits[to] = Visit::open;
                stack.emplace_back(to, 0);
            }
        }
    }
}

// `does_spans` stays parallel to `does`: both leave out an event whose object is wrong. The first place of a verb
// counts as its definition, since no verb is declared.
void define_does(const syntax::ActionText& text, Action& action, Scope& scope, Expressions& expressions, Model& model) {
    scope.reads = {.where = "in `does`"};
    for (const syntax::EventText& event : text.does) {
        const base::Span first = model.verbs.try_emplace(event.verb.value, event.verb.span).first->second;
        model.note_use(Use::Of::event, event.verb.value, event.verb.span, first);
        ExprPtr object = expressions.resolve(event.object, scope);
        if (!object || object->type.category != Type::Category::object) continue;
        action.compiled.does.push_back({event.verb.value, object});
        action.does_spans.push_back(event.span);
    }
}

// `before` may be read in the value, not in what says whose state it is. `sets_spans` stays parallel to `sets`.
void define_sets(Model& model, const syntax::ActionText& text, Action& action, Scope& scope, Expressions& expressions,
                 diag::Sink& sink) {
    for (const syntax::SetText& set : text.sets) {
        scope.reads = {.where = "in `sets`"};
        ExprPtr object = expressions.resolve(set.object, scope);
        if (!object || object->type.category != Type::Category::object) continue;
        const Kind& kind = model.kinds[model.kind_by_name.at(object->type.names[0]).index()];
        const Attribute* attribute = kind.state_attribute(set.attribute.value);
        if (!attribute) {
            std::vector<std::string> names;
            for (const Attribute& a : kind.state) names.push_back(a.name);
            sink.report(unknown_member, set.attribute.span, diag::Words("the state of a " + kind.name),
                        diag::Name(set.attribute.value))
                .did_you_mean(base::nearest(set.attribute.value, names));
            continue;
        }
        model.note_use(Use::Of::attribute, attribute->name, set.attribute.span, attribute->span);
        scope.reads.before = action.on || action.on_is_error;
        ExprPtr value = expressions.resolve(set.value, scope, attribute->type);
        if (!value) continue;
        action.compiled.sets.push_back({object, attribute->name, value});
        action.sets_spans.push_back(set.span);
    }
}

// An undo reads the outputs of its own steps and the state as it was before the action, never the state at hand.
void define_undo(const syntax::ActionText& text, Action& action, Scope& scope, Blocks& blocks) {
    if (!text.undo) return;  // reported where it was read
    action.undo.span = text.undo->span;
    action.undo.why = text.undo->why.value;
    switch (text.undo->type) {
        case syntax::UndoText::Type::error:
        case syntax::UndoText::Type::nothing: break;
        case syntax::UndoText::Type::impossible: action.undo.type = program::Undo::Type::impossible; break;
        case syntax::UndoText::Type::steps:
            action.undo.type = program::Undo::Type::steps;
            scope.reads = {.before = action.on || action.on_is_error, .outputs = true, .where = "in `undo`"};
            scope.before_kind = action.on;
            action.undo.steps = blocks.resolve(text.undo->steps, Blocks::Order::one_after_another, scope);
            break;
    }
}

}  // namespace

// Kinds first, then the modules with those behind that use them. That procedures do not call themselves is checked
// last, when every call is resolved; expand/ relies on it to end.
void define_bodies(const Documents& documents, const base::Sources& sources, Model& model, Expressions& expressions,
                   Blocks& blocks, diag::Sink& sink) {
    const auto script_of = [&](const syntax::BodyText& body) { return script_text(documents, sources, body); };
    for (const syntax::ModuleDocument* module : documents.modules)
        for (const syntax::KindText& text : module->kinds)
            if (const auto id = model.kind_by_name.find(text.name.value);
                text.observe && id != model.kind_by_name.end()) {
                Kind& kind = model.kinds[id->second.index()];
                std::uint32_t locals = 1;
                Scope scope = frame_of(model, id->second, {}, locals);
                kind.observe = define_body(*text.observe, script_of(*text.observe), scope, expressions, sink).body;
            }
    std::size_t next_action = 0;
    std::size_t next_procedure = 0;
    for (const syntax::ModuleDocument* module : documents.modules) {
        for (const syntax::ActionText& text : module->actions) {
            Action& action = model.actions[next_action++];
            Scope scope = frame_of(model, action);
            scope.before_kind = action.on;
            const Type boolean = Type::of(Type::Category::boolean);
            if (text.precondition) {
                scope.reads = {.state = true, .where = "in `requires`"};
                action.compiled.precondition = expressions.resolve(*text.precondition, scope, &boolean);
                action.requires_span = text.precondition->span;
            }
            define_does(text, action, scope, expressions, model);
            define_sets(model, text, action, scope, expressions, sink);
            if (text.run) {
                Run run = define_body(*text.run, script_of(*text.run), scope, expressions, sink);
                action.compiled.run = std::move(run.body);
                action.compiled.at = std::move(run.at);
                if (!run.exit_codes.empty()) action.compiled.exit_codes = std::move(run.exit_codes);
            } else {
                sink.report(no_body, text.name.span)
                    .hint("add `run:` with one of powershell, command, sql, manual, wait");
            }
            define_undo(text, action, scope, blocks);
        }
        for (const syntax::ProcedureText& text : module->procedures) {
            Procedure& procedure = model.procedures[next_procedure++];
            Scope scope = frame_of(model, procedure);
            scope.reads = {.outputs = true, .where = "in a procedure"};
            procedure.block = blocks.resolve(text.steps, Blocks::Order::one_after_another, scope);
            if (text.recover) {
                std::vector<std::string> ids;
                for (const Step& step : procedure.block.steps) ids.push_back(step.id);
                scope.siblings.emplace_back(std::move(ids), &text.steps);
                procedure.recover = blocks.resolve_recover(*text.recover, scope);
            }
        }
    }
    check_no_recursion(model, sink);
}

}  // namespace pvsplan::resolve
