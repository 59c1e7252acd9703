// The build of Azure Pipelines that a SARIF log comes from, as its agent tells it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "compiler/diag/render.hpp"

namespace pvsplan::cli {

// The value of a variable of the environment, empty where it is not set.
using Variable = std::function<std::string(const std::string& name)>;
// That of this process; tests hand in another one.
std::string variable_of_process(const std::string& name);

// Outside of a build the one that stands for none: Azure's service takes no log without. None in a workflow of GitHub,
// which names a log by its workflow where it has no name of its own.
std::optional<diag::SarifBuild> build_of_log(const Variable& variable);

}  // namespace pvsplan::cli
