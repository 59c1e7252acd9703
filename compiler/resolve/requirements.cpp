#include "compiler/resolve/requirements.hpp"

#include <algorithm>
#include <set>

#include "compiler/base/near.hpp"
#include "compiler/diag/causes.hpp"
#include "compiler/resolve/codes.hpp"

namespace pvsplan::resolve {
namespace {

using program::Demand;
using program::EventDemand;
using program::Requirement;
using program::StateDemand;

// Reads invariants as demands, which the proofs decide. Nothing of the source is asked for afterwards.
class Requirements {
  public:
    Requirements(Model& model, Expressions& expressions, diag::Sink& sink)
        : model_(model), expressions_(expressions), sink_(sink) {
        for (const Action& action : model.actions)
            for (const auto& event : action.compiled.does) verbs_.insert(event.verb);
        verbs_.emplace(program::approve_verb);
    }

    // `frame`: the parameters that may be read (those of the plan, for its own invariants). Any error in it makes the
    // whole demand an error value: a requirement that was read in part would be proved in part, and shown as kept.
    Requirement define(const syntax::Invariant& source, const Scope& frame) {
        declared_.clear();
        Requirement r{.name = source.name.value,
                      .require = source.require.source,
                      .because = source.because ? source.because->value : "",
                      .demand = {.form = source.require.form,
                                 .bound = source.require.bound,
                                 .left_quantifier = source.require.left_quantifier,
                                 .right_quantifier = source.require.right_quantifier}};
        Demand& demand = r.demand;
        const std::size_t errors = sink_.error_count();
        const syntax::RequirementText& text = source.require;
        if (text.number) {
            Scope scope = frame;
            scope.reads = {.where = "in a requirement"};
            const Type integer = Type::of(Type::Category::integer);
            demand.number = expressions_.resolve(*text.number, scope, &integer);
        }
        if (text.left) demand.left = event(*text.left, frame);
        if (text.right) demand.right = event(*text.right, frame);
        if (text.state) demand.state = state(*text.state, frame);
        if (demand.state && text.state->with) demand.state->text += " with " + written(text, text.state->with->span);
        if (text.per && text.state) {
            Scope scope = with_variable(frame, text.state->variable, demand.state ? demand.state->kind : "");
            demand.per = expressions_.resolve(*text.per, scope);
        }
        demand.same_object = same_object(text);
        if (sink_.error_count() != errors || !is_complete(demand, text)) demand.form = Demand::Form::error;
        return r;
    }

  private:
    // Every part that was written was understood.
    static bool is_complete(const Demand& demand, const syntax::RequirementText& text) {
        return (!text.number || demand.number) && (!text.left || demand.left) && (!text.right || demand.right) &&
               (!text.state || demand.state) && (!text.per || demand.per);
    }

    // A part of a requirement as it stands in the plan; an ellipsis where lines were folded.
    static std::string written(const syntax::RequirementText& whole, base::Span part) {
        const std::uint32_t begin = part.begin - whole.span.begin;
        const bool is_plain =
            whole.span.end - whole.span.begin == whole.source.size() && part.begin >= whole.span.begin;
        return is_plain && part.end <= whole.span.end ? whole.source.substr(begin, part.end - part.begin) : "…";
    }

    // `kind`: of the variable; empty if it is not known.
    Scope with_variable(const Scope& frame, const std::optional<syntax::Text>& variable, const std::string& kind) {
        Scope scope = frame;
        scope.reads = {.where = "in a requirement"};
        if (!variable) return scope;
        // On both sides the same name means the same object, so that it is one variable.
        const base::Span first = declared_.try_emplace(variable->value, variable->span).first->second;
        model_.note_use(Use::Of::variable, variable->value, variable->span, first);
        scope.variables.push_back({variable->value, 0, kind.empty() ? Type{} : Type::object(kind), first});
        return scope;
    }

    // The condition of an event or a state. States can be read in it as they are before the run only.
    template <class Pattern>
    ExprPtr where(const Pattern& text, Scope scope) {
        const Type boolean = Type::of(Type::Category::boolean);
        scope.reads.state = text.is_before_run;
        scope.reads.where = "in `where`; what was so before the run is asked with `where initially`";
        return expressions_.resolve(*text.where, scope, &boolean);
    }

    // A verb must be one that some action does. Else `at most 1 reboot(server)` with a misspelt verb would hold of
    // every plan, since it would never happen.
    std::optional<EventDemand> event(const syntax::EventPattern& text, const Scope& frame) {
        const KindId kind = expressions_.kind(text.kind);
        if (!verbs_.contains(text.verb.value)) {
            const std::vector<std::string> names(verbs_.begin(), verbs_.end());
            auto reported = sink_.report(unknown_verb, text.verb.span, text.verb.value)
                                .did_you_mean(base::nearest(text.verb.value, names));
            if (is_predicate(text.verb.value))
                reported.hint("`" + text.verb.value +
                              "` is a state, which holds; what a state must be is asked with `always`, `while` or "
                              "`finally`");
            return std::nullopt;
        }
        if (const auto named = model_.verbs.find(text.verb.value); named != model_.verbs.end())
            model_.note_use(Use::Of::event, text.verb.value, text.verb.span, named->second);
        if (!kind) return std::nullopt;
        EventDemand query{.verb = text.verb.value, .kind = model_.kinds[kind.index()].name};
        Scope scope = with_variable(frame, text.variable, query.kind);
        if (text.where && !(query.where = where(text, scope))) return std::nullopt;
        if (text.per && !(query.per = expressions_.resolve(*text.per, scope))) return std::nullopt;
        return query;
    }

