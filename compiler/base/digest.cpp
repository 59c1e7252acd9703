#include "compiler/base/digest.hpp"

#include <nettle/base64.h>
#include <nettle/sha2.h>

#include <array>

namespace pvsplan::base {

namespace {

std::array<std::uint8_t, SHA256_DIGEST_SIZE> sha256(std::string_view bytes) {
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
    sha256_ctx state;
    sha256_init(&state);
    sha256_update(&state, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
    sha256_digest(&state, digest.size(), digest.data());
    return digest;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    const auto digest = sha256(bytes);
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(2 * digest.size());
    for (const std::uint8_t byte : digest) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 15U];
    }
    return hex;
}

std::string sha256_source(std::string_view bytes) {
    const auto digest = sha256(bytes);
    std::array<char, BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE)> text{};
    base64_encode_raw(text.data(), digest.size(), digest.data());
    return "sha256-" + std::string(text.data(), text.size());
}

}  // namespace pvsplan::base
