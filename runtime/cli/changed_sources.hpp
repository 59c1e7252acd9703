// What became of the files that the plan of a run was compiled from: a run goes on with what was compiled then.
#pragma once

#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/cli/session.hpp"

namespace pvsplan::cli {

// "modules/site.yaml has changed", a file each; nothing where none of them is found in the project folder, which is
// another one then. Files of the standard library belong to the program and are left out.
std::vector<std::string> changed_sources(const std::string& project, const program::Plan& plan);

// Says it, with the ways to go on.
void say_what_changed(Session& session, const std::string& run, const program::Plan& plan);

}  // namespace pvsplan::cli
