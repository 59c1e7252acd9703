// Loops over nothing: mostly a filter with a misspelt name. A loop is empty where no expansion of it has an element.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "compiler/expand/env.hpp"

namespace pvsplan::expand {

// One for an expansion; the model must outlive it.
class EmptyLoops {
  public:
    explicit EmptyLoops(const resolve::Model& model) : model_(&model) {}

    // The loop was expanded at this scope, over so many elements.
    void expanded(const resolve::Step& loop, std::uint32_t scope, std::size_t elements);
    // Reports what is empty wherever it was expanded, once everything was.
    void report(CompileEnv& env, const FindingPlace& place, diag::Sink& sink) const;

  private:
    [[nodiscard]] bool is_explained(const resolve::Step& loop) const;
    void name_near_values(const program::Expr& filter, CompileEnv& env, diag::Reported& reported) const;

    const resolve::Model* model_;
    std::map<const resolve::Step*, std::uint32_t> empty_;  // and the scope of one of their expansions
    std::set<const resolve::Step*> filled_;                // those that have an element in some expansion
};

}  // namespace pvsplan::expand
