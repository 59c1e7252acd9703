// Whether parts of two plans are the same. Objects are the same if they are called the same; variables, whatever they
// are called, by their number.
#pragma once

#include <functional>
#include <memory>
#include <string>

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

    // Graphs of undo and recover: the same steps, in the same order, under the same conditions.
    [[nodiscard]] bool operator()(const program::Graph& a, const program::Graph& b) const;
    [[nodiscard]] bool operator()(const std::vector<program::Guard>& a, const std::vector<program::Guard>& b) const;

    [[nodiscard]] const program::Plan& before() const { return before_; }
    [[nodiscard]] const program::Plan& after() const { return after_; }
    // The same with the plans in each other's place; steps are not renamed there.
    [[nodiscard]] Same reversed() const { return {after_, before_, farms_}; }
    [[nodiscard]] Farms& farms() const { return *farms_; }

  private:
    Same(const program::Plan& before, const program::Plan& after, std::shared_ptr<Farms> farms)
        : before_(before), after_(after), farms_(std::move(farms)) {}

    const program::Plan& before_;
    const program::Plan& after_;
    std::function<const std::string&(const std::string&)> renamed_;
    std::shared_ptr<Farms> farms_;
};

}  // namespace pvsplan::diff
