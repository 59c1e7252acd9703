#include "compiler/schedule/timeline.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "compiler/program/blind_env.hpp"
#include "compiler/schedule/fact_names.hpp"
#include "compiler/schedule/reach.hpp"
#include "compiler/schedule/state_variables.hpp"

namespace pvsplan::schedule {

using program::Expr;
using program::ObjectId;
using program::Value;

// A counting sort; rows ascend, since nodes are gone through in order.
graph::Rows<Index> writers_by_variable(const Facts& facts) {
    graph::Rows<Index> rows;
    rows.starts.assign(facts.initial.size() + 1, 0);
    for (const graph::SetFact& set : facts.sets.items) ++rows.starts[set.variable + 1];
    std::partial_sum(rows.starts.begin(), rows.starts.end(), rows.starts.begin());
    rows.items.resize(facts.sets.items.size());
    std::vector<std::uint32_t> fill(rows.starts.begin(), rows.starts.end() - 1);
    for (Index node = 0; node < facts.size(); ++node)
        for (const graph::SetFact& set : facts.sets[node]) rows.items[fill[set.variable]++] = node;
    return rows;
}

namespace {

// Combinations of the values of several states at one moment, beyond which a line counts as having no order.
constexpr std::size_t max_mixes = 64;

// Local 0 is an object; `values` gives the states.
class ObjectEnv final : public program::BlindEnv {
  public:
    ObjectEnv(const Facts& facts, ObjectId object) : facts_(facts), names_(facts), object_(object) {}
    std::function<Value(graph::StateVariable)> state_of;
    mutable std::optional<Value::Unknown> unknown;

    [[nodiscard]] Value local(std::uint32_t number) const override {
        return number == 0 ? Value::object(object_) : Value::none();
    }
    [[nodiscard]] Value attribute(ObjectId object, const std::string& name) const override {
        return facts_.attribute(object, name);
    }
    [[nodiscard]] Value state(ObjectId object, const std::string& name) const override {
        const auto variable = variable_of(facts_, object, name);
        if (!variable) return Value::none();
        return state_of ? state_of(*variable) : Value::unknown(Value::Unknown::Type::state, *variable);
    }
    [[nodiscard]] Value derived_unknown(const Expr& expr) const override {
        program::for_each_part(expr, [&](const Expr& part) {
            if (part.op == Expr::Op::literal && part.value.is_unknown()) unknown = *part.value.as_unknown();
        });
        return not_known();
    }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }
    [[nodiscard]] bool charge(std::size_t elements) const override { return facts_.budget.charge(elements); }
    [[nodiscard]] program::ListIndex* list_index() const override { return facts_.list_index.get(); }

  private:
    const Facts& facts_;
    FactNames names_;
    ObjectId object_;
};

// A condition whose value is known and no bool does not hold.
Truth truth_of(const Value& value) {
    const bool* known = value.as_boolean();
    return !known ? (value.is_unknown() ? Truth::unknown : Truth::no) : *known ? Truth::yes : Truth::no;
}

}  // namespace

Value evaluate_for(const Facts& facts, const Expr& expr, ObjectId object) {
    return program::evaluate(expr, ObjectEnv(facts, object));
}

// Every state is an unknown there, so that no branch of the condition is decided before all are read.
std::vector<graph::StateVariable> Timelines::variables_read(const Expr& condition, ObjectId object) const {
    return schedule::variables_read(facts_, condition, ObjectEnv(facts_, object));
}

Truth Truths::least() const {
    for (const Truth truth : {Truth::no, Truth::unknown})
        if (has(truth)) return truth;
    return Truth::yes;
}

