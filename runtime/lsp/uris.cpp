#include "runtime/lsp/uris.hpp"

#include <cstdint>
#include <filesystem>

#include "compiler/base/lower_case.hpp"

namespace pvsplan::lsp {
namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// What is no escape stays as it is: editors differ in what they escape.
std::string decoded(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_escape =
            text[at] == '%' && at + 2 < text.size() && digit_of(text[at + 1]) >= 0 && digit_of(text[at + 2]) >= 0;
        result += is_escape ? static_cast<char>(digit_of(text[at + 1]) * 16 + digit_of(text[at + 2])) : text[at];
        if (is_escape) at += 2;
    }
    return result;
}

}  // namespace

// A host other than this one, or a NUL in the path, names nothing that could be opened here.
std::optional<std::string> path_of(std::string_view uri) {
    if (uri.size() < 7 || base::lower_case(uri.substr(0, 7)) != "file://") return std::nullopt;
    uri.remove_prefix(7);
    const std::size_t slash = uri.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string host = base::lower_case(uri.substr(0, slash));
    if (!host.empty() && host != "localhost") return std::nullopt;
    const std::string path = decoded(uri.substr(slash, uri.find_first_of("?#") - slash));
    if (path.find('\0') != std::string::npos) return std::nullopt;
    return std::filesystem::path(path).lexically_normal().generic_string();
}

// All but the unreserved characters of RFC 3986 and the slash are escaped, byte by byte.
std::string uri_of(std::string_view absolute_path) {
    static constexpr std::string_view as_they_are = "-._~/";
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string uri = "file://";
    for (const char c : absolute_path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_word || as_they_are.find(c) != std::string_view::npos) {
            uri += c;
        } else {
            uri += '%';
            uri += digits[byte >> 4U];
            uri += digits[byte & 15U];
        }
    }
    return uri;
}

}  // namespace pvsplan::lsp
