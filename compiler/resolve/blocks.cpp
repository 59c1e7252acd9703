#include "compiler/resolve/blocks.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "compiler/base/lists.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/literal_hints.hpp"
#include "compiler/resolve/times.hpp"
#include "compiler/syntax/codes.hpp"
#include "grammar/shapes.hpp"

namespace pvsplan::resolve {

using program::Expr;
using SourceType = syntax::Step::Type;

namespace {

// A name for each sibling: its id, else what it calls or is; numbered where that is not unique.
std::vector<std::string> ids_of(const std::vector<syntax::Step>& steps, diag::Sink& sink) {
    std::vector<std::string> ids(steps.size());
    base::NameIndex taken(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::optional<syntax::Text>& id = steps[i].id;
        if (!id) continue;
        ids[i] = id->value;
        const std::size_t first = taken.add(ids, i);
        if (first != i) sink.report(step_twice, id->span, id->value).related(steps[first].id->span, "the other one");
    }
    // Ids that people wrote are all taken before one is made up, so that a made-up one never takes theirs. The search
    // for a free number goes on where it stopped: ten thousand calls of one action stay linear.
    std::map<std::string, std::size_t> tried;  // how many numbers of a name are known to be taken
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const syntax::Step& step = steps[i];
        if (step.id) continue;
        std::string name = "step";
        if (step.type == SourceType::call && step.call) name = step.call->value.substr(step.call->value.rfind('.') + 1);
        if (step.type == SourceType::sequence) name = "steps";
        if (step.type == SourceType::parallel) name = "parallel";
        if (step.type == SourceType::approval) name = "approve";
        ids[i] = name;
        for (std::size_t& n = tried[name]; taken.add(ids, i) != i;) ids[i] = name + "-" + std::to_string(++n + 1);
    }
    return ids;
}

// Only a command can be ended by a timeout: a person and a wait have none.
void check_timeout(const syntax::Step& source, const Action& action, diag::Sink& sink) {
    const bool kills = source.timeout && source.timeout->then && source.timeout->then->value == "kill";
    if (kills) return check_kill(*source.timeout, action, sink);
    if (source.timeout && !action.has_command)
        sink.report(syntax::codes::misplaced_key, source.timeout->span, diag::Name("timeout"),
                    diag::Words("a `wait` or a step of a person"))
            .related(action.span, "what it calls")
            .hint("of a `wait` its `at_most` says how long");
}

// A key that says how a command is run says nothing about a procedure, which is none.
template <class Key>
void refuse_in_call(const Procedure& procedure, const Key& key, const char* word, diag::Sink& sink) {
    if (key)
        sink.report(syntax::codes::misplaced_key, key->span, diag::Name(word), diag::Words("the call of a procedure"))
            .related(procedure.span, "the procedure")
            .hint("the actions that it calls have their own");
}

// For what the steps of a block wait outside of it, each once, as the step that holds the block would name it.
std::vector<Wait> waits_out_of(const Block& block) {
    using Because = program::Edge::Because;
    std::vector<Wait> out;
    const auto add = [&](const StepRef& ref, Because because) {
        if (ref.up > 0) out.push_back({{ref.up - 1, ref.index, ref.span}, because});
    };
    for (const Step& step : block.steps) {
        for (const StepRef& ref : step.after) add(ref, Because::after);
        for (const StepRef& ref : step.reads) add(ref, Because::data);
        if (step.inside_waits)
            for (const Wait& wait : *step.inside_waits) add(wait.ref, wait.because);
    }
    const auto key = [](const Wait& wait) { return std::tuple(wait.ref.up, wait.ref.index, wait.because); };
    std::stable_sort(out.begin(), out.end(), [&](const Wait& a, const Wait& b) { return key(a) < key(b); });
    const auto is_same = [](const Wait& a, const Wait& b) { return a.ref == b.ref; };
    out.erase(std::unique(out.begin(), out.end(), is_same), out.end());
    return out;
}

}  // namespace

