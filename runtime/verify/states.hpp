// The possible states of the farm after each record. A step writes at some moment between its start and its end, so
// until then a state variable may have the old value or the new one. The same holds after a failure, until the object
// is observed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/journal/record.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::verify {

// The values that a state variable may have; one of them may be unknown.
using Possible = std::vector<program::Value>;
struct Place {  // a state variable: an attribute of an object
    program::ObjectId object;
    std::string attribute;
    friend auto operator<=>(const Place&, const Place&) = default;
};

class States {
  public:
    // `run` is what the records so far have made of it; it outlives this.
    explicit States(const state::RunState& run);

    // Around each record: before it is applied to `run`, and after that.
    void before(const journal::Record& record);
    // The objects whose possible states may have changed.
    std::set<program::ObjectId> after(const journal::Record& record);

    // At least one value; a variable that nothing is known of has one that is unknown.
    [[nodiscard]] const Possible& at(const Place& place) const;

  private:
    void keep(const Place& place, const program::Value& value);  // adds a possible value
    // An observation leaves one possible value of what it read, whatever was possible before; not of what `node` sets.
    void take_what_was_seen(const journal::Record& record, const program::Node* node,
                            std::set<program::ObjectId>& changed);

    const state::RunState* run_;
    std::map<Place, Possible> possible_;
    std::vector<std::pair<Place, program::Value>> set_now_;  // by the step that is about to start
};

// The possible truth of a condition on an object.
struct Truth {
    bool may_hold = false;
    bool may_fail = false;
    bool is_unknown = false;
    friend bool operator==(const Truth&, const Truth&) = default;
};

// A condition on local 0, and the state variables that it reads.
class Condition {
  public:
    Condition(const program::Plan& plan, const program::ExprPtr& condition);
    // Over all values that are possible together. More than one of the three may be so.
    [[nodiscard]] Truth of(program::ObjectId object, const States& states) const;
    // Whether it reads states of other objects too.
    [[nodiscard]] bool reads_others() const { return reads_others_; }

  private:
    // All that the condition reads for this object: their possible values are combined.
    [[nodiscard]] std::vector<Place> places(program::ObjectId object) const;

    const program::Plan* plan_;
    program::ExprPtr condition_;
    bool reads_others_ = false;
};

// Evaluates what does not change in a run: attributes, and states as they were before it.
program::Value fixed_value(const program::Plan& plan, const program::Expr& expr, program::ObjectId object);

}  // namespace pvsplan::verify
