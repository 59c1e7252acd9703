// Whether parts of two plans are the same. Objects are the same if they are called the same, parameters of an action as
// well; other variables, whatever they are called, by their number.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tuple>

#include "compiler/program/budget.hpp"
#include "compiler/program/list_index.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::diff {

// For whoever asks what a text means on the farms of both plans, object by object: what is looked up is kept, and the
// work is bounded for all questions together.
struct Farms {
    const program::Plan& before;
    program::ListIndex before_lists;
    program::ListIndex after_lists;
    program::Budget budget;
    bool have_same_attributes = true;  // of the objects that both have
    bool are_asked = true;             // false: only texts are compared, in which parameters stand

    [[nodiscard]] program::ListIndex& lists_of(const program::Plan& plan) {
        return &plan == &before ? before_lists : after_lists;
    }
};

class Same {
  public:
    // Both must outlive it. `renamed` gives the path of a step of `before` as `after` has it; none: as it is.
    Same(const program::Plan& before, const program::Plan& after,
         std::function<const std::string&(const std::string&)> renamed = {});

    // Null is the same as null only.
    [[nodiscard]] bool operator()(const program::ExprPtr& a, const program::ExprPtr& b) const;
    [[nodiscard]] bool operator()(const program::Value& a, const program::Value& b) const;
    [[nodiscard]] bool operator()(program::ObjectId a, program::ObjectId b) const;
    [[nodiscard]] bool is_same_step(const std::string& a, const std::string& b) const;

    // What the steps of one action pass to it, by name: the order of parameters means nothing.
    [[nodiscard]] bool is_same_with(const program::Node& a, const program::Node& b) const;
    // Whether each that the first passes is passed by the second as well, as `is_same` says. What only one of the two
    // versions of the action takes does not count.
    using IsSame = std::function<bool(const program::ExprPtr&, const program::ExprPtr&)>;
    [[nodiscard]] bool passes_as_much(const program::Node& a, const program::Node& b, const IsSame& is_same) const;

    // Graphs of undo and recover: the same steps, in the same order, under the same conditions.
    [[nodiscard]] bool operator()(const program::Graph& a, const program::Graph& b) const;
    [[nodiscard]] bool operator()(const std::vector<program::Guard>& a, const std::vector<program::Guard>& b) const;

    [[nodiscard]] const program::Plan& before() const { return before_; }
    [[nodiscard]] const program::Plan& after() const { return after_; }
    // The same with the plans in each other's place; steps are not renamed there.
    [[nodiscard]] Same reversed() const {
        Same other(after_, before_, farms_);
        std::tie(other.action_before_, other.action_after_) = std::pair(action_after_, action_before_);
        return other;
    }
    // The same for expressions with parameters in them, which mean no objects.
    [[nodiscard]] Same of_texts() const {
        Same other = *this;
        other.farms_.reset(new Farms{
            .before = farms_->before, .before_lists = {}, .after_lists = {}, .budget = {}, .are_asked = false});
        return other;
    }
    // The same for expressions of an action that both plans have, whose variables are its parameters. Both outlive it.
    [[nodiscard]] Same within(const program::Action& was, const program::Action& now) const {
        Same other = *this;
        std::tie(other.action_before_, other.action_after_) = std::pair(&was, &now);
        return other;
    }
    [[nodiscard]] Farms& farms() const { return *farms_; }

  private:
    Same(const program::Plan& before, const program::Plan& after, std::shared_ptr<Farms> farms)
        : before_(before), after_(after), farms_(std::move(farms)) {}

    [[nodiscard]] bool is_same_local(std::uint32_t a, std::uint32_t b) const;

    const program::Plan& before_;
    const program::Plan& after_;
    const program::Action* action_before_ = nullptr;  // null: outside of any
    const program::Action* action_after_ = nullptr;
    std::function<const std::string&(const std::string&)> renamed_;
    std::shared_ptr<Farms> farms_;
};

}  // namespace pvsplan::diff
