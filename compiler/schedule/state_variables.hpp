// State variables: the states of objects, as conditions read them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::schedule {

std::optional<graph::StateVariable> variable_of(const graph::Facts& facts, program::ObjectId object,
                                                const std::string& state);

// The state variables that a condition may read whatever their values are, ascending. In `env` every state is unknown.
std::vector<graph::StateVariable> variables_read(const graph::Facts& facts, const program::Expr& condition,
                                                 const program::Env& env);
// Those that a `when` reads; its condition is closed.
std::vector<graph::StateVariable> variables_read(const graph::Facts& facts, const program::Expr& condition);
// Those that a precondition reads for its node.
std::vector<graph::StateVariable> variables_read(const graph::Facts& facts, const graph::RequireFact& fact);

std::string variable_text(const graph::Facts& facts, graph::StateVariable variable);  // "server/pvs02.stream"

}  // namespace pvsplan::schedule
