// Reports steps that wait for each other.
#pragma once

#include <functional>
#include <string>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::graph {

// Reports each strongly connected component by a shortest cycle in it. Each `after` and each read of an output on the
// cycle is shown with its place; the edges between them, which come from groups and loops, are shown as one.
void report_cycles(const expand::Expansion& expansion, const std::function<std::string(std::uint32_t)>& path_of_node,
                   diag::Sink& sink);

}  // namespace pvsplan::graph
