// What a person is told of steps that wait for each other.
#pragma once

#include <functional>
#include <string>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::graph {

// Reports each knot by a shortest cycle in it: every `after` and every output on it with its place, and what lies
// between them, which is the order of groups and loops, as one way.
void report_cycles(const expand::Expansion& expansion, const std::function<std::string(std::uint32_t)>& path_of_node,
                   diag::Sink& sink);

}  // namespace pvsplan::graph