    // A predicate of another kind is refused, not tried: it reads attributes that these objects need not have.
    std::optional<StateDemand> state(const syntax::StatePattern& text, const Scope& frame) {
        const KindId kind = expressions_.kind(text.kind);
        if (!kind) return std::nullopt;
        StateDemand query{.kind = model_.kinds[kind.index()].name};
        query.text = text.predicate ? text.predicate->value + "(" + text.kind.value + ")" : text.kind.value;
        Scope scope = with_variable(frame, text.variable, query.kind);
        const Type boolean = Type::of(Type::Category::boolean);
        if (text.where && !(query.where = where(text, scope))) return std::nullopt;
        if (text.with) {
            scope.reads.state = true;
            query.condition = expressions_.resolve(*text.with, scope, &boolean);
            if (!query.condition) return std::nullopt;
            return query;
        }
        if (!text.predicate) return std::nullopt;
        std::vector<std::string> names;
        for (const Predicate& predicate : model_.predicates) {
            names.push_back(predicate.name);
            if (predicate.name != text.predicate->value) continue;
            model_.note_use(Use::Of::predicate, predicate.name, text.predicate->span, predicate.span);
            if (predicate.kind != kind) {
                sink_
                    .report(wrong_type, text.kind.span,
                            diag::Expected(predicate.kind ? "`" + model_.kinds[predicate.kind.index()].name + "`"
                                                          : "another kind"),
                            diag::Found("`" + text.kind.value + "`"))
                    .related(predicate.span, "the predicate");
                return std::nullopt;
            }
            query.condition = predicate.condition;
            if (!query.condition) return std::nullopt;
            return query;
        }
        auto reported = sink_.report(unknown_predicate, text.predicate->span, text.predicate->value)
                            .did_you_mean(base::nearest(text.predicate->value, names));
        if (verbs_.contains(text.predicate->value))
            reported.hint("`" + text.predicate->value +
                          "` is an event, which happens; events are counted without `always`: `at most 1 " +
                          text.predicate->value + "(" + text.kind.value + ")`");
        return std::nullopt;
    }

    // For the hint alone.
    [[nodiscard]] bool is_predicate(const std::string& name) const {
        return std::any_of(model_.predicates.begin(), model_.predicates.end(),
                           [&](const Predicate& predicate) { return predicate.name == name; });
    }

    // Whether both sides speak of one object: they do where both give it the same name.
    bool same_object(const syntax::RequirementText& text) {
        if (!text.left || !text.left->variable) return false;
        const auto& other = text.right ? text.right->variable : text.state ? text.state->variable : std::nullopt;
        if (!other || other->value != text.left->variable->value) return false;
        const syntax::Text& kind = text.right ? text.right->kind : text.state->kind;
        if (kind.value == text.left->kind.value) return true;
        sink_
            .report(wrong_type, other->span, diag::Expected("the same kind as before, `" + text.left->kind.value + "`"),
                    diag::Found("`" + kind.value + "`"))
            .related(text.left->variable->span, "the same variable");
        return false;
    }

