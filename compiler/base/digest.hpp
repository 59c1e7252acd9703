// SHA-256 (Nettle: OpenSSL costs each start 1 ms and 3 MB) as text: the lower-case hex that plans and journals carry.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::base {

// 64 hex digits.
std::string sha256_hex(std::string_view bytes);
// As browsers name what a page allows: "sha256-…", in base64.
std::string sha256_source(std::string_view bytes);

}  // namespace pvsplan::base
