#include <algorithm>
#include <set>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "runtime/picture/drawing.hpp"
#include "runtime/picture/words.hpp"
#include "runtime/view/plan_order.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::picture {
namespace {

using program::Node;
using program::ObjectId;

constexpr std::size_t few_lanes = 8;    // a group of more is folded
constexpr std::size_t many_lanes = 60;  // of a kind: then each of its groups is

// Makes the lanes of one drawing; used once.
class Lanes {
  public:
    Lanes(const Drawing& drawing, std::optional<std::size_t> worst) : drawing_(drawing) {
        const auto& nodes = drawing.plan.graph.nodes;
        for (std::uint32_t i = 0; i < nodes.size(); ++i)
            if (nodes[i].type != Node::Type::join) nodes_of_[object_of(nodes[i])].push_back(i);
        for (const checks::Decision& decision : drawing.decisions)
            if (decision.verdict == checks::Verdict::violated && decision.witness)
                concerned_.insert(decision.witness->nodes.begin(), decision.witness->nodes.end());
        if (!worst) return;
        for (const schedule::IntervalConjunction& open : drawing.decisions[*worst].worst->open)
            worst_[open.front().object] = drawing.states.drawn(open);
    }

    // What requirements count at every moment comes first: that is what one looks for. What runs on no object has a
    // lane of its own, at the end.
    std::vector<Group> groups() {
        std::vector<Group> all;
        std::vector<std::string> kinds;  // in the order of the farm, those of which states are counted first
        std::map<std::string, std::optional<Watched>> watched;
        for (const program::Object& object : drawing_.plan.objects)
            if (watched.try_emplace(object.kind).second) {
                watched[object.kind] = watched_of(drawing_.index, drawing_.plan.requirements, object.kind);
                kinds.push_back(object.kind);
            }
        std::stable_partition(kinds.begin(), kinds.end(),
                              [&](const std::string& kind) { return is_asked_always(watched[kind]); });
        for (const std::string& kind : kinds) add_kind(kind, watched[kind], all);
        if (const auto here = nodes_of_.find(ObjectId()); here != nodes_of_.end() && !here->second.empty()) {
            Group group{.name = "no object"};
            group.lanes.push_back(lane_of({}, std::nullopt));
            all.push_back(std::move(group));
        }
        return all;
    }

  private:
    // An approval of an object is not on it, but in its lane.
    static ObjectId object_of(const Node& node) {
        return node.type == Node::Type::approval && node.on.is_none() && !node.does.empty() ? node.does.front().object
                                                                                            : node.on;
    }

    static bool is_asked_always(const std::optional<Watched>& watched) {
        return watched && watched->requirement->demand.form == program::Demand::Form::always;
    }

    // What the first requirement of every moment of that kind that is asked of each value by itself groups by.
    [[nodiscard]] program::ExprPtr key_of(const std::string& kind) const {
        for (const program::Requirement& r : drawing_.plan.requirements)
            if (r.demand.form == program::Demand::Form::always && r.demand.per && r.demand.state &&
                r.demand.state->kind == kind)
                return r.demand.per;
        return nullptr;
    }

    // Objects that nothing happens to have a lane only where they are counted: whether they are up is part of the
    // count.
    void add_kind(const std::string& kind, const std::optional<Watched>& watched, std::vector<Group>& all) {
        const program::ExprPtr key = key_of(kind);
        std::map<std::string, std::vector<ObjectId>> members;  // by key
        std::size_t lanes = 0;
        for (std::uint32_t i = 0; i < drawing_.plan.objects.size(); ++i) {
            const ObjectId object(i);
            if (drawing_.plan.objects[i].kind != kind || (!is_asked_always(watched) && !nodes_of_.contains(object)))
                continue;
            members[key ? drawing_.index.key(*key, object) : std::string()].push_back(object);
            ++lanes;
        }
        const std::string plural = plural_of(drawing_.plan, kind);
        for (const auto& [name, objects] : members) {
            Group group{.name = (objects.size() == 1 && !key ? kind : plural) + (key ? " in " + name : ""),
                        .is_counted = watched.has_value(),
                        .is_calm = !is_asked_always(watched),
                        .counted = watched ? word_of(*watched) : ""};
            for (const ObjectId object : objects) group.lanes.push_back(lane_of(object, watched));
            if (group.lanes.size() > few_lanes ||
                (group.lanes.size() > 1 && (lanes > many_lanes || !is_asked_always(watched))))
                fold(group);
            all.push_back(std::move(group));
        }
    }

