// The tables of a store on PostgreSQL and their version. They lie in a schema of their own, `pvsplan`.
#pragma once

#include <string>

#include "compiler/base/result.hpp"
#include "runtime/store/postgres.hpp"

namespace pvsplan::store {

// Makes them where there are none, brings older ones to this version; refuses those of a newer one. Two processes may
// come here at once.
base::Status make_tables(Connection& connection, const base::StoreName& store);

// The same tables, and who may do what with them: a file for psql.
std::string sql_for_psql();

// Whether the schema has them, of whatever version. An error: it cannot be told.
base::Result<bool> has_tables(Connection& connection, const base::StoreName& store);

// Refuses what is not a store of this version, writes nothing.
base::Status check_tables(Connection& connection, const base::StoreName& store);

// Refuses a server that would confirm what it can lose: one that does not wait for its disk, or for the other copies
// that the store's name asks for.
base::Status check_copies(Connection& connection, const base::StoreName& store);
// Why a server does not answer to a commit: it waits for a copy which is not there. Empty: that is not why.
std::string why_silent(const base::StoreName& store);
// What a server says of that, as columns of a SELECT.
inline constexpr const char* durability_sql =
    "current_setting('fsync'), current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), "
    "current_setting('client_min_messages')";
// The same of a row that holds them from that column on.
base::Status check_durability(const Row& row, std::size_t column, const base::StoreName& store);

}  // namespace pvsplan::store