    Model& model_;
    Expressions& expressions_;
    diag::Sink& sink_;
    std::set<std::string> verbs_;
    std::map<std::string, base::Span> declared_;  // the variables of one requirement
};

// First what may be waived, then what is.
void apply_waivers(const Documents& documents, Model& model, diag::Sink& sink) {
    // A policy speaks for its own invariants only, and one that was given with `--policy` allows nothing: else the
    // author of a plan could bring a policy along that gives away those of another.
    std::set<std::string> waivable;
    for (const Documents::Policy& policy : documents.policies)
        for (const syntax::Text& name : policy.document->waivable) {
            const auto& own = policy.document->invariants;
            const bool is_own =
                std::any_of(own.begin(), own.end(), [&](const auto& i) { return i.name.value == name.value; });
            for (const syntax::Invariant& invariant : own)
                if (invariant.name.value == name.value)
                    model.note_use(Use::Of::requirement, name.value, name.span, invariant.name.span);
            if (is_own && !policy.is_imposed) waivable.insert(name.value);
        }
    for (Requirement& requirement : model.requirements) requirement.is_waivable = waivable.contains(requirement.name);
    for (const syntax::Waiver& waiver : documents.plan->waive) {
        const std::string& name = waiver.requirement.value;
        const auto found = std::find_if(model.requirements.begin(), model.requirements.end(),
                                        [&](const Requirement& r) { return r.name == name; });
        if (found == model.requirements.end()) {
            std::vector<std::string> names;
            for (const Requirement& r : model.requirements) names.push_back(r.name);
            sink.report(unknown_invariant, waiver.requirement.span, name).did_you_mean(base::nearest(name, names));
            continue;
        }
        const base::Span named = model.requirement_places[std::size_t(found - model.requirements.begin())].name;
        model.note_use(Use::Of::requirement, name, waiver.requirement.span, named);
        if (!waivable.contains(name)) {
            sink.report(not_waivable, waiver.requirement.span, name)
                .related(named, "the invariant")
                .hint("a policy allows it with `waivable: [" + name +
                      "]`; one that was given with `--policy` cannot be waived");
        } else {
            found->waived_because = waiver.because.value;
        }
    }
}

// What the invariants of a policy can read: the parameters of the plan that it names, by their names there.
Scope frame_of_policy(const Documents& documents, const Documents::Policy& policy, Model& model, Scope frame,
                      Expressions& expressions, diag::Sink& sink) {
    for (const syntax::Parameter& wanted : policy.document->parameters) {
        const Type type = expressions.type_of(wanted.type);
        const auto found = std::find_if(model.parameters.begin(), model.parameters.end(),
                                        [&](const Parameter& p) { return p.name == wanted.name.value; });
        const bool is_there = found != model.parameters.end();
        std::string wrong;
        // A policy that is checked by itself is one for whatever plan has them; of what could not be read that is said.
        const bool is_lost =
            !documents.plan || documents.plan->are_parameters_lost || documents.lost.contains(wanted.name.value);
        if (!is_there && !is_lost)
            wrong = "the plan has none of that name";
        else if (is_there && !found->type.is_error() && !type.is_error() && found->type != type)
            wrong =
                "the plan has it as `" + program::to_text(found->type) + "`, not as `" + program::to_text(type) + "`";
        else if (wanted.default_value)
            wrong = "the plan gives its value, so that a `default` means nothing here";
        if (!wrong.empty()) {
            const base::Span asked = policy.named_at.is_nowhere() ? model.plan_span : policy.named_at;
            auto reported = sink.report(policy_parameter, diag::Place(wanted.name.span, {asked}),
                                        diag::Owner(policy.document->name.value), diag::Name(wanted.name.value),
                                        diag::Words(wrong));
            if (is_there) reported.related(found->span, "the parameter of the plan");
            if (!is_there)
                reported.hint("a plan that keeps the policy has a parameter `" + wanted.name.value + ": " +
                              program::to_text(type) + "`");
        }
        const auto local = static_cast<std::uint32_t>(is_there ? found - model.parameters.begin() + 1 : 0);
        const base::Span definition = is_there ? found->span : wanted.name.span;
        model.note_use(Use::Of::parameter, wanted.name.value, wanted.name.span, definition);
        frame.variables.push_back(
            {wanted.name.value, local, wrong.empty() ? type : Type{}, definition, Use::Of::parameter});
    }
    return frame;
}

}  // namespace

// Those of policies come first, then those of the plan: this is their order wherever they are shown.
void define_requirements(const Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink) {
    Requirements requirements(model, expressions, sink);
    std::uint32_t locals = 1;
    Scope none;
    none.max_locals = &locals;
    // Variables 1 … stand for the parameters of the plan, even where these have no names here.
    none.next_local = static_cast<std::uint32_t>(model.parameters.size()) + 1;
    const auto define = [&](const syntax::Invariant& invariant, const Scope& frame, base::Span asked_at) {
        model.requirements.push_back(requirements.define(invariant, frame));
        model.requirement_places.push_back({invariant.require.span, invariant.name.span, asked_at});
    };
    for (const Documents::Policy& policy : documents.policies) {
        const Scope frame = frame_of_policy(documents, policy, model, none, expressions, sink);
        for (const syntax::Invariant& invariant : policy.document->invariants)
            define(invariant, frame, policy.named_at.is_nowhere() ? model.plan_span : policy.named_at);
    }
    if (!documents.plan) return;
    const Scope frame = [&] {
        Scope scope = none;
        for (std::size_t i = 0; i < model.parameters.size(); ++i)
            scope.variables.push_back({model.parameters[i].name, static_cast<std::uint32_t>(i + 1),
                                       model.parameters[i].type, model.parameters[i].span, Use::Of::parameter});
        return scope;
    }();
    for (const syntax::Invariant& invariant : documents.plan->invariants) define(invariant, frame, {});
    // Two requirements of one name are refused: a waiver names one, and it must be clear which.
    std::map<std::string, base::Span> taken;
    for (std::size_t i = 0; i < model.requirements.size(); ++i) {
        const std::string& name = model.requirements[i].name;
        const program::RequirementPlaces& places = model.requirement_places[i];
        if (const auto [first, is_new] = taken.emplace(name, places.name); !is_new)
            sink.report(defined_twice, diag::Place(places.name, {places.asked_at}), diag::Words("the invariant"),
                        diag::Name(name))
                .related(first->second, "the other one")
                .remedies({std::string(diag::at_its_place)});  // two policies of one purpose share many
    }
    apply_waivers(documents, model, sink);
}

}  // namespace pvsplan::resolve