namespace {

// The values that each state may have at one moment, and the truth values of the condition for them.
class Moments {
  public:
    // For the line of an object whose condition reads these states.
    Moments(const Facts& facts, const Timeline& line, const std::vector<graph::StateVariable>& variables)
        : facts_(facts), line_(line), variables_(variables), env_(facts, line.object), picked_(variables.size()) {
        for (const graph::StateVariable variable : variables) {
            possible_.push_back({facts.initial[variable]});
            note(facts.initial[variable]);
        }
        env_.state_of = [this](graph::StateVariable variable) {
            // An exhausted budget makes the list of variables incomplete; the verdict is then discarded.
            const std::size_t place = place_of(variable);
            return place < picked_.size() ? facts_.values[picked_[place]] : Value::none();
        };
    }

    void may_set(Index node) {
        for_each_set(node, [](std::vector<graph::ValueIndex>& values, graph::ValueIndex value) {
            if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
        });
    }
    void set(Index node) {
        for_each_set(node, [](std::vector<graph::ValueIndex>& values, graph::ValueIndex value) { values = {value}; });
    }

    // Counts through all combinations of the possible values like a number with a digit for each state.
    Truths truths() {
        Truths truths;
        std::vector<std::size_t> pick(possible_.size(), 0);
        for (std::size_t tried = 0;; ++tried) {
            if (tried == max_mixes) {
                are_all_tried_ = false;
                return truths;
            }
            for (std::size_t i = 0; i < pick.size(); ++i) picked_[i] = possible_[i][pick[i]];
            truths.add(truth());
            std::size_t i = 0;
            while (i < pick.size() && ++pick[i] == possible_[i].size()) pick[i++] = 0;
            if (i == pick.size()) return truths;
        }
    }

    Truth truth_with(std::vector<graph::ValueIndex> values) {
        picked_ = std::move(values);
        return truth();
    }

    [[nodiscard]] bool are_all_tried() const { return are_all_tried_; }
    [[nodiscard]] std::optional<Value::Unknown> unknown() const { return env_.unknown; }

  private:
    void note(graph::ValueIndex value) {
        if (facts_.values[value].is_unknown()) env_.unknown = *facts_.values[value].as_unknown();
    }
    [[nodiscard]] Truth truth() const { return truth_of(program::evaluate(*line_.condition, env_)); }
    template <class Do>
    void for_each_set(Index node, const Do& apply) {
        for (const graph::SetFact& set : facts_.sets[node])
            if (std::binary_search(variables_.begin(), variables_.end(), set.variable))
                note(set.value), apply(possible_[place_of(set.variable)], set.value);
    }
    [[nodiscard]] std::size_t place_of(graph::StateVariable variable) const {
        return static_cast<std::size_t>(std::lower_bound(variables_.begin(), variables_.end(), variable) -
                                        variables_.begin());
    }

    const Facts& facts_;
    const Timeline& line_;
    const std::vector<graph::StateVariable>& variables_;
    ObjectEnv env_;
    std::vector<graph::ValueIndex> picked_;
    std::vector<std::vector<graph::ValueIndex>> possible_;  // by state variable
    bool are_all_tried_ = true;
};

}  // namespace

// Assignments that agree on the conditions that this object depends on share a line. A line that depends on more than
// six is made each time.
Timeline Timelines::of(const Expr& condition, ObjectId object, const GuardAssignment& assignment) const {
    if (assignment.assigned.empty()) return made(condition, object, assignment);
    static constexpr std::size_t max_variables = 6;
    if (remembered_ != &condition) lines_.clear(), remembered_ = &condition;
    const auto [found, is_new] = lines_.try_emplace(object);
    std::vector<std::uint32_t>& variables = found->second.variables;
    if (is_new) {
        for (const graph::StateVariable variable : variables_read(condition, object))
            for (const Index node : writers_[variable])
                for (graph::GuardIndex g = facts_.guard[node]; g != graph::no_guard; g = facts_.guards[g].parent)
                    variables.push_back(facts_.guards[g].variable);
        std::sort(variables.begin(), variables.end());
        variables.erase(std::unique(variables.begin(), variables.end()), variables.end());
    }
    if (variables.size() > max_variables) return made(condition, object, assignment);
    std::uint32_t truths = 0;  // 2 bits for each variable: not assigned, false, true
    for (const std::uint32_t variable : variables) {
        const auto at =
            std::lower_bound(assignment.assigned.begin(), assignment.assigned.end(), std::pair(variable, false));
        const bool is_assigned = at != assignment.assigned.end() && at->first == variable;
        truths = truths << 2U | (!is_assigned ? 0U : at->second ? 2U : 1U);
    }
    // Equal truths of the guards that matter give the same writers, and so the same line.
    const auto line = found->second.by_truths.find(truths);
    if (line != found->second.by_truths.end()) return line->second;
    return found->second.by_truths.emplace(truths, made(condition, object, assignment)).first->second;
}

