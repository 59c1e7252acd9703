// How a store is named: by `store:` of a farm and by --store alike.
#pragma once

#include <string>
#include <string_view>

#include "compiler/base/result.hpp"

namespace pvsplan::base {

// What a farm says to store its runs in the default place.
inline constexpr std::string_view store_here = "here";

// The path of the SQLite file that `text` names: "state.db", "/srv/pvs/state.db", "sqlite:state.db",
// "sqlite:///srv/pvs/state.db". An error for anything that is no such file.
Result<std::string> store_file(std::string_view text);

}  // namespace pvsplan::base
