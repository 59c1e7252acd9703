// SHA-256 (Nettle: OpenSSL costs each start 1 ms and 3 MB) as text: the lower-case hex that plans and journals carry.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::base {

// 64 hex digits.
std::string sha256_hex(std::string_view bytes);
// The seal of whoever has `key` on `bytes` (HMAC-SHA-256, RFC 2104), as 64 hex digits; and whether it is that, in a
// time that tells nothing of where it differs.
std::string sealed_hex(std::string_view key, std::string_view bytes);
bool is_sealed(std::string_view key, std::string_view bytes, std::string_view seal);
// As browsers name what a page allows: "sha256-…", in base64.
std::string sha256_source(std::string_view bytes);

}  // namespace pvsplan::base
