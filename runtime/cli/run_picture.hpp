// A run as a picture: its plan as lanes over time, with what became of each step.
#pragma once

#include <string>

#include "runtime/engine/run.hpp"

namespace pvsplan::cli {

// As HTML. One page without anything from elsewhere; `status` is of a run of that store.
base::Result<std::string> run_picture(const ports::Runs& runs, const engine::RunStatus& status);

}  // namespace pvsplan::cli
