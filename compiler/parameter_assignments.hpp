// What is not known before the run: parameters without a value. Those of a bool or an enumeration are tried one by one,
// all others stand for every value at once.
#pragma once

#include <vector>

#include "compiler/checks/requirement.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/pipeline.hpp"

namespace pvsplan::compiler {

class ParameterAssignments {
  public:
    // Beyond this many combinations the last parameters are left open.
    static constexpr std::size_t max_combinations = 64;

    explicit ParameterAssignments(const resolve::Model& model);
    void put_into(resolve::Model& model) const;
    bool next();
    [[nodiscard]] bool is_one() const { return open_.empty(); }
    // What this combination assumes: "method == wizard", "fast" is false.
    [[nodiscard]] std::vector<std::pair<std::string, bool>> assumptions() const;
    // What one combination found, but where an earlier one found the same; an error says for which values it is one.
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

// What was decided over all combinations: of each requirement the worst verdict, and every point of no return. Steps
// are known by their paths, as each combination has facts of its own.
class Verdicts {
  public:
    void add(const ParameterAssignments& assignments, const Compilation& c);
    // Into what one of the combinations has left. A schedule with steps that this one does not have is left out.
    void put_into(Compilation& c) const;

  private:
    using Paths = std::vector<std::string>;
    struct Decided {
        checks::Decision decision;
        Paths schedule;
        Paths nodes;
    };
    struct NoReturn {
        std::string step;
        std::string why;
        Paths stranded;
    };
    std::vector<Decided> worst_;
    std::optional<checks::RollbackVerdict> rollback_ = checks::RollbackVerdict();
    std::vector<NoReturn> no_return_;
};

// Slots 1 … n of a requirement are the parameters of the plan.
program::ExprPtr bind_parameters(const program::ExprPtr& expr, const resolve::Model& model,
                                 expand::Expansion& expansion);

}  // namespace pvsplan::compiler
