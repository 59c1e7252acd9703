#include "compiler/checks/order_questions.hpp"

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

bool OrderQuestions::are_keyed() const {
    return is_keyed(*r_.demand.left, every_left(), *r_.demand.right) ||
           is_keyed(*r_.demand.right, every_right(), *r_.demand.left);
}

// Keys come from the objects of the farm, not from the events, so that a key for which nothing happens is asked about
// too.
std::map<std::string, Sides> OrderQuestions::empty_by_key() const {
    std::map<std::string, Sides> questions;
    for (const auto* query : {&*r_.demand.left, &*r_.demand.right})
        if (query->per)
            for (const ObjectId object : event_index_.facts().objects_of(query->kind))
                if (event_index_.is_true(query->where, object)) questions[event_index_.key(*query->per, object)];
    return questions;
}

std::map<std::string, Sides> OrderQuestions::by_key(const Sides& all) const {
    std::map<std::string, Sides> questions = empty_by_key();
    share(*r_.demand.left, all.left, &Sides::left, questions);
    share(*r_.demand.right, all.right, &Sides::right, questions);
    return questions;
}

// A side without `per` takes part as a whole in the question for each key of the other side.
void OrderQuestions::share(const EventDemand& query, const std::vector<Occurrence>& all,
                           std::vector<Occurrence> Sides::*side, std::map<std::string, Sides>& questions) const {
    if (query.per)
        for (const Occurrence& h : all) (questions[event_index_.key(*query.per, h.object)].*side).push_back(h);
    else
        for (auto& [key, question] : questions) question.*side = all;
}

std::vector<Sides> OrderQuestions::of(const Sides& all) const {
    std::vector<Sides> questions;
    for_each(all, [&](const Sides& question) {
        questions.push_back(question);
        return true;
    });
    return questions;
}

// Both sides sorted by object are merged in one pass. The sort is stable: within an object events stay in the order of
// the nodes.
void OrderQuestions::for_each(Sides all, const std::function<bool(const Sides&)>& visit) const {
    if (!r_.demand.same_object) {
        if (is_asked(all)) (void)visit(all);
        return;
    }
    const auto by_object = [](const Occurrence& x, const Occurrence& y) { return x.object < y.object; };
    std::stable_sort(all.left.begin(), all.left.end(), by_object);
    std::stable_sort(all.right.begin(), all.right.end(), by_object);
    auto left = all.left.begin();
    auto right = all.right.begin();
    // The smaller object at the two heads is next; a side without events of it stays empty.
    while (left != all.left.end() || right != all.right.end()) {
        const bool is_left = right == all.right.end() || (left != all.left.end() && left->object < right->object);
        const ObjectId object = is_left ? left->object : right->object;
        Sides question;
        for (; left != all.left.end() && left->object == object; ++left) question.left.push_back(*left);
        for (; right != all.right.end() && right->object == object; ++right) question.right.push_back(*right);
        if (is_asked(question) && !visit(question)) return;
    }
}

// Whether the requirement is not vacuous for these events.
bool OrderQuestions::is_asked(const Sides& sides) const {
    if (every_left()) return !sides.left.empty() && (!every_right() || !sides.right.empty());
    return !sides.right.empty() || (!every_right() && !sides.left.empty());
}

}  // namespace pvsplan::checks