    static std::string word_of(const Watched& watched) {
        return std::string(watched.counted == schedule::Truth::yes ? "" : "not ") +
               view::state_word(*watched.requirement->demand.state);
    }

    // The lanes stay; a browser shows them when they are opened.
    static void fold(Group& group) {
        group.shows = Group::Shows::overlap;
        std::vector<Band> steps;
        std::vector<const std::vector<Band>*> bands;
        for (const Lane& lane : group.lanes) {
            bands.push_back(&lane.bands);
            for (const Step& step : lane.steps) steps.push_back({step.when, Counted::surely});
        }
        group.overlaps = overlaps_of(bands);
        group.busy = overlaps_of({&steps});
        for (const Overlap& overlap : group.is_counted ? group.overlaps : group.busy)
            group.most = std::max(group.most, overlap.perhaps);
    }

    // Its title says in words what its bands show in colour.
    Lane lane_of(ObjectId object, const std::optional<Watched>& watched) {
        Lane lane{.name = object.is_none() ? "on this machine" : drawing_.plan.objects[object.index()].name};
        for (const std::uint32_t node : nodes_of_[object]) lane.steps.push_back(step_of(node));
        lane.title = lane.name + ": " + base::counted(lane.steps.size(), "step");
        if (watched && !object.is_none()) {
            lane.bands = drawing_.states.bands_of(*watched, object);
            const std::string words = drawing_.states.words_of(*watched, object);
            if (!words.empty()) lane.title += ", " + word_of(*watched) + " " + words;
        }
        if (const auto found = worst_.find(object); found != worst_.end()) lane.worst = found->second;
        return lane;
    }

    // Where nobody knows how long it takes, no time is told: the drawn length is none.
    [[nodiscard]] Step step_of(std::uint32_t i) const {
        const Node& node = drawing_.plan.graph.nodes[i];
        Step step{.node = i,
                  .when = drawing_.time.drawn[i],
                  .latest = drawing_.time.latest[i],
                  .type = node.type == Node::Type::approval ? Step::Type::approval : Step::Type::action,
                  .is_critical = drawing_.time.is_critical[i],
                  .is_conditional = static_cast<bool>(node.guard),
                  .cannot_be_undone = node.undo.type == program::Undo::Type::impossible,
                  .shows_violation = concerned_.contains(i),
                  .label = last_of(node.id)};
        step.path = node.id;
        step.title = node.id + ": " + what(node);
        if (const std::int64_t length = view::expected_ms(drawing_.plan, drawing_.usual, i); length > 0)
            step.title += ", " + view::duration_for_people(length);
        if (const std::int64_t from = drawing_.time.expected_start_ms[i]; from > 0)
            step.title += ", after " + view::duration_for_people(from);
        if (drawing_.ran == nullptr) return step;
        step.status = drawing_.statuses[i];
        step.note = note_of(drawing_.ran->nodes[i], i);
        return step;
    }

    [[nodiscard]] std::string what(const Node& node) const {
        if (node.type == Node::Type::approval) return "a person approves";
        return node.action + (node.on.is_none() ? "" : " " + drawing_.plan.objects[node.on.index()].name);
    }

    // Where a run was not as planned. Half as long again as expected, and more than a minute, is worth a word.
    [[nodiscard]] std::string note_of(const Ran::Node& ran, std::uint32_t i) const {
        static constexpr std::int64_t not_worth_saying = 60'000;
        std::string note = ran.text;
        const auto add = [&](const std::string& more) { base::append(note, "; ", more); };
        if (ran.attempts > 1) add(base::counted(ran.attempts, "attempt"));
        const std::int64_t expected = view::expected_ms(drawing_.plan, drawing_.usual, i);
        const std::int64_t took = ran.ended_at - ran.started_at;
        if (ran.started_at > 0 && expected > 0 && took > expected + expected / 2 && took > not_worth_saying)
            add("took " + view::duration_for_people(took) + ", " + view::duration_for_people(expected) + " expected");
        return note;
    }

    const Drawing& drawing_;
    std::map<ObjectId, std::vector<std::uint32_t>> nodes_of_;
    std::set<graph::Index> concerned_;
    std::map<ObjectId, Stretch> worst_;
};

}  // namespace

std::vector<Group> groups_of(const Drawing& drawing, std::optional<std::size_t> worst) {
    return Lanes(drawing, worst).groups();
}

}  // namespace pvsplan::picture