// All ids of a block are in scope before its first step is read, since a step may wait for one that stands below it.
// `is_named` is copied out at the end, when every step that can name a sibling has been read.
Block Blocks::resolve(const std::vector<syntax::Step>& steps, Order order, Scope& scope) {
    Block block{.is_ordered = order == Order::one_after_another};
    scope.siblings.emplace_back(ids_of(steps, sink_), &steps);
    block.steps.reserve(steps.size());
    const std::size_t level = scope.siblings.size() - 1;
    for (std::size_t i = 0; i < steps.size(); ++i)
        step(steps[i], std::string(scope.siblings[level].ids[i]), scope, block.steps.emplace_back());
    for (std::size_t i = 0; i < steps.size(); ++i) block.steps[i].is_named = scope.siblings.back().is_named[i];
    scope.siblings.pop_back();
    return block;
}

// `done(x)` and its like are readable in here alone: only once a part has failed is it settled how its steps ended.
Block Blocks::resolve_recover(const std::vector<syntax::Step>& steps, Scope& scope) {
    const Reads before = scope.reads;
    scope.reads.outcome = true;
    Block block = resolve(steps, Order::one_after_another, scope);
    scope.reads = before;
    return block;
}

// Leaves the scope as it was but for `is_named` of the siblings. The loop comes first, since its variable is seen by
// all that follows. What cannot be resolved makes the step an error value, and the rest of it is still read, so that
// all findings of a step come at once.
void Blocks::step(const syntax::Step& source, std::string id, Scope& scope, Step& step) {
    step.id = std::move(id);
    step.span = source.span;
    step.head = source.id ? source.id->span : source.key_span;
    step.has_id = static_cast<bool>(source.id);
    if (source.summary) step.summary = std::string(source.summary->value);
    const std::size_t variables_before = scope.variables.size();
    const std::uint32_t variable_before = scope.next_local;
    const bool are_names_lost_before = scope.are_names_lost;
    const std::string_view loop_variable_before = scope.loop_variable;
    scope.read_steps = &step.reads;
    scope.reads.where = "in a step";
    scope.step_id = step.id;
    if (source.after.empty() && !source.after_span.is_nowhere())
        sink_.report(after_nothing, source.after_span).hint("name the steps that this one waits for, or take it away");
    for (const syntax::Text& name : source.after)
        if (const auto ref = expressions_.step(name, scope)) step.after.push_back(*ref);
    if (source.for_each) loop(source, step, scope);
    if (source.when) {
        scope.reads.state = true;
        const Type boolean = Type::of(Type::Category::boolean);
        step.when = expressions_.resolve(*source.when, scope, &boolean);
        scope.reads.state = false;
        if (!step.when) step.type = Step::Type::error;
    }
    if (source.approve) step.approve = approval(*source.approve, scope);
    if (source.timeout) step.timeout = timeout_of(*source.timeout, expressions_, sink_);
    if (source.retry) step.retry = retry_of(*source.retry, expressions_, sink_);
    step.window = source.window;
    failure(source, step);
    switch (source.type) {
        case SourceType::error: break;
        case SourceType::approval:
            step.type = Step::Type::approval;
            approved(source, step, scope);
            break;
        case SourceType::call: call(source, step, scope); break;
        case SourceType::sequence:
        case SourceType::parallel: group(source, step, scope); break;
    }
    // Also a step further out is marked: whoever waits for it needs an end of it to wait for.
    for (const auto* refs : {&step.after, &step.reads})
        for (const StepRef& ref : *refs) {
            auto& named = scope.siblings[scope.siblings.size() - 1 - ref.up].is_named;
            if (ref.index < named.size()) named[ref.index] = true;
        }
    // What steps inside wait for holds for the block too, or an empty or skipped block would lose that order.
    if (std::vector<Wait> waits = waits_out_of(step.block); !waits.empty()) step.inside_waits = std::move(waits);
    step.refused = expressions_.take_refused();
    if (step.refused) step.type = Step::Type::error;
    scope.variables.erase(scope.variables.begin() + static_cast<std::ptrdiff_t>(variables_before),
                          scope.variables.end());
    scope.next_local = variable_before;
    scope.are_names_lost = are_names_lost_before;
    scope.loop_variable = loop_variable_before;
    scope.read_steps = nullptr;
}

