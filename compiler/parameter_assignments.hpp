// Parameters without a value. Each value of a bool or an enumeration is tried; a parameter of another type stands for
// all its values at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/checks/decision.hpp"
#include "compiler/compilation.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::compiler {

class ParameterAssignments {
  public:
    // A parameter that would make more combinations than this stays unknown.
    static constexpr std::size_t max_combinations = 64;

    explicit ParameterAssignments(const resolve::Model& model);
    void put_into(resolve::Model& model) const;
    bool next();
    [[nodiscard]] bool is_one() const { return open_.empty(); }
    // What the present combination assumes: "method == wizard", "fast" is false.
    [[nodiscard]] std::vector<std::pair<std::string, bool>> assumptions() const;
    // Adds the findings of the present combination that no earlier one has.
    void merge(const diag::Sink& found, diag::Sink& all);
    // At the end: an error that not every value has says which values have it. `all` is what was merged into.
    void say_when(diag::Sink& all) const;

  private:
    struct Open {
        std::size_t parameter;
        std::string name;
        std::vector<program::Value> values;
        std::size_t at = 0;
    };
    struct Found {
        std::size_t place;           // in the sink
        std::uint64_t combinations;  // in which it was found, a bit each
    };
    // "`method` is wizard or script"; empty: all of them.
    [[nodiscard]] std::string condition(std::uint64_t combinations) const;

    std::vector<Open> open_;
    std::size_t number_ = 0;    // of the present combination
    std::vector<Found> found_;  // ascending
};

// The result over all combinations: the worst verdict on each requirement, and every point of no return. Steps are
// identified by path, as each combination has facts of its own.
class Verdicts {
  public:
    void add(const ParameterAssignments& assignments, const graph::Facts& facts,
             const std::vector<checks::Decision>& decisions, const std::optional<checks::RollbackVerdict>& rollback);
    // Writes the result into the compilation of one combination. Omits a schedule with steps that this one does not
    // have.
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

// Locals 1 … n of a requirement are the parameters of the plan.
program::ExprPtr bind_parameters(const program::ExprPtr& expr, const resolve::Model& model,
                                 expand::Expansion& expansion);

}  // namespace pvsplan::compiler
