// A missing order as a change of the plan's text: the `after` that makes it.
#pragma once

#include <functional>
#include <optional>

#include "compiler/checks/requirement.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::compiler {

struct Written {
    const resolve::Model& model;
    const expand::Expansion& expansion;
    const std::vector<std::uint32_t>& node_of;  // by Index
    const base::SourceMap& sources;
};

// The `after` goes to the step that stands beside the one to wait for, in the block that holds both; where that is no
// way, to a step further inside. The first change that `mends` accepts, as it returns it. Instances of one loop have no
// such step, and what is written in the standard library is not changed.
std::optional<diag::Fix> mend(const Written& written, const checks::Decision::MissingOrder& order,
                              const std::function<std::optional<diag::Fix>(const diag::Fix&)>& mends);

}  // namespace pvsplan::compiler
