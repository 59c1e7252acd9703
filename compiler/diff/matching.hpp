// Finds the counterpart of each step in the other plan. Steps of one path are the same step. The others were renamed if
// they do the same to the same objects, loop by loop.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "compiler/program/plan.hpp"

namespace pvsplan::diff {

inline constexpr std::uint32_t no_node = 0xffffffffU;

struct Matching {
    std::vector<std::uint32_t> after;   // by node of the plan before: that of the plan after, or no_node
    std::vector<std::uint32_t> before;  // and the other way round
    // ("rest", "others"): what the paths of steps began with before, and with what instead. Iterations are `[*]`.
    std::vector<std::pair<std::string, std::string>> renamed;
};

Matching match(const program::Plan& before, const program::Plan& after);

// "rest[*].stop" of "rest[pvs02].stop".
std::string pattern_of(const std::string& path);

// What that pattern of the plan before is called in the plan after.
std::string renamed(const Matching& matching, const std::string& pattern);

// "[pvs02]" of "rest[pvs02].stop": in which iterations of the loops around it a step is.
std::string iterations_of(const std::string& path);

// Whether the pattern begins with `beginning`, as a whole word of it: "rest" is no beginning of "rest2.stop".
bool begins_with(const std::string& pattern, const std::string& beginning);

}  // namespace pvsplan::diff
