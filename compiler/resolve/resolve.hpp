// Documents -> Model: names resolved, expressions typed, everything that is wrong with either reported.
#pragma once

#include "compiler/resolve/load.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::resolve {

// `arguments`: `--set name=value`. A parameter that has neither an argument nor a default is Unknown(its index).
Model resolve(const base::Files& files, Documents& documents,
              const std::vector<std::pair<std::string, std::string>>& arguments, base::SourceMap& sources,
              diag::Sink& sink);

}  // namespace pvsplan::resolve
