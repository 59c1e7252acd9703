// When each step of a plan is drawn: as early as what it waits for allows, as long as it is expected to take. A step of
// which nobody knows how long it takes, or that is too short to be seen, is drawn with a least length.
#pragma once

#include <functional>
#include <vector>

#include "runtime/picture/picture.hpp"

namespace pvsplan::picture {

// Lengths are milliseconds as far as steps take so long, and longer for short ones: places are for drawing,
// `expected_ms` for telling.
struct Timeplan {
    std::vector<Stretch> drawn;                   // by node
    std::vector<At> latest;                       // by node: until when its end could move, and no other step would
    std::vector<bool> is_critical;                // by node
    std::vector<std::int64_t> expected_start_ms;  // by node
    std::int64_t expected_ms = 0;                 // of all, people not counted; 0: nobody knows
    At end = 0;
    At least = 0;  // the length of the shortest step
    std::uint32_t longest_chain = 0;
    std::vector<Tick> ticks;  // of the expected time, along the critical path
};

// Nodes that start no earlier than that, though they could.
using Delays = std::map<std::uint32_t, At>;

// `expected_ms`: how long a node takes, by index; 0: nobody knows. The edges of the graph stand by the nodes that they
// lead to.
Timeplan timeplan_of(const program::Graph& graph, const std::function<std::int64_t(std::uint32_t)>& expected_ms,
                     const Delays& delays = {});

}  // namespace pvsplan::picture
