// Whether the sources of a run's plan have changed. The run itself goes on with the plan as it was compiled.
#pragma once

#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/session.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::cli {

// "modules/site.yaml has changed", a file each; nothing where none of them is found in the project folder, which is
// another one then. Files of the standard library belong to the program and are left out. Nothing outside of the
// project folder is read, whatever the plan names.
std::vector<std::string> changed_sources(const std::string& project, const program::Plan& plan);

// Compiles the files as they are now and compares the remaining steps of the run with theirs.
struct ChangedSteps {
    bool compiles = false;           // else nothing is known of the steps
    std::vector<std::string> steps;  // that are gone, or would do something else
};
// `nodes`: how the steps of `plan` stand, not those of a rollback.
ChangedSteps changed_steps(const Session& session, const std::string& project, const program::Plan& plan,
                           const std::vector<engine::NodeStatus>& nodes);

// Says it of a compiled plan in a file, before it is run.
void say_what_changed(Session& session, const Project& project, const std::string& file, const program::Plan& plan);

// Says it of a run, with the ways to go on.
void say_what_changed(Session& session, const ports::Store& store, const std::string& run, const program::Plan& plan);

}  // namespace pvsplan::cli
