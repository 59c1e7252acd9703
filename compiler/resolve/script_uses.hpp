// The names that a PowerShell script or an SQL batch reads: `$With.version`, `:On.address`.
#pragma once

#include "compiler/resolve/load.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::resolve {

// Adds them to the uses of the model. A script is not parsed: what looks like such a name is one.
void note_uses_in_scripts(const Documents& documents, const base::Sources& sources, Model& model);

}  // namespace pvsplan::resolve
