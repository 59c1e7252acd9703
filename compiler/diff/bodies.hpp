// What actions and observations run: a script, a command, a wait.
#pragma once

#include <string>
#include <vector>

#include "compiler/diff/diff.hpp"
#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

bool is_same_body(const program::Body& was, const program::Body& now, const Same& same);

// " (+2 -1 lines)": of a script; empty where no line differs.
std::string changed_lines(const program::Body& was, const program::Body& now);

// The actions of both plans that run something else now, each with the number of steps that run it. A wait for less is
// told as a loss, and not here.
std::vector<StepChange> compare_bodies(const program::Plan& before, const program::Plan& after, const Same& same);

}  // namespace pvsplan::diff
