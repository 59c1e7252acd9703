// The store as a PostgreSQL database, which several machines share.
// - A write is one commit, whose answer may be lost with the connection: then what is there says whether it was done,
//   and it is done again if it was not. A server that fell back to an earlier time is an error (is_put_back()).
// - Leases expire by the server's clock, `ttl` after they were renewed last.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "compiler/base/store_name.hpp"
#include "runtime/ports/store.hpp"

namespace pvsplan::store {

// Told once, with words for people, that a server is waited for which may be there soon: it starts, fails over, or has
// no connection left. None: nobody waits.
using ToldOfWait = std::function<void(const std::string&)>;

// Opens the store; makes its tables where there are none.
// Refuses a server that would confirm what it can lose (postgres_tables.hpp), and a store of a newer version.
base::Result<std::unique_ptr<ports::Store>> open_postgres_store(const base::StoreName& name,
                                                                const ToldOfWait& waits = {});

// The same, but its tables must exist, and it is only read: from a standby too, where no other server answers.
base::Result<std::unique_ptr<const ports::Store>> open_postgres_store_to_read(const base::StoreName& name,
                                                                              const ToldOfWait& waits = {});

// Whether its tables have been made.
base::Result<bool> is_postgres_store_made(const base::StoreName& name);

}  // namespace pvsplan::store
