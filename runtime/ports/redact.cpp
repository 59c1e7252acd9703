#include "runtime/ports/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include "compiler/program/json_text.hpp"

namespace pvsplan::ports {

namespace {

constexpr std::string_view mask = "***";
constexpr std::size_t least_disguised = 4;

std::string json_inside(std::string_view text) {
    std::string quoted;
    program::write_json_string(quoted, text);
    return quoted.substr(1, quoted.size() - 2);
}

std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view hex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
            result += c;
        } else {
            result += '%';
            result += hex[byte >> 4U];
            result += hex[byte & 15U];
        }
    }
    return result;
}

// The digits of base64 that depend on `text` alone when `before` bytes stand before it in its group of three.
std::string base64_inside(std::string_view text, std::size_t before) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto bit = [&](std::size_t at) {
        const auto byte = static_cast<unsigned char>(text[at / 8]);
        return byte >> (7U - at % 8U) & 1U;
    };
    std::string result;
    // A digit holds bits [6k, 6k+6) of the stream, in which the text begins at bit 8*before.
    const std::size_t skip = before * 8;
    for (std::size_t from = (skip + 5) / 6 * 6; from + 6 <= skip + text.size() * 8; from += 6) {
        unsigned digit = 0;
        for (std::size_t k = 0; k < 6; ++k) digit = digit << 1U | bit(from + k - skip);
        result += digits[digit];
    }
    return result;
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets) {
        if (secret.empty()) continue;
        secrets_.push_back(secret);
        if (secret.size() < least_disguised) continue;
        secrets_.push_back(json_inside(secret));
        secrets_.push_back(percent_encoded(secret));
        for (std::size_t before = 0; before < 3; ++before) {
            if (auto inside = base64_inside(secret, before); inside.size() >= least_disguised) {
                secrets_.push_back(std::move(inside));
            }
        }
    }
    std::sort(secrets_.begin(), secrets_.end(), [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    secrets_.erase(std::unique(secrets_.begin(), secrets_.end()), secrets_.end());
}

std::size_t Redactor::length_at(std::string_view text, std::size_t from) const {
    for (const auto& secret : secrets_) {
        if (text.substr(from).starts_with(secret)) return secret.size();
    }
    return 0;
}

bool Redactor::may_begin_at(std::string_view text, std::size_t from) const {
    const auto rest = text.substr(from);
    return std::any_of(secrets_.begin(), secrets_.end(), [&](const std::string& secret) {
        return rest.size() < secret.size() && std::string_view(secret).starts_with(rest);
    });
}

std::string Redactor::feed(std::string_view piece) {
    held_ += piece;
    std::string result;
    std::size_t at = 0;
    while (at < held_.size()) {
        // A longer secret may still come: then what is here already must not be decided.
        const std::size_t longest = secrets_.empty() ? 0 : secrets_.front().size();
        if (held_.size() - at < longest && may_begin_at(held_, at)) break;
        if (const auto length = length_at(held_, at); length > 0) {
            result += mask;
            at += length;
        } else {
            result += held_[at++];
        }
    }
    held_.erase(0, at);
    return result;
}

std::string Redactor::finish() {
    auto result = redact(held_);
    held_.clear();
    return result;
}

std::string Redactor::redact(std::string_view text) const {
    std::string result;
    std::size_t at = 0;
    std::array<bool, 256> begins{};
    for (const auto& secret : secrets_) begins[static_cast<unsigned char>(secret.front())] = true;
    while (at < text.size()) {
        const auto length = begins[static_cast<unsigned char>(text[at])] ? length_at(text, at) : 0;
        if (length > 0) {
            result += mask;
            at += length;
        } else {
            result += text[at++];
        }
    }
    return result;
}

}  // namespace pvsplan::ports