// `recover` sees the steps of the group as the scope around it, one scope out, as it is with a plan and a procedure.
void Blocks::group(const syntax::Step& source, Step& step, Scope& scope) {
    step.type = Step::Type::group;
    const Order order = source.type == SourceType::sequence ? Order::one_after_another : Order::none;
    step.block = resolve(source.steps, order, scope);
    if (!source.recover) return;
    std::vector<std::string> ids;  // as made above, where what is wrong with them was reported
    for (const Step& inner : step.block.steps) ids.push_back(inner.id);
    scope.siblings.emplace_back(std::move(ids), &source.steps);
    step.recover = resolve_recover(*source.recover, scope);
    scope.siblings.pop_back();
}

// Null: all of them at once, or it was reported.
ExprPtr Blocks::at_most(const syntax::AtMostText& at_most, Scope& scope) {
    const Type integer = Type::of(Type::Category::integer);
    const syntax::Template& text = at_most.number;
    if (!text.is_text() || expressions_.read_literal(text.text(), integer))
        return expressions_.resolve(text, scope, integer);
    if (text.text() == "all" && !at_most.per) return nullptr;
    auto reported = sink_.report(bad_literal, text.span, diag::Name(text.text()),
                                 diag::Words(at_most.per ? "an int" : "an int or `all`"));
    for (const std::string_view all : {"All", "ALL", "any", "unlimited", "*", "100%"})
        if (text.text() == all) reported.hint("write `all`");
    if (text.text().ends_with(" per")) reported.hint("say by what: `2 per s.site`");
    if (text.text() == "all") reported.hint("all of each value are all of them: leave the `per` out");
    reported.hint(hint_for_literal(text.text(), integer));
    return nullptr;
}

// What iterations share their places by.
ExprPtr Blocks::at_most_per(const syntax::Expression& text, Scope& scope) {
    ExprPtr per = expressions_.resolve(text, scope);
    if (!per || per->type.category != Type::Category::list) return per;
    sink_
        .report(wrong_type, text.span, diag::Expected("a value of each iteration"),
                diag::Found("a value of type `" + program::to_text(per->type) + "`"))
        .hint("write it with the variable of the loop: `per " + std::string(scope.loop_variable) + ".site`");
    return nullptr;
}

// The list and the bound are read before the variable exists: neither may depend on an iteration. `per` is read after
// it, since it is a value of each iteration. A loop without `at_most` takes one iteration at a time.
void Blocks::loop(const syntax::Step& source, Step& step, Scope& scope) {
    const Reads before = scope.reads;
    scope.reads.outputs = false;
    ForEach loop{.span = source.for_each->list.span};
    // A list is fixed before the run, by what states are then. What undoes a part of it runs later.
    const bool runs_later = before.outcome || before.before;
    scope.reads.where = runs_later ? "in a `for_each` that undoes something: its list is fixed while compiling"
                                   : "in `at_most`, which is fixed while compiling";
    scope.reads.state = !runs_later;
    loop.list = expressions_.resolve(source.for_each->list, scope);
    scope.reads.state = before.state;
    Type element;
    if (loop.list && loop.list->type.category == Type::Category::list) {
        if (loop.list->type.element) element = *loop.list->type.element;
    } else if (loop.list && !loop.list->type.is_error()) {
        sink_.report(wrong_type, loop.span, diag::Expected("a list"),
                     diag::Found("a value of type `" + program::to_text(loop.list->type) + "`"));
        loop.list = nullptr;
    }
    loop.local = scope.new_local();
    if (source.at_most) {
        loop.at_most_span = source.at_most->span;
        loop.at_most = at_most(*source.at_most, scope);
    } else {
        loop.at_most_span = source.for_each->span;
        loop.at_most = Expr::literal(Value::integer(1), Type::of(Type::Category::integer), loop.span);
    }
    scope.variables.push_back({source.for_each->variable.value, loop.local, element, source.for_each->variable.span});
    if (source.for_each->variable.value.empty()) scope.are_names_lost = true;
    scope.loop_variable = source.for_each->variable.value;
    if (source.at_most && source.at_most->per) loop.at_most_per = at_most_per(*source.at_most->per, scope);
    step.for_each = std::move(loop);
    scope.reads = before;
}

