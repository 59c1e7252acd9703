// The names of all that can be looked up without a file.
#pragma once

#include <string>
#include <vector>

namespace pvsplan::doc {

// Modules, policies, actions, procedures, kinds, keys, transports. A name may be there twice.
std::vector<std::string> topics();

}  // namespace pvsplan::doc
