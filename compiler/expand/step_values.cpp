#include "compiler/expand/step_values.hpp"

#include <algorithm>

#include "compiler/expand/codes.hpp"
#include "compiler/expand/expand.hpp"
#include "compiler/expand/lanes.hpp"
#include "compiler/expand/no_object.hpp"

namespace pvsplan::expand {

using program::ExprPtr;
using program::Value;
using resolve::Step;

diag::Place StepValues::place(base::Span seen, std::uint32_t scope) const {
    diag::Place found = out_.finding_in(scope, seen, model_);
    found.around.insert(found.around.end(), around_.begin(), around_.end());
    return found;
}

FindingPlace StepValues::finding() const {
    return [this](base::Span seen, std::uint32_t scope) { return place(seen, scope); };
}

// Whatever it costs is put down to its text, for the report of a budget that is used up.
Value StepValues::value(const ExprPtr& expr) {
    const std::size_t before = env_.budget().charged();
    Value result = env_.evaluate(expr);
    note_costs(expr->span, before);
    return result;
}

Value StepValues::if_known(const ExprPtr& expr) {
    const std::size_t before = env_.budget().charged();
    Value result = env_.if_known(*expr);
    note_costs(expr->span, before);
    return result;
}

// The first exhaustion stops the expansion and is reported; all later ones are its consequence.
void StepValues::note_costs(base::Span span, std::size_t before) {
    program::Budget& budget = env_.budget();
    if (budget.charged() != before) budget.put_down(span, before);
    if (!budget.is_exhausted() || draft_.is_stopped()) return;
    draft_.stop();
    report_costs(budget, span, sink_)
        .hint(
            "a filter within a filter looks at every element for every element; text or lists that are doubled "
            "by every call have no end");
}

// Without a known object there is no proof: whose state a step changes would be anybody's guess.
void StepValues::report_unknown_object(base::Span seen, std::uint32_t scope) {
    sink_.report(not_known_yet, place(seen, scope), "the object")
        .hint(
            "where states decide it, say in the farm file what they are expected to be: `state: {…}` of an object, "
            "or `defaults: {KIND: {state: {…}}}`")
        .hint("where a parameter decides it, `--set NAME=OBJECT` gives it a value");
}

std::optional<Value> StepValues::subject(const Step& step, std::uint32_t scope) {
    if (!step.on) return Value();
    Value on = value(step.on);
    if (on.as_object() || (is_open_ && on.is_unknown())) return on;
    if (draft_.is_stopped()) return std::nullopt;
    if (on.is_none())
        report_no_object(step.on, env_, place(step.on->span, scope), sink_);
    else
        report_unknown_object(step.on->span, scope);
    return std::nullopt;
}

// An approval of an empty list is refused: a person would be asked about nothing, and say yes to anything.
std::optional<Value::List> StepValues::approved(const Step& step, std::uint32_t scope) {
    const Value on = value(step.on);
    if (draft_.is_stopped()) return std::nullopt;
    Value::List objects;
    if (on.as_list()) objects = *on.as_list();
    if (on.as_object()) objects = {on};
    const bool is_known = !on.is_unknown() &&
                          std::all_of(objects.begin(), objects.end(), [](const Value& one) { return one.as_object(); });
    if (!is_known)
        report_unknown_object(step.on->span, scope);
    else if (objects.empty())
        sink_.report(no_object, place(step.on->span, scope), "the list is empty");
    if (!is_known || objects.empty()) return std::nullopt;
    return objects;
}

// Without `at_most` all iterations may be under way at once.
std::optional<std::size_t> StepValues::bound_of(const Step& step, std::uint32_t scope, std::size_t size) {
    if (!step.for_each->at_most) return std::max<std::size_t>(1, size);
    const Value bound = value(step.for_each->at_most);
    if (draft_.is_stopped()) return std::nullopt;
    return width_of(bound, size, place(step.for_each->at_most_span, scope), sink_);
}

// `at_most` counts for each value by itself, such as each site; without one there is a single lane.
std::optional<Value> StepValues::lane_of(const Step& step, std::uint32_t scope) {
    if (!step.for_each->at_most_per) return Value();
    Value lane = value(step.for_each->at_most_per);
    if (draft_.is_stopped()) return std::nullopt;
    if (!lane.has_unknown()) return lane;
    sink_.report(not_known_yet, place(step.for_each->at_most_per->span, scope), "what this `at_most` goes by");
    return std::nullopt;
}

}  // namespace pvsplan::expand