// Actions and procedures share one space of names, so that the order of the two look-ups decides nothing. A callee
// whose kind or parameters were lost makes the call an error value without a finding: the cause was reported where it
// stands.
void Blocks::call(const syntax::Step& source, Step& step, Scope& scope) {
    const std::string& name = source.call->value;
    const auto on_and_with = [&](const auto& callee) {
        if (callee.on_is_error)
            error_object(source, step, scope);
        else
            object(source, step, name, callee.on, scope);
        if (callee.are_parameters_lost)
            step.type = Step::Type::error;
        else
            arguments(source, step, name, callee.parameters, scope);
    };
    if (const auto found = model_.action_by_name.find(name); found != model_.action_by_name.end()) {
        const Action& action = model_.actions[found->second.index()];
        step.type = Step::Type::action;
        step.action = found->second;
        note_call(Use::Of::action, *source.call, action.span, action.module_span);
        check_timeout(source, action, sink_);
        return on_and_with(action);
    }
    if (const auto found = model_.procedure_by_name.find(name); found != model_.procedure_by_name.end()) {
        const Procedure& procedure = model_.procedures[found->second.index()];
        step.type = Step::Type::procedure;
        step.procedure = found->second;
        note_call(Use::Of::procedure, *source.call, procedure.span, procedure.module_span);
        refuse_in_call(procedure, source.timeout, "timeout", sink_);
        refuse_in_call(procedure, source.retry, "retry", sink_);
        return on_and_with(procedure);
    }
    std::vector<std::string> names;
    for (const Action& action : model_.actions) names.push_back(action.compiled.name);
    for (const Procedure& procedure : model_.procedures) names.push_back(procedure.name);
    auto reported = sink_.report(unknown_call, source.call->span, name);
    std::optional<std::string> near = expressions_.near(name, names);
    if (!near)
        for (const std::string& known : names)
            if (known.ends_with("." + name)) near = known;
    reported.did_you_mean(near);
    if (near) strike_secrets(source, *near);
}

// `shop.stop` names the module `shop` and the `stop` in it.
void Blocks::note_call(Use::Of of, const syntax::Text& call, base::Span definition, base::Span module) {
    if (!model_.uses) return;
    const base::Span place = name_in(call.span, call.value);
    const std::size_t own = name_in(definition, call.value.substr(call.value.find('.') + 1)).size();
    if (place.size() != call.value.size() || own >= place.size()) return;
    const auto begin = static_cast<std::uint32_t>(place.end - own);
    const std::string_view name = call.value;
    model_.note_use(Use::Of::module, name.substr(0, name.size() - own - 1), {place.file, place.begin, begin - 1},
                    module);
    model_.note_use(of, name.substr(name.size() - own), {place.file, begin, place.end}, definition);
}

// A literal where a secret is wanted.
void Blocks::strike(const Parameter& parameter, const syntax::NamedValue& argument) {
    const bool is_literal = !argument.value.scalar || !argument.value.scalar->is_expression();
    if (parameter.type.category == Type::Category::secret && is_literal)
        model_.literal_secrets.push_back(argument.value.span);
}

// An argument that looks like a secret is never quoted, even if the call could not be resolved.
void Blocks::strike_secrets(const syntax::Step& source, const std::string& callee) {
    const auto strike_all = [&](const std::vector<Parameter>& parameters) {
        for (const Parameter& parameter : parameters)
            for (const syntax::NamedValue& argument : source.with)
                if (parameter.name == argument.name.value) strike(parameter, argument);
    };
    for (const Action& action : model_.actions)
        if (action.compiled.name == callee) strike_all(action.parameters);
    for (const Procedure& procedure : model_.procedures)
        if (procedure.name == callee) strike_all(procedure.parameters);
}

