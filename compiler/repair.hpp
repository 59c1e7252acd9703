// A missing order as a change of the plan's text: the `after` or the `at_most` that makes it.
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

// A change as it is offered, if the plan with it keeps what is asked.
using Accept = std::function<std::optional<diag::Fix>(const diag::Fix&)>;

// The `after` goes to the step that stands beside the one to wait for, in the block that holds both; where that is no
// way, to a step further inside. Between turns of one loop it is the `at_most` that changes, to `allowed` or to 1. The
// first change that `mends` accepts, as it returns it. What is written in the standard library is not changed.
std::optional<diag::Fix> repair(const Written& written, const checks::Decision::MissingOrder& order,
                                std::int64_t allowed, const Accept& repairs);

}  // namespace pvsplan::compiler
