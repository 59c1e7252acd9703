#include "compiler/base/store_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "compiler/base/lists.hpp"
#include "compiler/base/lower_case.hpp"
#include "compiler/base/near.hpp"

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

// The number of `name=NUMBER`, from `min` to `max`.
Result<std::uint32_t> count_of(std::string_view parameter, std::uint32_t min, std::uint32_t max) {
    const std::size_t equals = parameter.find('=');
    const std::string_view digits = parameter.substr(equals + 1);
    std::uint32_t count = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (read.ec == std::errc() && read.ptr == digits.data() + digits.size() && count >= min && count <= max)
        return count;
    return Error{"`" + std::string(parameter) + "`: " + std::string(parameter.substr(0, equals)) +
                 " is a number from " + std::to_string(min) + " to " + std::to_string(max)};
}

constexpr const char* no_password =
    "it holds a password, which everybody would read: put that into `~/.pgpass` (mode 0600) of whoever runs pvsplan, "
    "and leave it out here";
constexpr const char* how_to_write =
    "in a name, `@` is written %40, `/` %2F, `:` %3A, `?` %3F, `#` %23, `%` %25, and a blank %20";

// What a URL may say: to us, and to the client of the database (libpq). Not here: passwords, and what we say to it.
constexpr std::array<std::string_view, 38> known_keys = {"application_name",
                                                         "channel_binding",
                                                         "connect_timeout",
                                                         "copies",
                                                         "fallback_application_name",
                                                         "gssdelegation",
                                                         "gssencmode",
                                                         "gsslib",
                                                         "host",
                                                         "hostaddr",
                                                         "keepalives",
                                                         "keepalives_count",
                                                         "keepalives_idle",
                                                         "keepalives_interval",
                                                         "krbsrvname",
                                                         "max_protocol_version",
                                                         "min_protocol_version",
                                                         "options",
                                                         "passfile",
                                                         "port",
                                                         "require_auth",
                                                         "requirepeer",
                                                         "scram_client_key",
                                                         "scram_server_key",
                                                         "ssl_max_protocol_version",
                                                         "ssl_min_protocol_version",
                                                         "sslcert",
                                                         "sslcertmode",
                                                         "sslcrl",
                                                         "sslcrldir",
                                                         "sslkey",
                                                         "sslmode",
                                                         "sslnegotiation",
                                                         "sslrootcert",
                                                         "sslsni",
                                                         "tcp_user_timeout",
                                                         "ttl",
                                                         "user"};
constexpr std::array<std::string_view, 6> ssl_modes = {"disable", "allow",     "prefer",
                                                       "require", "verify-ca", "verify-full"};

template <typename Texts>
bool has(const Texts& texts, std::string_view text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// The whole text, without a sign.
bool is_number(std::string_view text, std::uint32_t min, std::uint32_t max) {
    std::uint32_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() && number >= min && number <= max;
}

// The rest of a URL after "postgresql://".
struct Url {
    std::string_view user;
    std::string_view hosts;
    std::string_view database;
    std::string_view parameters;
};

// Signs that have a meaning in every URL, or none in any.
Status check_signs(std::string_view rest) {
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const auto is_hex = [&](std::size_t at) {
            return at < rest.size() && std::isxdigit(static_cast<unsigned char>(rest[at])) != 0;
        };
        if (rest[i] == '%' && (!is_hex(i + 1) || !is_hex(i + 2) || rest.substr(i + 1, 2) == "00"))
            return Error{"`%` is followed by the number of a sign, as two digits from 0 to F", {how_to_write}};
        if (rest[i] == '#' || rest[i] == 0x7f || static_cast<unsigned char>(rest[i]) <= ' ')
            return Error{"it has a sign in it that no URL has", {how_to_write}};
    }
    return Done{};
}

