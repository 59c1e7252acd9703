// What is not known before the run: parameters without a value. Those of a bool or an enumeration are tried one by one,
// all others stand for every value at once.
#pragma once

#include <vector>

#include "compiler/checks/requirement.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/pipeline.hpp"

namespace pvsplan::compiler {

class Choices {
  public:
    // Beyond this many combinations the last parameters are left open.
    static constexpr std::size_t most_combinations = 64;

    explicit Choices(const resolve::Model& model);
    void put_into(resolve::Model& model) const;
    bool next();
    // What one combination found, once; an error says for which values it is one.
    void merge(const diag::Sink& found, diag::Sink& all) const;

  private:
    struct Open {
        std::size_t parameter;
        std::string name;
        std::vector<program::Value> values;
        std::size_t at = 0;
    };
    std::vector<Open> open_;
};

// The verdict over all combinations, into `decisions`: violated before undecided before holds before vacuous.
void merge_decisions(const std::vector<checks::Decision>& before, std::vector<checks::Decision>& decisions);

// Slots 1 … n of a requirement are the parameters of the plan.
program::ExprPtr bind_parameters(const program::ExprPtr& expr, const resolve::Model& model,
                                 expand::Expansion& expansion);

}  // namespace pvsplan::compiler
