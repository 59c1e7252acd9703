// What the expressions of a step come to while it is expanded, at what cost, and what the step works on.
#pragma once

#include <optional>
#include <vector>

#include "compiler/expand/draft.hpp"
#include "compiler/expand/env.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::expand {

// Every evaluation is charged to the place of its expression. Where the budget is exhausted that is reported, once, and
// the draft is stopped: from then on values mean nothing, and whoever asks for one looks at Draft::is_stopped().
class StepValues {
  public:
    // `around`: the steps around what is expanded, from the inside out. All else must outlive this.
    StepValues(const resolve::Model& model, const Expansion& out, CompileEnv& env, Draft& draft,
               std::vector<base::Span> around, diag::Sink& sink)
        : model_(model), out_(out), env_(env), draft_(draft), around_(std::move(around)), sink_(sink) {}

    // What a step works on may depend on a step that is not known yet: an unknown object is then no error.
    void leave_open() { is_open_ = true; }
    [[nodiscard]] bool is_open() const { return is_open_; }

    // The place of a finding: `seen`, then the steps of the scope, then the steps around the expansion.
    [[nodiscard]] diag::Place place(base::Span seen, std::uint32_t scope) const;
    // The same for whoever reports later; valid as long as this is.
    [[nodiscard]] FindingPlace finding() const;

    // The value; an Unknown is registered (CompileEnv::evaluate).
    program::Value value(const program::ExprPtr& expr);
    // Nothing is registered for an unknown value: for a condition that may well be known.
    program::Value if_known(const program::ExprPtr& expr);
    // Puts down what was charged since the budget stood at `before`.
    void note_costs(base::Span span, std::size_t before);

    // The object that the step works on, or none if it says nothing. Nothing after reporting.
    std::optional<program::Value> subject(const resolve::Step& step, std::uint32_t scope);
    // The objects that an approval is about: one at least. Nothing after reporting.
    std::optional<program::Value::List> approved(const resolve::Step& step, std::uint32_t scope);
    // How many of `size` iterations may run at once. Nothing after reporting.
    std::optional<std::size_t> bound_of(const resolve::Step& step, std::uint32_t scope, std::size_t size);
    // What the iteration at hand shares its places by; none where all do. Nothing after reporting.
    std::optional<program::Value> lane_of(const resolve::Step& step, std::uint32_t scope);

  private:
    void report_unknown_object(base::Span seen, std::uint32_t scope);

    const resolve::Model& model_;
    const Expansion& out_;
    CompileEnv& env_;
    Draft& draft_;
    const std::vector<base::Span> around_;
    diag::Sink& sink_;
    bool is_open_ = false;
};

}  // namespace pvsplan::expand
