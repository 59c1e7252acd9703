// The tables of the store and their version.
#pragma once

#include <string>

#include "compiler/base/result.hpp"
#include "runtime/store/sqlite.hpp"

namespace pvsplan::store {

// Brings a new or older store to this version; refuses a newer one.
base::Status make_tables(Database& database, const std::string& path);

// Refuses what is not a store of this version, writes nothing.
base::Status check_tables(Database& database, const std::string& path);

}  // namespace pvsplan::store