// An `@` elsewhere than after the user: somebody has written a name or a password as it is, of which each client reads
// something else.
Result<Url> parts_of(std::string_view rest) {
    Url url;
    const std::size_t question = std::min(rest.find('?'), rest.size());
    url.parameters = rest.substr(std::min(question + 1, rest.size()));
    const std::string_view before = rest.substr(0, question);
    const std::size_t slash = std::min(before.find('/'), before.size());
    url.database = before.substr(std::min(slash + 1, before.size()));
    const std::size_t at = before.substr(0, slash).find('@');
    url.hosts =
        before.substr(at == std::string_view::npos ? 0 : at + 1, at == std::string_view::npos ? slash : slash - at - 1);
    if (at != std::string_view::npos) url.user = before.substr(0, at);
    if (url.user.find(':') != std::string_view::npos) return Error{no_password};
    if (std::count(rest.begin(), rest.end(), '@') > (at == std::string_view::npos ? 0 : 1))
        return Error{
            "an `@` stands elsewhere than between a user and a host; a password belongs into `~/.pgpass` (mode 0600)",
            {how_to_write}};
    return url;
}

// "db1", "db1:5433", "[::1]:5433", "%2Frun%2Fpostgresql". A port that is none may be a password, and is not shown.
Status check_host(std::string_view host) {
    const bool has_brackets = host.starts_with('[') && host.find(']') != std::string_view::npos;
    const std::size_t end = has_brackets ? host.find(']') + 1 : std::min(host.find(':'), host.size());
    const std::string_view name = host.substr(0, end);
    std::string_view port = host.substr(end);
    if (!has_brackets && std::count(host.begin(), host.end(), ':') > 1)
        return Error{"an IPv6 address stands in brackets: `postgresql://[::1]:5432/DATABASE`"};
    if (name.empty() || name == "[]") return Error{"a host has no name"};
    if (name.substr(has_brackets ? name.size() : 0).find_first_of("[]") != std::string_view::npos)
        return Error{"brackets stand around an IPv6 address alone: `postgresql://[::1]:5432/DATABASE`"};
    if (port.empty()) return Done{};
    const bool is_port = port.starts_with(':') && is_number(port.substr(1), 1, 65'535);
    if (!is_port) return Error{"what follows the host `" + std::string(name) + "` is no port, from 1 to 65535"};
    return Done{};
}

// One by one, each with its port.
Status check_hosts(std::string_view hosts, const std::set<std::string>& said) {
    if (hosts.empty()) {
        if (said.contains("host") || said.contains("hostaddr")) return Done{};
        return Error{
            "it names no host: `postgresql://HOST/DATABASE`; several, of which one takes writes, are separated by "
            "commas; a socket of this machine: `postgresql:///DATABASE?host=/run/postgresql`"};
    }
    for (std::size_t from = 0; from <= hosts.size();) {
        const std::size_t comma = std::min(hosts.find(',', from), hosts.size());
        if (Status fine = check_host(hosts.substr(from, comma - from)); !fine) return fine;
        from = comma + 1;
    }
    return Done{};
}

// What the URL says before its parameters, under the keys by which those could say it once more.
std::set<std::string> said_before(const Url& url) {
    std::set<std::string> said;
    if (!url.user.empty()) said.insert("user");
    if (!url.hosts.empty()) said.insert("host");
    if (url.hosts.rfind(':') != std::string_view::npos && !url.hosts.ends_with(']')) said.insert("port");
    return said;
}

// One parameter, which each client of the database is to read alike. Values of unknown keys are not shown.
Status check_parameter(std::string_view parameter, std::set<std::string>& said) {
    const std::size_t equals = parameter.find('=');
    const std::string key(parameter.substr(0, equals));
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == parameter.size())
        return Error{"after `?` stand parameters, `KEY=VALUE`, with `&` between them"};
    if (base::lower_case(key).find("password") != std::string::npos) return Error{no_password};
    const std::string_view value = parameter.substr(equals + 1);
    if (!has(known_keys, key)) {
        const std::vector<std::string> known(known_keys.begin(), known_keys.end());
        const std::optional<std::string> near = nearest(key, known);
        return Error{"`" + key + "` is no parameter of a store" + (near ? "; did you mean `" + *near + "`?" : "")};
    }
    if (key == "sslmode" && !has(ssl_modes, value)) return Error{"`sslmode` is one of " + quoted(ssl_modes)};
    if (!said.insert(key).second) return Error{"it says `" + key + "` twice"};
    return Done{};
}

