// How two steps, or two groups of steps, stand to each other in the order of a plan.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/graph/facts.hpp"
#include "runtime/view/report.hpp"
#include "runtime/view/step_names.hpp"

namespace pvsplan::view {

using StepIndices = std::vector<std::uint32_t>;  // ascending; steps are numbered along the order

// The order of a plan, be it compiled just now or before. It refers to what it was made from, which outlives it.
struct StepOrder {
    StepNames names;                          // of the steps, by the same numbers
    graph::Rows<std::uint32_t> predecessors;  // by step, ascending
    std::vector<std::uint32_t> targets;       // by edge: index into predecessors.items
    struct Reason {
        program::Edge::Because because = program::Edge::Because::sequence;
        std::string file;  // empty: nowhere
        std::uint32_t line = 0;
    };
    std::function<Reason(std::uint32_t edge)> reason;  // may read what it was made from
};
// "they stand one after the other": why there is such an edge, behind a "because".
std::string_view words_of(program::Edge::Because because);
// The compilation has a graph.
StepOrder order_of(const PlanReport& report);
StepOrder order_of(const program::Plan& plan);

struct StepRelation {
    enum class Type : std::uint8_t {
        before,       // every step of the one before every step of the other: `first` before `second`
        overlap,      // `first` and `second` may run at the same time
        part,         // what was asked second is part of what was asked first, or the other way round
        interleaved,  // `first` before `second`, and `later_first` before `later_second`, one of each group in turn
    } type = Type::interleaved;
    enum class Asked : std::uint8_t { as_it_is, the_other_way_round } asked = Asked::as_it_is;
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    std::uint32_t later_first = 0;
    std::uint32_t later_second = 0;
    StepIndices edges;  // before: the chain from `first` to `second`
};
// `a` and `b` are not the same. Each of them ascending and not empty.
StepRelation relation_of(const StepOrder& order, const StepIndices& a, const StepIndices& b);

// All that surely finishes before one of these starts.
StepIndices ancestors(const StepOrder& order, const StepIndices& of);

}  // namespace pvsplan::view
