// Where the secrets of a farm come from: what its `secrets` says, else the environment.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/cli/captured.hpp"
#include "runtime/ports/process.hpp"

namespace pvsplan::cli {

// `sources`: name -> {"env", NAME}, {"file", PATH} or {"command", words…}. A secret without a source is read from
// PVSPLAN_SECRET_NAME (upper case, `-` as `_`). Each is read once, when it is first wanted, and is text that a process
// can be given. Who waits for a program can be interrupted. What is not there is an error when it is read, and not
// here. The values live as long as this does.
std::unique_ptr<ports::Secrets> make_secrets(std::map<std::string, std::vector<std::string>> sources,
                                             Interrupted is_interrupted = {});

}  // namespace pvsplan::cli
