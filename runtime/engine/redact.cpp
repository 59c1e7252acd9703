#include "runtime/engine/redact.hpp"

#include <algorithm>

namespace pvsplan::engine {

namespace {

constexpr std::size_t telling_length = 4;  // a shorter line of a longer secret is no secret

}  // namespace

// A secret of several lines, such as a key, is printed line by line, so each line is one by itself. The search is built
// anew only if something is new: secrets are read again with every job.
void RunRedactor::add(const std::string& secret) {
    if (secret.empty()) return;
    std::vector<std::string> parts{secret};
    for (std::size_t at = 0; at < secret.size();) {
        const auto end = std::min(secret.find_first_of("\r\n", at), secret.size());
        if (end - at >= telling_length) parts.push_back(secret.substr(at, end - at));
        at = end + 1;
    }
    const std::size_t before = secrets_.size();
    for (auto& part : parts)
        if (std::find(secrets_.begin(), secrets_.end(), part) == secrets_.end()) secrets_.push_back(std::move(part));
    if (secrets_.size() != before) redactor_ = ports::Redactor(secrets_);
}

std::string RunRedactor::clean(std::string text) const {
    return secrets_.empty() || text.empty() ? text : redactor_.redact(text);
}

std::string RunRedactor::clean_line(std::string line) const {
    return secrets_.empty() || line.empty() ? line : redactor_.redact_line(line);
}

}  // namespace pvsplan::engine
