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

    // The `when` of a step, which is below `parent`: its index.
    std::uint32_t add(const resolve::Step& step, std::uint32_t scope, std::uint32_t parent, CompileEnv& env);

  private:
    Expansion& out_;
    std::map<std::string, std::uint32_t> variables_;  // by the text of the condition
};

}  // namespace pvsplan::expand
