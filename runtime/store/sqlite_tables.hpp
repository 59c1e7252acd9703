// The tables of the store and their version.
#pragma once

#include <string>

#include "compiler/base/result.hpp"
#include "runtime/store/sqlite.hpp"

namespace pvsplan::store {

// Brings a new or older store to this version; refuses a newer one.
base::Status make_tables(Database& database, const std::string& path);

// Whether it is new, without a table and without a mark of anybody.
base::Result<bool> is_empty_file(Database& database);

// Whether runs can have been taken out of it: an older store that is only read knows nothing of that.
base::Result<bool> has_archived(Database& database);

// Refuses what is not a store of this version, writes nothing.
base::Status check_tables(Database& database, const std::string& path);

}  // namespace pvsplan::store
