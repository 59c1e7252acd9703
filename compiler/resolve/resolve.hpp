// Documents -> Model: names resolved, expressions typed, everything that is wrong with either reported.
#pragma once

#include "compiler/resolve/load.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::resolve {

// The arguments of the command line.
struct Arguments {
    std::vector<std::pair<std::string, std::string>> values;  // `--set name=value`
    // `--secret name=env:VARIABLE`: the parameter, and {env, VARIABLE}, {file, PATH} or {farm, SECRET}
    std::vector<std::pair<std::string, std::vector<std::string>>> secrets;
    bool wants_uses = false;  // Model::uses
};

// A parameter that has neither an argument nor a default is Unknown(its index). The inventories that the farm names are
// read too.
Model resolve(const Inputs& inputs, Documents& documents, const Arguments& arguments, diag::Sink& sink);

}  // namespace pvsplan::resolve
