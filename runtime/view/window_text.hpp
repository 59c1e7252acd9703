// The windows of time of a plan for people: what starts in them, and whether it fits.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"

namespace pvsplan::view {

// "starts only from 22:00 to 05:00 Europe/Berlin, fri and sat"; of nested windows each, the inner one first.
std::string starts_text(const program::Plan& plan, program::WindowId id);

// A line for each window: "window 22:00 to 05:00 Europe/Berlin, of 12 steps: they take about 6h 10m, it has 7h".
// `estimate`: how long a node takes, by index; 0: nobody knows. None for a window in which no step starts.
std::vector<std::string> window_lines(const program::Plan& plan,
                                      const std::function<std::int64_t(std::uint32_t)>& estimate);

}  // namespace pvsplan::view
