// Repairs a missing order by a change of the plan's text: an `after` or an `at_most`.
#pragma once

#include <functional>
#include <optional>

#include "compiler/checks/decision.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::compiler {

struct Written {
    const resolve::Model& model;
    const expand::Expansion& expansion;
    const std::vector<std::uint32_t>& node_of;  // by Index
    const base::SourceMap& sources;
};

// Returns the change to offer, if the changed plan satisfies the requirement.
using Accept = std::function<std::optional<diag::Fix>(const diag::Fix&)>;

// The `after` is added to the sibling of the step to wait for, in the block that holds both; if that is not possible,
// to a step further inside. For two iterations of one loop, `at_most` is changed to `allowed` or to 1. Returns the
// first change that `repairs` accepts, as `repairs` returns it. The standard library is never changed.
std::optional<diag::Fix> repair(const Written& written, const checks::Decision::MissingOrder& order,
                                std::int64_t allowed, const Accept& repairs);

}  // namespace pvsplan::compiler