// The objects that an approval is about, if the plan names any: one or several.
void Blocks::approved(const syntax::Step& source, Step& step, Scope& scope) {
    if (!source.on) return;
    step.on = expressions_.resolve_on(*source.on, scope);
    if (!step.on) {
        step.type = Step::Type::error;
        return;
    }
    const Type& type = step.on->type;
    const Type& one = type.category == Type::Category::list && type.element ? *type.element : type;
    if (one.category == Type::Category::object || one.is_error()) return;
    sink_.report(wrong_type, source.on->span, diag::Expected("an object or a list of objects"),
                 diag::Found("a value of type `" + program::to_text(type) + "`"));
    step.type = Step::Type::error;
}

// The kind that the callee works on is unknown, which was reported: the arguments are only read.
void Blocks::error_object(const syntax::Step& source, Step& step, Scope& scope) {
    if (source.on) (void)expressions_.resolve_on(*source.on, scope);
    step.type = Step::Type::error;
}

// A plan that is written out names each object in many steps. Whoever wants to know where names stand gets the place of
// each; to all others the literal is the same.
ExprPtr Blocks::shared(ExprPtr on) {
    const ObjectId* const object = on && on->op == Expr::Op::literal ? on->value.as_object() : nullptr;
    if (object == nullptr || object->is_none() || model_.uses) return on;
    if (literals_.size() <= object->index()) literals_.resize(object->index() + 1);
    ExprPtr& first = literals_[object->index()];
    if (!first) first = std::move(on);
    return first;
}

// A step without `on` works on the object around it, else on the only one of the kind. Of several none is ever chosen:
// to take the first would run a command on a server that nobody named.
void Blocks::object(const syntax::Step& source, Step& step, const std::string& callee, KindId kind, Scope& scope) {
    if (kind.is_none()) {
        if (source.on) sink_.report(superfluous_on, source.on->span, callee);
        return;
    }
    const Kind& wanted = model_.kinds[kind.index()];
    if (source.on) {
        step.on = shared(expressions_.resolve_on(*source.on, scope, &wanted.type));
        if (!step.on) step.type = Step::Type::error;
    } else if (const Variable* around = scope.find("on"); around && around->type == wanted.type) {
        // An action undoes itself on its own object, a procedure works on its own.
        step.on = std::make_shared<const Expr>(Expr{.op = Expr::Op::local,
                                                    .local = around->local,
                                                    .name = "on",
                                                    .type = around->type,
                                                    .span = source.key_span});
    } else if (wanted.objects.size() == 1) {
        step.on = Expr::literal(Value::object(wanted.objects[0]), wanted.type, source.key_span);
    } else if (!model_.farm.is_known || wanted.plural.empty()) {  // nobody knows what is of that kind
        step.type = Step::Type::error;
    } else if (expressions_.is_for_callers(source.call->span, scope)) {
        expressions_.refuse(kind, callee, source.call->span);
        step.type = Step::Type::error;
    } else {
        step.type = Step::Type::error;
        if (wanted.objects.empty() && !expressions_.is_news(kind)) return;
        auto reported = sink_.report(missing_on, source.call->span, callee);
        reported.hint(wanted.objects.empty() ? "the farm has no " + wanted.plural
                                             : "add `on:` with a " + wanted.name + "; the farm has " +
                                                   std::to_string(wanted.objects.size()) + " " + wanted.plural);
        if (wanted.objects.empty()) reported.related(model_.farm.span, "the farm");
    }
}

