// Answers what requirements ask about: the events of a plan, objects and their states.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/checks/decision.hpp"
#include "compiler/schedule/timeline.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;
using schedule::GuardAssignment;
using schedule::Timeline;
using schedule::Timelines;

struct Occurrence {
    Index node;
    program::ObjectId object;
};

std::vector<Index> nodes_of(const std::vector<Occurrence>& all);

// Made once for all requirements of a plan. It caches, and is for one thread.
class EventIndex {
  public:
    explicit EventIndex(const Facts& facts);  // which must outlive it
    EventIndex(const EventIndex&) = delete;
    EventIndex& operator=(const EventIndex&) = delete;

    [[nodiscard]] const Facts& facts() const { return facts_; }
    [[nodiscard]] const Timelines& timelines() const { return timelines_; }

    // The guard variables of the run-time conditions that the requirement may depend on.
    [[nodiscard]] std::vector<std::uint32_t> guards_of(const Requirement& r) const;

    // What to supply if it is not known yet which events or objects the requirement matches.
    [[nodiscard]] std::optional<std::string> unknown_scope(const Requirement& r) const;

    // Without a condition true; false of one that is not known.
    [[nodiscard]] bool is_true(const program::ExprPtr& condition, program::ObjectId object) const;
    [[nodiscard]] std::vector<Occurrence> matching(const EventDemand& query, const GuardAssignment& assignment) const;
    [[nodiscard]] std::vector<program::ObjectId> objects(const StateDemand& query) const;  // ascending

    // The value of `per` for the object, as text: equal texts are one key.
    [[nodiscard]] std::string key(const program::Expr& per, program::ObjectId object) const;
    [[nodiscard]] std::string short_name(program::ObjectId object) const;
    [[nodiscard]] std::string path(Index node) const;  // in backticks
    // What to supply for an unknown value; empty if nothing can be supplied.
    [[nodiscard]] std::string missing(const program::Value& value) const;
    [[nodiscard]] std::string missing(const Timeline& line) const;

    // The order "b waits for a"; nothing if it would make a cycle.
    [[nodiscard]] std::optional<Decision::MissingOrder> order_that_repairs(Index a, Index b) const;
    [[nodiscard]] Witness about(std::vector<Index> nodes) const;

  private:
    [[nodiscard]] const std::vector<Occurrence>& of_verb(const std::string& verb) const;

    const Facts& facts_;
    graph::Rows<Index> writers_;
    Timelines timelines_;
    mutable std::map<std::string, std::vector<Occurrence>> by_verb_;  // of those that were asked about
    struct Matched {
        const EventDemand* query = nullptr;
        std::vector<Occurrence> all;  // under every assignment
    };
    mutable std::array<Matched, 2> matched_;  // a cache of the last two queries
    mutable std::size_t next_matched_ = 0;
};

Decision vacuous(const EventDemand& query);

}  // namespace pvsplan::checks
