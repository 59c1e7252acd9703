#include "compiler/base/digest.hpp"

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
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

// In small letters: digests are compared as texts.
std::string hex_of(const std::array<std::uint8_t, SHA256_DIGEST_SIZE>& digest) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(2 * digest.size());
    for (const std::uint8_t byte : digest) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 15U];
    }
    return hex;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) { return hex_of(sha256(bytes)); }

// HMAC, not a hash of the key and the bytes: from that a longer text could be sealed without the key.
std::string sealed_hex(std::string_view key, std::string_view bytes) {
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
    hmac_sha256_ctx state;
    hmac_sha256_set_key(&state, key.size(), reinterpret_cast<const std::uint8_t*>(key.data()));
    hmac_sha256_update(&state, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
    hmac_sha256_digest(&state, digest.size(), digest.data());
    return hex_of(digest);
}

bool is_sealed(std::string_view key, std::string_view bytes, std::string_view seal) {
    const std::string right = sealed_hex(key, bytes);
    return seal.size() == right.size() && memeql_sec(seal.data(), right.data(), right.size()) != 0;
}

// As a Content-Security-Policy names a script.
std::string sha256_source(std::string_view bytes) {
    const auto digest = sha256(bytes);
    std::array<char, BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE)> text{};
    base64_encode_raw(text.data(), digest.size(), digest.data());
    return "sha256-" + std::string(text.data(), text.size());
}

}  // namespace pvsplan::base
