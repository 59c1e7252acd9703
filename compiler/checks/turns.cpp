#include "compiler/checks/turns.hpp"

#include <algorithm>

namespace pvsplan::checks {

using program::ObjectId;

namespace {

// Whether events are grouped by key. An `every` side is not grouped by itself, as each of its events is asked about
// anyway; it is if the other side has keys too.
bool is_keyed(const EventDemand& query, bool is_every, const EventDemand& other) {
    return query.per && (!is_every || other.per);
}

}  // namespace

bool Turns::are_keyed() const {
    return is_keyed(*r_.demand.left, every_left(), *r_.demand.right) ||
           is_keyed(*r_.demand.right, every_right(), *r_.demand.left);
}

// Keys come from the objects of the farm, not from the events, so that a key for which nothing happens is asked about
// too.
std::map<std::string, Sides> Turns::empty_by_key() const {
    std::map<std::string, Sides> turns;
    for (const auto* query : {&*r_.demand.left, &*r_.demand.right})
        if (query->per)
            for (const ObjectId object : event_index_.facts().objects_of(query->kind))
                if (event_index_.is_true(query->where, object)) turns[event_index_.key(*query->per, object)];
    return turns;
}

std::map<std::string, Sides> Turns::by_key(const Sides& all) const {
    std::map<std::string, Sides> turns = empty_by_key();
    share(*r_.demand.left, all.left, &Sides::left, turns);
    share(*r_.demand.right, all.right, &Sides::right, turns);
    return turns;
}

// A side without `per` takes part as a whole in the question for each key of the other side.
void Turns::share(const EventDemand& query, const std::vector<Occurrence>& all, std::vector<Occurrence> Sides::*side,
                  std::map<std::string, Sides>& turns) const {
    if (query.per)
        for (const Occurrence& h : all) (turns[event_index_.key(*query.per, h.object)].*side).push_back(h);
    else
        for (auto& [key, turn] : turns) turn.*side = all;
}

std::vector<Sides> Turns::of(const Sides& all) const {
    std::vector<Sides> turns;
    for_each(all, [&](const Sides& turn) {
        turns.push_back(turn);
        return true;
    });
    return turns;
}

// Both sides sorted by object are merged in one pass. The sort is stable: within an object events stay in the order of
// the nodes.
void Turns::for_each(Sides all, const std::function<bool(const Sides&)>& visit) const {
    if (!r_.demand.same_object) {
        if (is_asked(all)) (void)visit(all);
        return;
    }
    const auto by_object = [](const Occurrence& x, const Occurrence& y) { return x.object < y.object; };
    std::stable_sort(all.left.begin(), all.left.end(), by_object);
    std::stable_sort(all.right.begin(), all.right.end(), by_object);
    auto left = all.left.begin();
    auto right = all.right.begin();
    while (left != all.left.end() || right != all.right.end()) {
        const bool is_left = right == all.right.end() || (left != all.left.end() && left->object < right->object);
        const ObjectId object = is_left ? left->object : right->object;
        Sides turn;
        for (; left != all.left.end() && left->object == object; ++left) turn.left.push_back(*left);
        for (; right != all.right.end() && right->object == object; ++right) turn.right.push_back(*right);
        if (is_asked(turn) && !visit(turn)) return;
    }
}

// Whether the requirement is not vacuous for these events.
bool Turns::is_asked(const Sides& sides) const {
    if (every_left()) return !sides.left.empty() && (!every_right() || !sides.right.empty());
    return !sides.right.empty() || (!every_right() && !sides.left.empty());
}

}  // namespace pvsplan::checks
