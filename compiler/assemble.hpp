// Makes the compiled plan from the results of the stages: the only place that knows both forms.
#pragma once

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/graph/order.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::compiler {

// A plan with the kinds and objects of the farm, but without nodes.
program::Plan assemble_farm(const resolve::Model& model, const base::Sources& sources);

// `node_of` by Index, rows and origins as graph::order() made them (`rows` may have been moved to facts).
struct Ordered {
    const expand::Expansion& expansion;
    const std::vector<std::uint32_t>& node_of;
    const graph::Rows<graph::Index>& predecessors;
    const std::vector<std::uint32_t>& origins;
};

// Everything but requirements, inputs and the digest.
program::Plan assemble(const resolve::Model& model, const Ordered& ordered, const base::Sources& sources,
                       diag::Sink& sink);

program::Place place_of(const base::Sources& sources, base::Span span);

}  // namespace pvsplan::compiler
