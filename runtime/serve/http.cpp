#include "runtime/serve/http.hpp"

#include <charconv>

namespace pvsplan::serve {

namespace {

// "a+b%2Fc" is "a b/c". Nothing where an escape is cut off or is none: what was meant nobody can tell.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        unsigned value = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || end.ptr != digits.data() + 2) return std::nullopt;
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

}  // namespace

std::optional<std::string> header(const Request& request, std::string_view name) {
    std::optional<std::string> found;
    for (const auto& [key, value] : request.headers) {
        if (key != name) continue;
        if (found) return std::nullopt;
        found = value;
    }
    return found;
}

// Twice the same field counts as none: two readers of one form could take different ones.
std::optional<std::string> field(std::string_view form, std::string_view name) {
    std::optional<std::string> found;
    while (!form.empty()) {
        const std::string_view one = form.substr(0, form.find('&'));
        form.remove_prefix(one.size() == form.size() ? one.size() : one.size() + 1);
        const std::size_t equals = one.find('=');
        if (one.substr(0, equals) != name) continue;
        if (found) return std::nullopt;
        found = decoded(equals == std::string_view::npos ? "" : one.substr(equals + 1));
        if (!found) return std::nullopt;
    }
    return found;
}

}  // namespace pvsplan::serve
