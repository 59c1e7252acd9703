// What an object's `connect` says, and what each transport takes there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "runtime/ports/transport.hpp"

namespace pvsplan::transport {

// As it stands in `connect`: a string, number, version or enumerator; nothing if it is not given.
std::optional<std::string> connect_text(const ports::Job& job, const std::string& key);
// connect.address, the attribute `address`, or the name.
std::string address_of(const program::Object& host);

// That `connect` has no key but those of the table of transports (grammar/transports.hpp), each with a value of its
// form. A plan that compiled has none; a compiled plan may come from anywhere.
base::Status check_connect(const ports::Job& job, std::string_view over);

}  // namespace pvsplan::transport
