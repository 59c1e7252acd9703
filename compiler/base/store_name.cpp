#include "compiler/base/store_name.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

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

// `sqlite:///srv/state.db` is an absolute path behind a host that is empty; any other host is refused.
Result<StoreName> file_of(std::string_view text, std::string_view scheme) {
    std::string_view path = text;
    if (!scheme.empty()) {
        path.remove_prefix(scheme.size() + 1);
        if (path.starts_with("///")) path.remove_prefix(2);
        if (path.starts_with("//")) return Error{"`" + std::string(text) + "` names a host; a store is a file here"};
    }
    if (path.empty()) return Error{"it names no file"};
    if (path.find('\0') != std::string_view::npos) return Error{"the name of a file has no NUL in it"};
    if (path.ends_with('/')) return Error{"`" + std::string(path) + "` is a folder; a store is a file in it"};
    return StoreName{.text = std::string(path)};
}

// The number of `name=NUMBER`, from `least` to `most`.
Result<std::uint32_t> count_of(std::string_view parameter, std::uint32_t least, std::uint32_t most) {
    const std::size_t equals = parameter.find('=');
    const std::string_view digits = parameter.substr(equals + 1);
    std::uint32_t count = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (read.ec == std::errc() && read.ptr == digits.data() + digits.size() && count >= least && count <= most)
        return count;
    return Error{"`" + std::string(parameter) + "`: " + std::string(parameter.substr(0, equals)) +
                 " is a number from " + std::to_string(least) + " to " + std::to_string(most)};
}

// Who and where: "user@host1:5432,host2/database".
Status check_server(std::string_view rest) {
    const std::size_t slash = rest.find('/');
    const std::string_view authority = rest.substr(0, slash);
    const std::size_t at = authority.rfind('@');
    const std::string_view hosts = authority.substr(at == std::string_view::npos ? 0 : at + 1);
    if (at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos)
        return Error{
            "it holds a password, which everybody would read: put that into `~/.pgpass` (mode 0600) of whoever "
            "runs pvsplan, and leave it out here"};
    if (hosts.empty())
        return Error{
            "it names no host: `postgresql://HOST/DATABASE`; several, of which one takes writes, are separated "
            "by commas"};
    if (slash == std::string_view::npos || slash + 1 == rest.size())
        return Error{"it names no database: `postgresql://HOST/DATABASE`"};
    return Done{};
}

// Our own parameters are taken out of the URL: the client of the database refuses those that it does not know.
Result<StoreName> server_of(std::string_view text, std::string_view scheme) {
    if (text.find('\0') != std::string_view::npos) return Error{"a URL has no NUL in it"};
    const std::size_t question = text.find('?');
    const std::string_view before = text.substr(0, question);
    if (Status fine = check_server(before.substr(scheme.size() + 3)); !fine) return std::move(fine).error();
    StoreName name{.type = StoreName::Type::server, .text = std::string(before)};
    std::string_view rest = question == std::string_view::npos ? "" : text.substr(question + 1);
    char separator = '?';
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string_view parameter = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (parameter.starts_with("password="))
            return Error{"it holds a password, which everybody would read: put that into `~/.pgpass` (mode 0600)"};
        std::uint32_t* const ours = parameter.starts_with("copies=") ? &name.copies
                                    : parameter.starts_with("ttl=")  ? &name.ttl_s
                                                                     : nullptr;
        if (ours == nullptr) {
            if (!parameter.empty()) name.text += std::exchange(separator, '&') + std::string(parameter);
            continue;
        }
        const Result<std::uint32_t> count =
            ours == &name.copies ? count_of(parameter, 1, 9) : count_of(parameter, 2, 3600);
        if (!count) return count.error();
        *ours = *count;
    }
    return name;
}

}  // namespace

// A name that is refused is shown as well, so that a password is struck out wherever it stands.
std::string shown_store(std::string_view text) {
    std::string shown(text);
    const std::size_t begin = shown.find("://");
    const std::size_t at = shown.rfind('@');
    const std::size_t colon = begin == std::string::npos ? begin : shown.find(':', begin + 3);
    if (at != std::string::npos && colon != std::string::npos && colon < at)
        shown.replace(colon + 1, at - colon - 1, "…");
    const std::size_t key = shown.find("password=");
    if (key != std::string::npos) shown.replace(key + 9, std::min(shown.find('&', key), shown.size()) - key - 9, "…");
    return shown;
}

Result<StoreName> store_name(std::string_view text) {
    const std::string_view scheme = scheme_of(text);
    if (scheme == "postgresql" || scheme == "postgres") return server_of(text, scheme);
    if (scheme.empty() || scheme == "sqlite") return file_of(text, scheme);
    return Error{
        "a store is an SQLite file (`sqlite:PATH`, or its path alone) or a PostgreSQL database "
        "(`postgresql://HOST/DATABASE`); `" +
        std::string(scheme) + ":` is nothing that this version knows"};
}

}  // namespace pvsplan::base