// Whether each of them comes after the one before it.
bool Timelines::are_in_order(const std::vector<Index>& nodes) const {
    if (nodes.size() > 1 && !near_paths_) near_paths_.emplace(facts_);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i + 1 < nodes.size(); ++i)
        if (const Pair pair{nodes[i], nodes[i + 1]}; !near_paths_->has(pair)) pairs.push_back(pair);
    const std::vector<bool> ordered = reach(facts_, pairs);
    return std::all_of(ordered.begin(), ordered.end(), [](bool one) { return one; });
}

Timeline Timelines::made(const Expr& condition, ObjectId object, const GuardAssignment& assignment) const {
    // The length of a line grows with the number of states that it reads: a line for each object that reads the whole
    // farm would be quadratic. So it is charged to the budget.
    static constexpr std::size_t cost_of_a_local = 16;
    Timeline line{.object = object, .condition = &condition};
    std::vector<graph::StateVariable> variables = variables_read(condition, object);
    if (!facts_.budget.charge(variables.size() * cost_of_a_local)) variables.clear();
    std::vector<Index>& nodes = line.changes;
    for (const graph::StateVariable variable : variables)
        for (const Index node : writers_[variable])
            if (assignment.has(facts_, node)) nodes.push_back(node);
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    if (variables.size() > 1) line.is_total = are_in_order(nodes);
    Moments moments(facts_, line, variables);
    line.stretches.push_back(moments.truths());
    for (const Index node : nodes) {
        // During a change both values are possible; after it only the new one.
        moments.may_set(node);
        line.stretches.push_back(moments.truths());
        moments.set(node);
        line.stretches.push_back(moments.truths());
    }
    line.is_total = line.is_total && moments.are_all_tried();
    line.unknown = moments.unknown();
    return line;
}

namespace {

// As made() has them, but a change that may not happen leaves the old values possible, and one that does not happen
// adds none.
std::vector<Truths> stretches_with(const Facts& facts, const Timeline& line,
                                   const std::vector<graph::StateVariable>& variables,
                                   std::span<const Effect> effects) {
    Moments moments(facts, line, variables);
    std::vector<Truths> stretches{moments.truths()};
    for (std::size_t i = 0; i < line.changes.size(); ++i) {
        if (effects[i] != Effect::does_not_happen) moments.may_set(line.changes[i]);
        stretches.push_back(moments.truths());
        if (effects[i] == Effect::happens) moments.set(line.changes[i]);
        stretches.push_back(moments.truths());
    }
    return stretches;
}

// One value of one state, from the start of its writer to the finish of the next writer.
struct Segment {
    graph::ValueIndex value;
    Interval interval;
};

// A change that may happen ends nothing: the old value goes on beside the new one.
std::vector<Segment> segments_of(const Facts& facts, const Timeline& line, graph::StateVariable variable,
                                 std::span<const Effect> effects) {
    std::vector<Segment> over;
    std::vector<Segment> open{{facts.initial[variable], {.object = line.object}}};
    for (std::size_t i = 0; i < line.changes.size(); ++i)
        for (const graph::SetFact& set : facts.sets[line.changes[i]]) {
            const Effect effect = effects.empty() ? Effect::happens : effects[i];
            if (set.variable != variable || effect == Effect::does_not_happen) continue;
            if (effect == Effect::happens) {
                for (Segment& segment : open) segment.interval.end = line.changes[i];
                over.insert(over.end(), open.begin(), open.end());
                open.clear();
            }
            open.push_back({set.value, {.begin = line.changes[i], .object = line.object}});
        }
    over.insert(over.end(), open.begin(), open.end());
    return over;
}

}  // namespace

