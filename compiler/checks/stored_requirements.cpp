#include "compiler/checks/stored_requirements.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "compiler/base/check.hpp"

namespace pvsplan::checks {
namespace {

using program::Demand;

template <class A, class B, std::size_t N>
using Pairs = std::array<std::pair<A, B>, N>;

constexpr Pairs<Form, Demand::Form, 7> forms = {{{Form::count, Demand::Form::count},
                                                 {Form::always, Demand::Form::always},
                                                 {Form::before, Demand::Form::before},
                                                 {Form::then, Demand::Form::then},
                                                 {Form::during, Demand::Form::during},
                                                 {Form::never, Demand::Form::never},
                                                 {Form::finally_, Demand::Form::finally_}}};
constexpr Pairs<Bound, Demand::Bound, 3> bounds = {{{Bound::exactly, Demand::Bound::exactly},
                                                    {Bound::at_most, Demand::Bound::at_most},
                                                    {Bound::at_least, Demand::Bound::at_least}}};
constexpr Pairs<Quantifier, Demand::Quantifier, 2> quantifiers = {
    {{Quantifier::every, Demand::Quantifier::every}, {Quantifier::some, Demand::Quantifier::some}}};

template <class A, class B, std::size_t N>
B stored_as(const Pairs<A, B, N>& pairs, A value) {
    for (const auto& [one, other] : pairs)
        if (one == value) return other;
    base::bug("every value has its like in the compiled plan");
}

template <class A, class B, std::size_t N>
A loaded_as(const Pairs<A, B, N>& pairs, B value) {
    for (const auto& [one, other] : pairs)
        if (other == value) return one;
    base::bug("every value has its like among the checks");
}

class Kinds {
  public:
    explicit Kinds(const program::Plan& plan) {
        for (const auto& [name, kind] : plan.kinds) names_.push_back(name);
    }
    [[nodiscard]] std::optional<std::uint32_t> row(const std::string& name) const {
        const auto found = std::find(names_.begin(), names_.end(), name);
        if (found == names_.end()) return std::nullopt;
        return static_cast<std::uint32_t>(std::distance(names_.begin(), found));
    }

  private:
    std::vector<std::string> names_;
};

// False if the plan has no such kind.
bool load_events(const std::optional<program::EventDemand>& stored, const Kinds& kinds,
                 std::optional<EventQuery>& into) {
    if (!stored) return true;
    const auto row = kinds.row(stored->kind);
    into = EventQuery{.verb = stored->verb, .kind = row.value_or(0), .where = stored->where, .per = stored->per};
    return row.has_value();
}

Requirement load_one(const program::Requirement& stored, const Kinds& kinds) {
    Requirement r{.name = stored.name,
                  .source = stored.require,
                  .because = stored.because,
                  .waived_because = stored.waived_because};
    if (!stored.demand) return r;
    const Demand& d = *stored.demand;
    bool is_known = load_events(d.left, kinds, r.left) && load_events(d.right, kinds, r.right);
    if (d.state) {
        const auto row = kinds.row(d.state->kind);
        is_known = is_known && row.has_value();
        r.state = StateQuery{
            .kind = row.value_or(0), .condition = d.state->condition, .where = d.state->where, .text = d.state->text};
    }
    if (!is_known) return r;
    r.form = loaded_as(forms, d.form);
    r.bound = loaded_as(bounds, d.bound);
    r.number = d.number;
    r.left_quantifier = loaded_as(quantifiers, d.left_quantifier);
    r.right_quantifier = loaded_as(quantifiers, d.right_quantifier);
    r.per = d.per;
    r.same_object = d.same_object;
    return r;
}

}  // namespace

program::Requirement store(const Requirement& r, const std::vector<std::string>& kinds) {
    program::Requirement stored{
        .name = r.name, .require = r.source, .because = r.because, .waived_because = r.waived_because};
    if (r.form == Form::error) return stored;
    const auto events = [&](const std::optional<EventQuery>& query) -> std::optional<program::EventDemand> {
        if (!query) return std::nullopt;
        return program::EventDemand{query->verb, kinds.at(query->kind), query->where, query->per};
    };
    Demand& d = stored.demand.emplace();
    d = {.form = stored_as(forms, r.form),
         .bound = stored_as(bounds, r.bound),
         .number = r.number,
         .left_quantifier = stored_as(quantifiers, r.left_quantifier),
         .right_quantifier = stored_as(quantifiers, r.right_quantifier),
         .left = events(r.left),
         .right = events(r.right),
         .per = r.per,
         .same_object = r.same_object};
    if (r.state)
        d.state = program::StateDemand{kinds.at(r.state->kind), r.state->condition, r.state->where, r.state->text};
    return stored;
}

std::vector<Requirement> load(const program::Plan& plan) {
    const Kinds kinds(plan);
    std::vector<Requirement> all;
    for (const program::Requirement& stored : plan.requirements) all.push_back(load_one(stored, kinds));
    return all;
}

}  // namespace pvsplan::checks
