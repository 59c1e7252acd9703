#include "compiler/checks/world.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "compiler/checks/reach.hpp"

namespace pvsplan::checks {

using program::Expr;
using program::ObjectId;
using program::Value;

bool World::has(const Facts& facts, Index node) const {
    for (graph::GuardIndex g = facts.guard[node]; g != graph::no_guard; g = facts.guards[g].parent) {
        const auto found =
            std::lower_bound(assigned.begin(), assigned.end(), std::pair(facts.guards[g].variable, false));
        if (found != assigned.end() && found->first == facts.guards[g].variable &&
            found->second != facts.guards[g].value)
            return false;
    }
    return true;
}

graph::Rows<Index> setters_by_slot(const Facts& facts) {
    graph::Rows<Index> rows;
    rows.starts.assign(facts.initial.size() + 1, 0);
    for (const graph::SetFact& set : facts.sets.items) ++rows.starts[set.slot + 1];
    std::partial_sum(rows.starts.begin(), rows.starts.end(), rows.starts.begin());
    rows.items.resize(facts.sets.items.size());
    std::vector<std::uint32_t> fill(rows.starts.begin(), rows.starts.end() - 1);
    for (Index node = 0; node < facts.size(); ++node)
        for (const graph::SetFact& set : facts.sets[node]) rows.items[fill[set.slot]++] = node;
    return rows;
}

namespace {

struct Names final : program::ObjectNames {
    explicit Names(const Facts& f) : facts(f) {}
    [[nodiscard]] std::string_view name(ObjectId id) const override {
        const std::string text = facts.object_name(id);
        held = text.substr(text.find('/') + 1);
        return held;
    }
    [[nodiscard]] std::string id_text(ObjectId id) const override { return facts.object_name(id); }
    const Facts& facts;
    mutable std::string held;
};

// Slot 0 is an object; states are whatever `values` says.
class ObjectEnv final : public program::Env {
  public:
    ObjectEnv(const Facts& facts, ObjectId object) : facts_(facts), names_(facts), object_(object) {}
    std::function<Value(graph::Slot)> state_of;
    mutable std::uint32_t unknown = 0;

    [[nodiscard]] Value slot(std::uint32_t number) const override {
        return number == 0 ? Value::object(object_) : Value::none();
    }
    [[nodiscard]] Value attribute(ObjectId object, const std::string& name) const override {
        return facts_.attribute(object, name);
    }
    [[nodiscard]] Value state(ObjectId object, const std::string& name) const override {
        const graph::Slot first = facts_.first_slot[object.index()];
        for (graph::Slot s = first; s < facts_.slot_object.size() && facts_.slot_object[s] == object; ++s)
            if (facts_.state_names[facts_.slot_attribute[s]] == name)
                return state_of ? state_of(s) : Value::unknown(0xfffffffe);
        return Value::none();
    }
    [[nodiscard]] Value before(const std::string&) const override { return Value::unknown(0xfffffffd); }
    [[nodiscard]] Value output(const std::string&, const std::string&) const override {
        return Value::unknown(0xfffffffc);
    }
    [[nodiscard]] Value special(Expr::Op, const std::string&) const override { return Value::unknown(0xfffffffb); }
    [[nodiscard]] Value json(const std::vector<std::string>&) const override { return Value::unknown(0xfffffffa); }
    [[nodiscard]] Value derived_unknown(const Expr& expr) const override {
        program::for_each_part(expr, [&](const Expr& part) {
            if (part.op == Expr::Op::literal && part.value.is_unknown()) unknown = part.value.as_unknown()->id;
        });
        return Value::unknown(0xfffffff9);
    }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }

  private:
    const Facts& facts_;
    Names names_;
    ObjectId object_;
};

Truth truth_of(const Value& value) {
    const bool* known = value.as_boolean();
    return !known ? (value.is_unknown() ? Truth::unknown : Truth::no) : *known ? Truth::yes : Truth::no;
}

}  // namespace

Value evaluate_for(const Facts& facts, const Expr& expr, ObjectId object) {
    return program::evaluate(expr, ObjectEnv(facts, object));
}

std::vector<graph::Slot> Timelines::slots_read(const Expr& condition, ObjectId object) const {
    std::set<graph::Slot> slots;
    ObjectEnv env(facts_, object);
    env.state_of = [&](graph::Slot s) {
        slots.insert(s);
        return Value::unknown(0xf0000000U + s % 0x0ffffff0U);
    };
    // Every part is asked for itself, so that no state is missed behind an `and` that is decided early.
    program::for_each_part(condition, [&](const Expr& part) {
        if (part.op == Expr::Op::state) (void)program::evaluate(part, env);
    });
    return {slots.begin(), slots.end()};
}

Timeline Timelines::of(const Expr& condition, ObjectId object, const World& world) const {
    Timeline line{.object = object};
    const std::vector<graph::Slot> slots = slots_read(condition, object);
    std::vector<graph::ValueIndex> now;
    std::vector<Index> nodes;
    for (const graph::Slot s : slots) {
        now.push_back(facts_.initial[s]);
        for (const Index node : setters_[s])
            if (world.has(facts_, node)) nodes.push_back(node);
    }
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    if (slots.size() > 1 && nodes.size() > 1) {
        std::vector<Pair> pairs;
        for (std::size_t i = 0; i + 1 < nodes.size(); ++i) pairs.push_back({nodes[i], nodes[i + 1]});
        for (const bool ordered : reach(facts_, pairs)) line.is_total = line.is_total && ordered;
    }
    ObjectEnv env(facts_, object);
    env.state_of = [&](graph::Slot s) {
        const auto at = static_cast<std::size_t>(std::lower_bound(slots.begin(), slots.end(), s) - slots.begin());
        const Value& value = facts_.values[now[at]];
        if (value.is_unknown()) env.unknown = value.as_unknown()->id;
        return value;
    };
    line.first = truth_of(program::evaluate(condition, env));
    bool any_unknown = line.first == Truth::unknown;
    for (const Index node : nodes) {
        for (const graph::SetFact& set : facts_.sets[node]) {
            const auto at = std::lower_bound(slots.begin(), slots.end(), set.slot);
            if (at != slots.end() && *at == set.slot) now[static_cast<std::size_t>(at - slots.begin())] = set.value;
        }
        line.changes.push_back({node, truth_of(program::evaluate(condition, env))});
        any_unknown = any_unknown || line.changes.back().after == Truth::unknown;
    }
    if (any_unknown) line.unknown = env.unknown;
    return line;
}

std::vector<Interval> possible_intervals(const Timeline& line, Polarity polarity, bool unknown_counts) {
    const auto counts = [&](Truth truth) {
        if (truth == Truth::unknown) return unknown_counts;
        return (truth == Truth::yes) == (polarity == Polarity::holds);
    };
    std::vector<Interval> intervals;
    bool is_open = counts(line.first);
    Interval current{.object = line.object};
    for (const Timeline::Change& change : line.changes) {
        const bool now = counts(change.after);
        if (now && !is_open) current = {.begin = change.node, .object = line.object};
        if (!now && is_open) {
            current.end = change.node;
            intervals.push_back(current);
        }
        is_open = now;
    }
    if (is_open) {
        current.end = graph::no_index;
        intervals.push_back(current);
    }
    return intervals;
}

}  // namespace pvsplan::checks
