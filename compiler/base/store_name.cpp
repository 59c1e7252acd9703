#include "compiler/base/store_name.hpp"

namespace pvsplan::base {

namespace {

// "postgresql" of "postgresql://…"; nothing of "C:state.db" and the like.
std::string_view scheme_of(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon < 2) return "";
    for (const char c : text.substr(0, colon))
        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '+' && c != '-') return "";
    const bool is_url = text.substr(colon).starts_with("://");
    return is_url || text.substr(0, colon) == "sqlite" || text.substr(0, colon) == "file" ? text.substr(0, colon) : "";
}

}  // namespace

Result<std::string> store_file(std::string_view text) {
    std::string_view path = text;
    if (const std::string_view scheme = scheme_of(text); !scheme.empty()) {
        if (scheme != "sqlite")
            return Error{"a store is one SQLite file (`sqlite:PATH`, or its path alone); `" + std::string(scheme) +
                         ":` is nothing that this version knows"};
        path.remove_prefix(scheme.size() + 1);
        if (path.starts_with("///")) path.remove_prefix(2);
        if (path.starts_with("//")) return Error{"`" + std::string(text) + "` names a host; a store is a file here"};
    }
    if (path.empty()) return Error{"it names no file"};
    if (path.find('\0') != std::string_view::npos) return Error{"the name of a file has no NUL in it"};
    if (path.ends_with('/')) return Error{"`" + std::string(path) + "` is a folder; a store is a file in it"};
    return std::string(path);
}

}  // namespace pvsplan::base