// On return `step.with` has an entry for each parameter, in their order; one that is null makes the step an error
// value. Secrets may be read only where the parameter is one.
void Blocks::arguments(const syntax::Step& source, Step& step, const std::string& callee,
                       const std::vector<Parameter>& parameters, Scope& scope) {
    step.with.resize(parameters.size());
    std::vector<bool> given(parameters.size());
    std::vector<const syntax::NamedValue*> unknown;
    for (const syntax::NamedValue& argument : source.with) {
        const auto found = std::find_if(parameters.begin(), parameters.end(),
                                        [&](const Parameter& p) { return p.name == argument.name.value; });
        if (found == parameters.end()) {
            unknown.push_back(&argument);
            continue;
        }
        model_.note_use(Use::Of::parameter, found->name, argument.name.span, found->span);
        const auto index = static_cast<std::size_t>(found - parameters.begin());
        given[index] = true;
        const Reads before = scope.reads;
        scope.reads.secrets = found->type.category == Type::Category::secret;
        scope.reads.where = "in `with`";
        const Value* const usual = found->default_value ? &*found->default_value : nullptr;
        const bool may_be_empty = usual && usual->as_string() && usual->as_string()->empty();
        const bool is_text =
            found->type.category == Type::Category::string || found->type.category == Type::Category::path;
        if (is_text && !may_be_empty && argument.value.scalar && argument.value.scalar->is_text() &&
            argument.value.scalar->text().empty())
            sink_.report(empty_text, argument.value.span, argument.name.value)
                .related(found->span, "the parameter")
                .hint("where nothing is a value, let the parameter have the default \"\"");
        step.with[index] = expressions_.resolve(argument.value, scope, found->type);
        scope.reads = before;
        if (!step.with[index]) step.type = Step::Type::error;
    }
    std::vector<const Parameter*> missing;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (given[i]) continue;
        if (parameters[i].default_value) {
            step.with[i] = Expr::literal(*parameters[i].default_value, parameters[i].type, parameters[i].span);
            continue;
        }
        missing.push_back(&parameters[i]);
        step.type = Step::Type::error;
    }
    report_arguments(source, callee, parameters, unknown, missing);
}

// A name that is unknown and one that is missing are mostly one slip.
void Blocks::report_arguments(const syntax::Step& source, const std::string& callee,
                              const std::vector<Parameter>& parameters,
                              const std::vector<const syntax::NamedValue*>& unknown,
                              std::vector<const Parameter*> missing) {
    std::vector<std::string> names;
    for (const Parameter& p : parameters) names.push_back(p.name);
    for (const syntax::NamedValue* argument : unknown) {
        auto reported =
            sink_.report(unknown_argument, argument->name.span, diag::Owner(callee), diag::Name(argument->name.value));
        if (grammar::shape("step").key(argument->name.value))
            reported.hint("`" + argument->name.value + "` is a key of the step: write it outside of `with`");
        std::optional<std::string> near = expressions_.near(argument->name.value, names);
        if (!near && missing.size() == 1 && unknown.size() == 1) near = missing.front()->name;
        reported.did_you_mean(near);
        std::erase_if(missing, [&](const Parameter* p) { return near == p->name; });
        for (const Parameter& p : parameters)
            if (near == p.name) strike(p, *argument);
    }
    if (missing.empty() || source.is_with_lost) return;
    std::string words = missing.size() == 1 ? "its parameter " : "its parameters ";
    for (std::size_t i = 0; i < missing.size(); ++i)
        words += (i == 0 ? "`" : i + 1 == missing.size() ? " and `" : ", `") + missing[i]->name + "`";
    // All missing parameters are one finding with one line to add, not a finding each.
    auto reported = sink_.report(missing_argument, source.call->span, diag::Name(callee), diag::Words(words));
    for (const Parameter* p : missing)
        reported.related(p->span, "the parameter, of type `" + program::to_text(p->type) + "`");
    std::string with;
    for (const Parameter* p : missing) base::append(with, ", ", p->name + ": …");
    reported.hint(source.with.empty() ? "add `with: {" + with + "}`" : "add `" + with + "` to its `with`");
}

// A loop that carries on and says no bound may fail in every iteration: that is what `continue` asks for.
void Blocks::failure(const syntax::Step& source, Step& step) {
    if (!source.on_failure && !source.max_failures) return;
    AtFailure failure;
    if (source.on_failure) failure = {on_failure_of(*source.on_failure), source.on_failure->span, {}};
    const bool carries_on = failure.choice == program::OnFailure::carry_on;
    if (source.max_failures) {
        const auto value = expressions_.constant(*source.max_failures, Type::of(Type::Category::integer));
        if (value && *value->as_integer() >= 0)
            failure.max_failures = *value->as_integer();
        else if (value)
            sink_.report(bad_literal, source.max_failures->span, diag::Name(source.max_failures->text()),
                         diag::Words("a number of failures, 0 or more"));
    } else if (carries_on && source.for_each) {
        failure.max_failures = 0xffffffff;
    }
    step.on_failure = failure;
}

}  // namespace pvsplan::resolve
