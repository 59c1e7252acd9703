// Steps with their names resolved: calls, `after`, loops, conditions.
#pragma once

#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

// One for a compilation. What it finds wrong is reported to `sink`, and stands as an error value in the step that is
// returned. The names in a scope that is handed in are the same after a call as before it.
class Blocks {
  public:
    Blocks(Model& model, Expressions& expressions, diag::Sink& sink)
        : model_(model), expressions_(expressions), sink_(sink) {}

    // `ordered`: siblings run one after another.
    enum class Order : std::uint8_t { one_after_another, none };
    Block resolve(const std::vector<syntax::Step>& steps, Order order, Scope& scope);
    // A `recover` block: sees the steps that it undoes as the scope around it.
    Block resolve_recover(const std::vector<syntax::Step>& steps, Scope& scope);

  private:
    // Fills `step`, which has its place in the block already: inner blocks may be large, and are not moved.
    void step(const syntax::Step& source, std::string id, Scope& scope, Step& step);
    ExprPtr at_most(const syntax::AtMostText& text, Scope& scope);
    // Null after reporting.
    ExprPtr at_most_per(const syntax::Expression& text, Scope& scope);
    // In people.cpp. Nothing after reporting.
    std::optional<Approval> approval(const syntax::ApproveText& source, Scope& scope);
    // Each fills its part of `step`, whose names and conditions are resolved by then.
    void loop(const syntax::Step& source, Step& step, Scope& scope);
    void group(const syntax::Step& source, Step& step, Scope& scope);
    void call(const syntax::Step& source, Step& step, Scope& scope);
    void note_call(Use::Of of, const syntax::Text& call, base::Span definition, base::Span module);
    // Marks places that no finding may quote.
    void strike(const Parameter& parameter, const syntax::NamedValue& argument);
    void strike_secrets(const syntax::Step& source, const std::string& callee);
    void arguments(const syntax::Step& source, Step& step, const std::string& callee,
                   const std::vector<Parameter>& parameters, Scope& scope);
    void report_arguments(const syntax::Step& source, const std::string& callee,
                          const std::vector<Parameter>& parameters,
                          const std::vector<const syntax::NamedValue*>& unknown, std::vector<const Parameter*> missing);
    void object(const syntax::Step& source, Step& step, const std::string& callee, KindId kind, Scope& scope);
    // The one literal of an object that all steps on it share, as far as it is one.
    ExprPtr shared(ExprPtr on);
    void approved(const syntax::Step& source, Step& step, Scope& scope);
    void error_object(const syntax::Step& source, Step& step, Scope& scope);
    void failure(const syntax::Step& source, Step& step);

    Model& model_;
    Expressions& expressions_;
    diag::Sink& sink_;
    std::vector<ExprPtr> literals_;  // by object: what all steps on it share; null: none is on it yet
};

}  // namespace pvsplan::resolve
