// The store as one SQLite file (WAL, synchronous=FULL).
#pragma once

#include <memory>
#include <string>

#include "runtime/ports/store.hpp"

namespace pvsplan::store {

// Opens or creates the store (and the folder that it lies in). A store of a newer version, one that cannot be written
// or that is damaged is an error that says what to do.
base::Result<std::unique_ptr<ports::Store>> open_sqlite_store(const std::string& path);

// The same, but it must exist, and is only read: for `runs`, `status`, `log` where writing is not possible.
base::Result<std::unique_ptr<const ports::Store>> open_sqlite_store_to_read(const std::string& path);

}  // namespace pvsplan::store
