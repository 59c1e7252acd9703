// The environment of expressions during expansion: the frame and the farm are known, the run is not.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/expand/expansion.hpp"
#include "compiler/program/budget.hpp"
#include "compiler/program/open_undo.hpp"

namespace pvsplan::expand {

// `2:5.x.y`: two scopes out, the sibling number 5, and down from there.
struct Reference {
    std::size_t up = 0;
    std::size_t index = 0;
    std::string_view below;  // of the text that it was read from
};
// None: it is a path already.
std::optional<Reference> reference_of(const std::string& step);

// One for an expansion. Whoever expands sets the public fields to where it is, and puts back what it changes.
class CompileEnv : public program::Env {
  public:
    CompileEnv(const resolve::Model& model, const Expansion& expansion)
        : model_(model), expansion_(expansion), names_(model) {}

    std::vector<Value> locals;       // the frame
    std::vector<Siblings> siblings;  // innermost last; for references to steps
    std::vector<Value> undone;       // frame of the step whose `undo` it is; empty: it is left open
    std::string before_of;           // path of the step whose `before` is meant; empty: it is not said yet
    bool reads_before_run = false;   // a state is what it is before the run, where that is known

    // The value; if the run decides it, an Unknown under whose number the closed expression is registered.
    [[nodiscard]] Value evaluate(const program::ExprPtr& expr);
    // The closed expression: locals and step references are substituted. It does not fold: folding at each level would
    // visit a subtree once for every level above it.
    [[nodiscard]] program::ExprPtr close(const program::ExprPtr& expr);

    [[nodiscard]] Value local(std::uint32_t number) const override {
        if (number >= program::undone_frame) return local_of_undone(number - program::undone_frame);
        return number < locals.size() ? locals[number] : Value::none();
    }
    [[nodiscard]] Value attribute(ObjectId object, const std::string& name) const override;
    [[nodiscard]] Value state(ObjectId object, const std::string& name) const override;
    [[nodiscard]] Value before(const std::string& name, const std::string& step) const override;
    [[nodiscard]] Value output(const std::string& step, const std::string& name) const override;
    [[nodiscard]] Value special(program::Expr::Op op, const std::string& step) const override;
    [[nodiscard]] Value json(const std::vector<std::string>& path) const override;
    [[nodiscard]] Value derived_unknown(const program::Expr& expr) const override;
    void compares_unknowns() const override { compares_unknowns_ = true; }
    [[nodiscard]] Value if_known(const program::Expr& expr) const override;
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }
    [[nodiscard]] bool charge(std::size_t elements) const override { return budget_.charge(elements); }
    [[nodiscard]] program::ListIndex* list_index() const override { return model_.list_index.get(); }
    [[nodiscard]] program::Budget& budget() { return budget_; }

  private:
    [[nodiscard]] Value local_of_undone(std::uint32_t number) const;
    [[nodiscard]] std::string step_path(const program::Expr& reference) const;

    const resolve::Model& model_;
    const Expansion& expansion_;
    FarmNames names_;
    mutable program::Budget budget_;
    // While it is asked only whether a value is known, no unknown one is registered; each is one of its own.
    mutable bool registers_ = true;
    mutable bool compares_unknowns_ = false;
    mutable std::uint32_t next_unnamed_ = 0;
};

// An attribute of an object of the farm; none if it has none.
Value attribute_of(const resolve::Model& model, ObjectId object, const std::string& name);
// A state of an object as it was observed, or as the farm expects it; none if that is not known.
Value state_before_run(const resolve::Model& model, ObjectId object, const std::string& name);

}  // namespace pvsplan::expand
