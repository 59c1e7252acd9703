// A SQL script as it is sent: batches split at GO, and places where values are bound. No value ever becomes text of
// SQL.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"

namespace pvsplan::transport {

struct SqlBatch {
    std::string text;                 // with `?` in the place of each value
    std::vector<std::string> values;  // what is bound to them, in order: "With.version", "On.address", "Secret.login"
    std::uint32_t times = 1;          // `GO 5` runs it five times
    std::uint32_t line = 1;           // where it begins in the script
};

// Literals ('…', "…", […], $tag$…$tag$, E'…'), and comments (--, and nested /* */) are left as they are. A line that
// says GO and nothing else ends a batch; batches of blanks and comments alone are dropped.
// `:With.name`, `:On.name`, `:Before.name` and `:Secret.name` (further `.name` for members of an object) are values.
// Fails on a `?` outside of literals, which a driver would take for a value, and on a literal or comment without end.
base::Result<std::vector<SqlBatch>> split_sql(std::string_view script);

// A value to bind.
struct SqlValue {
    enum class Type : std::uint8_t { null, text, integer, boolean };
    Type type = Type::null;
    std::string text;
    std::int64_t number = 0;
};
// Looks `names` up in `data` (Job::data) and `secrets`. Lists and objects are bound as JSON.
base::Result<std::vector<SqlValue>> sql_values(const std::vector<std::string>& names, std::string_view data,
                                               const std::map<std::string, std::string>& secrets);

}  // namespace pvsplan::transport