// Each value that is possible after a change is possible during it, so an interval begins and ends with changes, or
// with the run.
std::vector<IntervalConjunction> Timelines::conjunctions(const Timeline& line, std::span<const Effect> effects,
                                                         Truth sought, Unknown unknown) const {
    if (!line.is_total) return mixed_conjunctions(line, effects, sought, unknown);
    const bool is_usual =
        std::all_of(effects.begin(), effects.end(), [](Effect effect) { return effect == Effect::happens; });
    const std::vector<Truths> other =
        is_usual ? std::vector<Truths>()
                 : stretches_with(facts_, line, variables_read(*line.condition, line.object), effects);
    const std::vector<Truths>& stretches = is_usual ? line.stretches : other;
    const auto counts = [&](std::size_t k) {
        return stretches[k].has(sought) || (unknown == Unknown::counted && stretches[k].has(Truth::unknown));
    };
    std::vector<IntervalConjunction> conjunctions;
    for (std::size_t k = 0; k < stretches.size(); ++k) {
        if (!counts(k)) continue;
        const std::size_t first = k;
        while (k + 1 < stretches.size() && counts(k + 1)) ++k;
        conjunctions.push_back({{.begin = first == 0 ? graph::no_index : line.changes[(first - 1) / 2],
                                 .end = k + 1 == stretches.size() ? graph::no_index : line.changes[(k - 1) / 2],
                                 .object = line.object}});
    }
    return conjunctions;
}

// Each state has one value at a time; all combinations of values that are possible at one moment are tried.
std::vector<IntervalConjunction> Timelines::mixed_conjunctions(const Timeline& line, std::span<const Effect> effects,
                                                               Truth sought, Unknown unknown) const {
    std::vector<std::vector<Segment>> segments;
    const std::vector<graph::StateVariable> variables = variables_read(*line.condition, line.object);
    for (const graph::StateVariable variable : variables)
        segments.push_back(segments_of(facts_, line, variable, effects));
    Moments moments(facts_, line, variables);
    std::vector<IntervalConjunction> conjunctions;
    std::vector<std::size_t> pick(segments.size(), 0);
    for (std::size_t i = 0; i < pick.size();) {
        IntervalConjunction conjunction;
        std::vector<graph::ValueIndex> values;
        for (std::size_t s = 0; s < pick.size(); ++s) {
            values.push_back(segments[s][pick[s]].value);
            conjunction.push_back(segments[s][pick[s]].interval);
        }
        const Truth truth = moments.truth_with(values);
        if (truth == sought || (unknown == Unknown::counted && truth == Truth::unknown))
            conjunctions.push_back(std::move(conjunction));
        // The next combination, as a number is counted up; i runs beyond the last digit when all were tried.
        for (i = 0; i < pick.size() && ++pick[i] == segments[i].size(); ++i) pick[i] = 0;
    }
    return conjunctions;
}

// A line with an order has an interval between any two changes at most; else each state contributes its segments.
std::size_t Timelines::max_conjunctions(const Timeline& line) const {
    if (line.is_total) return line.changes.size() + 1;
    static constexpr std::size_t too_many = std::size_t{1} << 30U;
    std::size_t conjunctions = 1;
    for (const graph::StateVariable variable : variables_read(*line.condition, line.object))
        conjunctions = std::min(too_many, conjunctions * (writers_[variable].size() + 1));
    return conjunctions;
}

}  // namespace pvsplan::schedule
