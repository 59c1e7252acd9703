// The run-time conditions of an expansion. Equal ones share a variable, as they have one truth in a run.
#pragma once

#include <map>
#include <string>

#include "compiler/expand/env.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::expand {

class Guards {
  public:
    explicit Guards(Expansion& out) : out_(out) {}

    // A closed condition of a step, which is below `parent`: its index. `span`: where it is written.
    std::uint32_t add(program::ExprPtr condition, base::Span span, std::uint32_t scope, std::uint32_t parent,
                      const CompileEnv& env);

  private:
    Expansion& out_;
    std::map<std::string, std::uint32_t> variables_;  // by the text of the condition
};

}  // namespace pvsplan::expand