// Our own parameters are taken out of the URL: the client of the database refuses those that it does not know.
Result<StoreName> server_of(std::string_view text) {
    const std::size_t begin = text.find("://") + 3;
    if (Status fine = check_signs(text.substr(begin)); !fine) return std::move(fine).error();
    const Result<Url> url = parts_of(text.substr(begin));
    if (!url) return url.error();
    StoreName name{.type = StoreName::Type::server, .text = std::string(text.substr(0, text.find('?')))};
    std::set<std::string> said = said_before(*url);
    char separator = '?';
    for (std::string_view rest = url->parameters; !rest.empty();) {
        const std::size_t end = rest.find('&');
        const std::string_view parameter = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (Status fine = check_parameter(parameter, said); !fine) return std::move(fine).error();
        std::uint32_t* const ours = parameter.starts_with("copies=") ? &name.copies
                                    : parameter.starts_with("ttl=")  ? &name.ttl_s
                                                                     : nullptr;
        if (ours == nullptr) {
            name.text += std::exchange(separator, '&') + std::string(parameter);
            continue;
        }
        const Result<std::uint32_t> count =
            ours == &name.copies ? count_of(parameter, 1, 9) : count_of(parameter, 2, 3600);
        if (!count) return count.error();
        *ours = *count;
    }
    if (Status fine = check_hosts(url->hosts, said); !fine) return std::move(fine).error();
    if (url->database.empty()) return Error{"it names no database: `postgresql://HOST/DATABASE`"};
    if (url->database.find_first_of("/:[]") != std::string_view::npos)
        return Error{"the name of its database has a sign in it that parts a URL", {how_to_write}};
    return name;
}

// Where what may hold a password begins: after "postgresql://" and whatever was meant by it; npos: nowhere.
std::size_t begin_of_secrets(std::string_view text) {
    if (const std::size_t slashes = text.find("://"); slashes != std::string_view::npos) return slashes + 3;
    return text.starts_with("postgres") && text.find(':') != std::string_view::npos
               ? text.find_first_not_of('/', text.find(':') + 1)
               : std::string_view::npos;
}

}  // namespace

// A name that is refused is shown as well, so that whatever could be a password is struck out: what stands between a
// `:` and the last `@`, what stands for a port and is no number, and values of keys that are not known.
std::string shown_store(std::string_view text) {
    const std::size_t begin = begin_of_secrets(text);
    if (begin >= text.size()) return std::string(text);
    std::string shown(text.substr(0, begin));
    std::string_view rest = text.substr(begin);
    const std::size_t authority = std::min(rest.find_first_of("/?"), rest.size());
    const std::size_t at = rest.rfind('@');
    const bool has_at = at != std::string_view::npos;
    const std::size_t colon = rest.find(':');
    const bool is_password =
        has_at ? colon < at : colon < authority && !check_hosts(rest.substr(0, authority), {}).ok();
    if (is_password) {
        shown += std::string(rest.substr(0, colon + 1)) + "…";
        rest.remove_prefix(has_at ? at : authority);
    }
    const std::size_t question = std::min(rest.find('?'), rest.size());
    shown += rest.substr(0, question);
    for (rest.remove_prefix(question); !rest.empty();) {
        const std::size_t end = std::min(rest.find('&', 1), rest.size());
        const std::size_t equals = std::min(rest.find('='), end);
        const std::string_view key = rest.substr(1, equals - 1);
        const bool is_known = has(known_keys, key);
        shown += rest.substr(0, is_known ? end : std::min(equals + 1, end));
        if (!is_known && equals < end) shown += "…";
        rest.remove_prefix(end);
    }
    return shown;
}

// What looks like a URL and is none is refused: it would be taken for the name of a file.
Result<StoreName> store_name(std::string_view text) {
    const std::string_view scheme = scheme_of(text);
    if (scheme == "postgresql" || scheme == "postgres") return server_of(text);
    if (text.starts_with("postgresql:") || text.starts_with("postgres:"))
        return Error{"it is neither a file nor a URL: `postgresql://HOST/DATABASE`"};
    if (scheme.empty() || scheme == "sqlite") return file_of(text, scheme);
    return Error{
        "a store is an SQLite file (`sqlite:PATH`, or its path alone) or a PostgreSQL database "
        "(`postgresql://HOST/DATABASE`); `" +
        std::string(scheme) + ":` is nothing that this version knows"};
}

}  // namespace pvsplan::base
