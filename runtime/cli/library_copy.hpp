// The standard library as files, for an editor that can open nothing else.
#pragma once

#include <string>

#include "compiler/base/result.hpp"

namespace pvsplan::cli {

// The folder in which "stdlib/pvs/module.yaml" lies, read-only, in the cache folder of who runs this. It is called by
// what the library says, so that two versions of the program never share one. What is there and is not what it should
// be is written anew; nothing is written through a link. An error where a folder on the way is not this account's
// alone, or cannot be written.
base::Result<std::string> copy_library();

}  // namespace pvsplan::cli
