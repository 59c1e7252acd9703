// An environment that knows nothing of the run. Every question has a new unknown value for an answer, so that no two of
// them are ever taken for the same.
#pragma once

#include <string>
#include <vector>

#include "compiler/program/expr.hpp"

namespace pvsplan::program {

class BlindEnv : public Env {
  public:
    [[nodiscard]] Value before(const std::string&, const std::string&) const override { return not_known(); }
    [[nodiscard]] Value output(const std::string&, const std::string&) const override { return not_known(); }
    [[nodiscard]] Value special(Expr::Op, const std::string&) const override { return not_known(); }
    [[nodiscard]] Value json(const std::vector<std::string>&) const override { return not_known(); }
    [[nodiscard]] Value derived_unknown(const Expr&) const override { return not_known(); }

  protected:
    [[nodiscard]] Value not_known() const { return Value::unnamed_unknown(next_++); }

  private:
    mutable std::uint32_t next_ = 0;  // so that two questions never get the same unknown
};

}  // namespace pvsplan::program
