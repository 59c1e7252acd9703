#include "compiler/checks/event_index.hpp"

#include <algorithm>
#include <set>

#include "compiler/schedule/reach.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;
using schedule::evaluate_for;
using schedule::GuardAssignment;
using schedule::Pair;
using schedule::reach;
using schedule::Timeline;
using schedule::writers_by_variable;

using program::ObjectId;
using program::Value;

namespace {

// Keys of `per` are told apart by these, so that objects of two kinds with one name are two keys.
struct QualifiedNames final : program::ObjectNames {
    explicit QualifiedNames(const Facts& f) : facts(f) {}
    [[nodiscard]] std::string_view name(ObjectId id) const override {
        held = facts.object_name(id);
        return held;
    }
    [[nodiscard]] std::string id_text(ObjectId id) const override { return facts.object_name(id); }
    const Facts& facts;
    mutable std::string held;
};

}  // namespace

std::vector<Index> nodes_of(const std::vector<Occurrence>& all) {
    std::vector<Index> nodes;
    for (const Occurrence& h : all) nodes.push_back(h.node);
    return nodes;
}

Decision vacuous(const EventDemand& query) {
    return {.verdict = Verdict::vacuous, .reason = "no step does `" + query.verb + "` on what is asked about"};
}

// The index lives as long as all requirements are decided: writers and timelines are shared by them.
EventIndex::EventIndex(const Facts& facts)
    : facts_(facts), writers_(writers_by_variable(facts)), timelines_(facts, writers_) {}

// In the order of the nodes; a sweep over the plan for each verb that is asked about.
const std::vector<Occurrence>& EventIndex::of_verb(const std::string& verb) const {
    const auto [found, is_new] = by_verb_.try_emplace(verb);
    if (!is_new) return found->second;
    const auto name = std::find(facts_.verbs.begin(), facts_.verbs.end(), verb);
    const auto number = static_cast<std::size_t>(name - facts_.verbs.begin());
    for (Index node = 0; node < facts_.size() && name != facts_.verbs.end(); ++node)
        for (const graph::EventFact& event : facts_.events[node])
            if (event.verb == number) found->second.push_back({node, event.object});
    return found->second;
}

// Conditions on the events that match, and on whatever writes a state that is read. No other one can change the
// verdict.
std::vector<std::uint32_t> EventIndex::guards_of(const Requirement& r) const {
    std::set<std::uint32_t> variables;
    if (facts_.guards.empty()) return {};
    const auto add = [&](Index node) {
        for (graph::GuardIndex g = facts_.guard[node]; g != graph::no_guard; g = facts_.guards[g].parent)
            variables.insert(facts_.guards[g].variable);
    };
    for (const auto* side : {&r.demand.left, &r.demand.right})
        if (*side)
            for (const Occurrence& h : matching(**side, {})) add(h.node);
    if (r.demand.state)
        for (const ObjectId object : objects(*r.demand.state))
            for (const graph::StateVariable variable : timelines_.variables_read(*r.demand.state->condition, object))
                for (const Index node : writers_[variable]) add(node);
    return {variables.begin(), variables.end()};
}

// A `where` or `per` with an unknown value matters only if it decides about some object.
std::optional<std::string> EventIndex::unknown_scope(const Requirement& r) const {
    const auto look_at = [&](const program::ExprPtr& expr, const std::string& kind) -> std::optional<std::string> {
        std::optional<std::string> text;
        if (!expr) return text;
        program::for_each_part(*expr, [&](const program::Expr& part) {
            if (part.op == program::Expr::Op::literal && part.value.is_unknown()) text = missing(part.value);
        });
        const std::span<const ObjectId> all = facts_.objects_of(kind);
        const auto is_open = [&](ObjectId object) { return evaluate_for(facts_, *expr, object).is_unknown(); };
        return text && std::any_of(all.begin(), all.end(), is_open) ? text : std::nullopt;
    };
    std::optional<std::string> text;
    for (const auto* side : {&r.demand.left, &r.demand.right})
        if (*side)
            for (const auto& expr : {(*side)->where, (*side)->per})
                if (!text) text = look_at(expr, (*side)->kind);
    if (r.demand.state)
        for (const auto& expr : {r.demand.state->where, r.demand.per})
            if (!text) text = look_at(expr, r.demand.state->kind);
    return text;
}

bool EventIndex::is_true(const program::ExprPtr& condition, ObjectId object) const {
    if (!condition) return true;
    const Value value = evaluate_for(facts_, *condition, object);
    return value.as_boolean() && *value.as_boolean();
}

// The cache holds the two sides of the requirement at hand, which is asked about once for each combination of
// conditions. It goes by address: a demand must not move while it is decided.
std::vector<Occurrence> EventIndex::matching(const EventDemand& query, const GuardAssignment& assignment) const {
    auto known = std::find_if(matched_.begin(), matched_.end(), [&](const Matched& m) { return m.query == &query; });
    if (known == matched_.end()) {
        known = matched_.begin() + static_cast<std::ptrdiff_t>(next_matched_++ % matched_.size());
        *known = {&query, {}};
        const graph::Index kind = facts_.row_of_kind(query.kind);
        for (const Occurrence& h : of_verb(query.verb))
            if (facts_.object_kind[h.object.index()] == kind && is_true(query.where, h.object)) known->all.push_back(h);
    }
    std::vector<Occurrence> found;
    for (const Occurrence& h : known->all)
        if (assignment.has(facts_, h.node)) found.push_back(h);
    return found;
}

// A `where` that cannot be evaluated excludes the object; unknown_scope() has told then that the verdict is open.
std::vector<ObjectId> EventIndex::objects(const StateDemand& query) const {
    std::vector<ObjectId> found;
    for (const ObjectId object : facts_.objects_of(query.kind))
        if (is_true(query.where, object)) found.push_back(object);
    return found;
}

// An object alone is told by its short name: all keys of one `per` are of one kind then.
std::string EventIndex::key(const program::Expr& per, ObjectId object) const {
    const Value value = evaluate_for(facts_, per, object);
    return value.as_object() ? short_name(*value.as_object()) : program::to_text(value, QualifiedNames(facts_));
}

// "pvs02" of "server/pvs02": a kind has no `/`, so the first one ends it.
std::string EventIndex::short_name(ObjectId object) const {
    const std::string id = facts_.object_name(object);
    return id.substr(id.find('/') + 1);
}

std::string EventIndex::path(Index node) const { return std::string("`").append(facts_.path(node)).append("`"); }

std::string EventIndex::missing(const Value& value) const {
    const Value::Unknown* unknown = value.as_unknown();
    return unknown && unknown->has_name() ? facts_.unknown_text(*unknown) : "";
}

std::string EventIndex::missing(const Timeline& line) const {
    return line.unknown ? facts_.unknown_text(*line.unknown) : "";
}

// None where b comes before a in any case: with one more order both would wait for each other.
std::optional<Decision::MissingOrder> EventIndex::order_that_repairs(Index a, Index b) const {
    if (a == b || reach(facts_, std::vector<Pair>{{b, a}})[0]) return std::nullopt;
    return Decision::MissingOrder{a, b};
}

// The objects are those of the events that the nodes do, in the order of the nodes.
Witness EventIndex::about(std::vector<Index> nodes) const {
    Witness witness{.nodes = std::move(nodes)};
    for (const Index n : witness.nodes)
        for (const graph::EventFact& e : facts_.events[n]) witness.objects.push_back(e.object);
    return witness;
}

}  // namespace pvsplan::checks
