// An Env with one frame variable bound to something else: what a filter's condition sees.
#pragma once

#include <utility>

#include "compiler/program/expr.hpp"

namespace pvsplan::program {

// Everything else is asked of `outer`, which must outlive it.
class BoundEnv final : public Env {
  public:
    BoundEnv(const Env& outer, std::uint32_t number) : outer_(&outer), number_(number) {}
    void bind(Value value) { value_ = std::move(value); }

    // The innermost filter goes first: its variable hides one of the same number outside.
    [[nodiscard]] Value local(std::uint32_t number) const override {
        return number == number_ ? value_ : outer_->local(number);
    }
    [[nodiscard]] Value attribute(ObjectId object, const std::string& name) const override {
        return outer_->attribute(object, name);
    }
    [[nodiscard]] Value state(ObjectId object, const std::string& name) const override {
        return outer_->state(object, name);
    }
    [[nodiscard]] Value before(const std::string& name, const std::string& step) const override {
        return outer_->before(name, step);
    }
    [[nodiscard]] Value output(const std::string& step, const std::string& name) const override {
        return outer_->output(step, name);
    }
    [[nodiscard]] Value special(Expr::Op op, const std::string& step) const override {
        return outer_->special(op, step);
    }
    [[nodiscard]] Value json(const std::vector<std::string>& path) const override { return outer_->json(path); }
    [[nodiscard]] Value derived_unknown(const Expr& expr) const override { return outer_->derived_unknown(expr); }
    void compares_unknowns() const override { outer_->compares_unknowns(); }
    [[nodiscard]] const ObjectNames& names() const override { return outer_->names(); }
    [[nodiscard]] bool charge(std::size_t elements) const override { return outer_->charge(elements); }
    [[nodiscard]] ListIndex* list_index() const override { return outer_->list_index(); }

  private:
    const Env* outer_;
    std::uint32_t number_;
    Value value_;
};

}  // namespace pvsplan::program
