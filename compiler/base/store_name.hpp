// How a store is named: by `store:` of a farm and by --store alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"

namespace pvsplan::base {

// What a farm says to store its runs in the default place.
inline constexpr std::string_view store_here = "here";

struct StoreName {
    enum class Type : std::uint8_t { file, server } type = Type::file;
    // The path of an SQLite file, or the URL of a database as libpq takes it: without our own parameters, which follow.
    std::string text;
    std::uint32_t copies = 1;  // on a server: how many machines have a record before it counts as written
    std::uint32_t ttl_s = 30;  // on a server: how long a process may be silent before others take its run over
};

// What `text` names: "state.db", "/srv/pvs/state.db", "sqlite:state.db", "sqlite:///srv/pvs/state.db", or
// "postgresql://host1,host2/database?copies=2". An error for anything that is no such store.
Result<StoreName> store_name(std::string_view text);

// `text` as it may be shown: a password in it is not.
std::string shown_store(std::string_view text);

}  // namespace pvsplan::base
