// Steps with their names resolved: calls, `after`, loops, conditions.
#pragma once

#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

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
    void step(const syntax::Step& source, std::string id, Scope& scope, Step& step);
    ExprPtr at_most(const syntax::AtMostText& text, Scope& scope);
    ExprPtr at_most_per(const syntax::Expression& text, Scope& scope);
    std::optional<Approval> approval(const syntax::ApproveText& source, Scope& scope);
    void loop(const syntax::Step& source, Step& step, Scope& scope);
    void group(const syntax::Step& source, Step& step, Scope& scope);
    void call(const syntax::Step& source, Step& step, Scope& scope);
    void note_call(Use::Of of, const syntax::Text& call, base::Span definition, base::Span module);
    void strike(const Parameter& parameter, const syntax::NamedValue& argument);
    void strike_secrets(const syntax::Step& source, const std::string& callee);
    void arguments(const syntax::Step& source, Step& step, const std::string& callee,
                   const std::vector<Parameter>& parameters, Scope& scope);
    void report_arguments(const syntax::Step& source, const std::string& callee,
                          const std::vector<Parameter>& parameters,
                          const std::vector<const syntax::NamedValue*>& unknown, std::vector<const Parameter*> missing);
    void object(const syntax::Step& source, Step& step, const std::string& callee, KindId kind, Scope& scope);
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
