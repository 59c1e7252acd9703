// The questions that `A before B` and `A then B` are: one for all events, or one for each object or key.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compiler/checks/event_index.hpp"

namespace pvsplan::checks {

// The events of one question.
struct Sides {
    std::vector<Occurrence> left;
    std::vector<Occurrence> right;
};

class OrderQuestions {
  public:
    // All must outlive it.
    OrderQuestions(const EventIndex& event_index, const Requirement& r) : event_index_(event_index), r_(r) {}

    [[nodiscard]] bool every_left() const { return r_.demand.left_quantifier == Quantifier::every; }
    [[nodiscard]] bool every_right() const { return r_.demand.right_quantifier == Quantifier::every; }

    // Whether it is asked of each key of `per` by itself.
    [[nodiscard]] bool are_keyed() const;
    // The events of each key that an object has, also of one without events.
    [[nodiscard]] std::map<std::string, Sides> by_key(const Sides& all) const;
    // The number of keys.
    [[nodiscard]] std::size_t keys() const { return empty_by_key().size(); }

    // One question for all events, or one for each object. Vacuous ones are left out.
    [[nodiscard]] std::vector<Sides> of(const Sides& all) const;
    // Visits them one by one until `visit` returns false: there may be one for each of a hundred thousand objects.
    void for_each(Sides all, const std::function<bool(const Sides&)>& visit) const;

  private:
    [[nodiscard]] std::map<std::string, Sides> empty_by_key() const;
    void share(const EventDemand& query, const std::vector<Occurrence>& all, std::vector<Occurrence> Sides::*side,
               std::map<std::string, Sides>& questions) const;
    [[nodiscard]] bool is_asked(const Sides& sides) const;

    const EventIndex& event_index_;
    const Requirement& r_;
};

}  // namespace pvsplan::checks
