#include "runtime/engine/redact.hpp"

#include <algorithm>

namespace pvsplan::engine {

namespace {

constexpr std::size_t telling_length = 4;  // a shorter line of a longer secret is no secret
constexpr const char* mask = "*****";

}  // namespace

void Redactor::add(const std::string& secret) {
    if (secret.empty()) return;
    std::vector<std::string> parts{secret};
    for (std::size_t at = 0; at < secret.size();) {
        const auto end = std::min(secret.find_first_of("\r\n", at), secret.size());
        if (end - at >= telling_length) parts.push_back(secret.substr(at, end - at));
        at = end + 1;
    }
    for (auto& part : parts)
        if (std::find(secrets_.begin(), secrets_.end(), part) == secrets_.end()) secrets_.push_back(std::move(part));
    std::sort(secrets_.begin(), secrets_.end(),
              [](const auto& a, const auto& b) { return std::pair(b.size(), a) < std::pair(a.size(), b); });
}

std::string Redactor::clean(std::string text) const {
    for (const auto& secret : secrets_)
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 1))
            text.replace(at, secret.size(), mask);
    return text;
}

}  // namespace pvsplan::engine
