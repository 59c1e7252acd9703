#include "grammar/transports.hpp"

#include <algorithm>
#include <charconv>

namespace pvsplan::grammar {
namespace {

using KeyForm = ConnectKey::Form;

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Transport> table() {
    const ConnectKey address{"address", KeyForm::host,
                             "The host; else the attribute `address`, else the object's name."};
    const ConnectKey jobs{"jobs", KeyForm::text, "The folder on the host in which jobs are kept."};
    const ConnectKey via{"via", KeyForm::host,
                         "The site from within which alone the host can be reached: a worker there (`pvsplan work`) "
                         "does what is to be done."};
    const ConnectKey site_key{"site_key", KeyForm::secret, "The key that is shared with the workers of the site."};
    const KeyRule via_key{
        .given = "via", .one_of = {"site_key"}, .why = "its workers do nothing that is not sealed with it"};
    const KeyRule key_via{.given = "site_key", .one_of = {"via"}, .why = "it is the key of a site"};
    const ConnectKey password{"password", KeyForm::secret, "The password."};
    return {
        {.name = "simulated",
         .doc = "Nothing is done to a real host: the object behaves as its module says.",
         .bodies = {"powershell", "command", "sql", "manual", "wait"}},
        {.name = "local",
         .doc = "A process on this machine.",
         .bodies = {"powershell", "command", "manual", "wait"},
         .keys = {{"jobs", KeyForm::text, "The folder on this machine in which jobs are kept."}, via, site_key},
         .rules = {via_key, key_via}},
        {.name = "ssh",
         .doc = "The OpenSSH client, with its own configuration, agent and known hosts.",
         .bodies = {"powershell", "command", "manual", "wait"},
         .keys = {address,
                  {"user", KeyForm::text, "Who logs in."},
                  {"port", KeyForm::port, "The port, unless the configuration of ssh says another."},
                  {"identity", KeyForm::file, "The private key."},
                  {"config", KeyForm::file, "A configuration of ssh, as for `ssh -F`."},
                  {"known_hosts", KeyForm::file, "The file of known hosts."},
                  {"jump", KeyForm::text, "The host to go through, as for `ssh -J`."},
                  jobs,
                  {"system", KeyForm::choice, "What the host is; `posix` if left out.", {"posix", "windows"}},
                  via,
                  site_key},
         .rules = {via_key, key_via}},
        {.name = "winrm",
         .doc = "WS-Management over HTTPS; the certificate of the host is verified.",
         .bodies = {"powershell", "command", "manual", "wait"},
         .keys = {address,
                  {"user", KeyForm::text, "Who logs in: `DOMAIN\\user`."},
                  password,
                  {"port", KeyForm::port, "The port, 5986 if left out."},
                  {"login",
                   KeyForm::choice,
                   "How to log in; `certificate` where one is given, else `ntlm`. `negotiate` takes the ticket of "
                   "whoever runs pvsplan.",
                   {"basic", "ntlm", "negotiate", "certificate"}},
                  {"certificate", KeyForm::file, "The certificate to log in with."},
                  {"key", KeyForm::file, "The key of the certificate, where it is in a file of its own."},
                  {"ca", KeyForm::file, "The authority that signed the certificate of the host."},
                  {"verify", KeyForm::flag, "Whether the certificate of the host is verified; `true` if left out."},
                  jobs,
                  via,
                  site_key},
         .rules = {via_key,
                   key_via,
                   {.one_of = {"password", "certificate", "login=negotiate"}, .why = "it says how to log in"},
                   {.given = "password", .one_of = {"user"}, .why = "it says whose password this is"},
                   {.given = "login=basic",
                    .one_of = {"password"},
                    .without = {"certificate"},
                    .why = "`basic` logs in with a password"},
                   {.given = "login=ntlm",
                    .one_of = {"password"},
                    .without = {"certificate"},
                    .why = "`ntlm` logs in with a password"},
                   {.given = "login=negotiate",
                    .without = {"password", "certificate"},
                    .why = "`negotiate` logs in with the ticket of whoever runs pvsplan"},
                   {.given = "login=certificate",
                    .one_of = {"certificate"},
                    .without = {"password"},
                    .why = "`certificate` logs in with a certificate"},
                   {.given = "key", .one_of = {"certificate"}, .why = "a key belongs to a certificate"},
                   {.given = "certificate", .without = {"password"}, .why = "either of them logs in, not both"},
                   {.given = "verify=false",
                    .without = {"ca"},
                    .why = "without verification nobody asks the authority"}}},
        {.name = "odbc",
         .doc = "A database through its ODBC driver: batches of `sql`.",
         .bodies = {"sql", "manual", "wait"},
         .keys = {{"driver", KeyForm::text, "The driver, as odbcinst.ini calls it, or its file."},
                  {"dsn", KeyForm::text, "A data source of odbc.ini, in place of `driver`."},
                  {"server", KeyForm::text,
                   "The server; else `address`, else the attributes `instance` and `address`."},
                  {"address", KeyForm::text, "The server, where `server` does not say it."},
                  {"port", KeyForm::port, "The port."},
                  {"database", KeyForm::text, "The database."},
                  {"user", KeyForm::text, "Who logs in."},
                  password,
                  {"encrypt",
                   KeyForm::choice,
                   "Whether the connection is encrypted, as the driver of SQL Server calls it.",
                   {"yes", "no", "mandatory", "optional", "strict"}},
                  {"trust_server_certificate",
                   KeyForm::choice,
                   "Whether any certificate of the server will do.",
                   {"yes", "no"}},
                  {"trusted_connection", KeyForm::choice, "Whether to log in as whoever runs pvsplan.", {"yes", "no"}},
                  {"options", KeyForm::options, "More for the driver: `Key=value;Key=value`."},
                  via,
                  site_key},
         .rules = {via_key,
                   key_via,
                   {.one_of = {"driver", "dsn"}, .why = "it says which driver connects"},
                   {.given = "dsn", .without = {"driver"}, .why = "a data source names its driver itself"},
                   {.given = "password", .one_of = {"user", "dsn"}, .why = "it says whose password this is"},
                   {.given = "trusted_connection=yes",
                    .without = {"user", "password"},
                    .why = "a trusted connection logs in as whoever runs pvsplan"}}},
        {.name = "manual",
         .doc = "A person does every step and says so.",
         .bodies = {"powershell", "command", "sql", "manual", "wait"}},
    };
}

}  // namespace

const ConnectKey* Transport::key(std::string_view wanted) const {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const ConnectKey& k) { return k.name == wanted; });
    return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string> Transport::key_names() const {
    std::vector<std::string> names = {"over"};
    for (const ConnectKey& one : keys) names.emplace_back(one.name);
    return names;
}

bool Transport::runs(std::string_view body) const {
    return std::find(bodies.begin(), bodies.end(), body) != bodies.end();
}

std::span<const Transport> transports() {
    static const std::vector<Transport> all = table();
    return all;
}

const Transport* transport(std::string_view name) {
    for (const Transport& one : transports())
        if (one.name == name) return &one;
    return nullptr;
}

std::vector<std::string> transport_names() {
    std::vector<std::string> names;
    for (const Transport& one : transports()) names.emplace_back(one.name);
    return names;
}

// Neither an option of a program nor a part of a URL or of a line of a shell: none of the signs that mean something
// there, and no `-` first.
bool is_host(std::string_view text) {
    const auto is_odd = [](unsigned char c) {
        return c <= 0x20 || c == 0x7f ||
               std::string_view("/?#@\\\"'`$;&|<>").find(static_cast<char>(c)) != std::string_view::npos;
    };
    const bool has_wide_blank = text.find("\xC2\xA0") != std::string_view::npos;
    return !text.empty() && text.front() != '-' && !has_wide_blank && std::none_of(text.begin(), text.end(), is_odd);
}

// A file is only a text here: whether it exists is a question for the machine that connects.
bool fits(const ConnectKey& key, std::string_view text) {
    switch (key.form) {
        case KeyForm::text:
        case KeyForm::file: return !text.empty();
        case KeyForm::host: return is_host(text);
        case KeyForm::port: {
            unsigned number = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            return error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= 65535;
        }
        case KeyForm::flag: return text == "true" || text == "false";
        case KeyForm::choice: return std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end();
        case KeyForm::options: return text.find('=') != std::string_view::npos;
        case KeyForm::secret: return false;
    }
    return false;
}

std::string words_for(const ConnectKey& key) {
    switch (key.form) {
        case KeyForm::text: return "a text";
        case KeyForm::host: return "the name or address of a host";
        case KeyForm::file: return "the path of a file";
        case KeyForm::port: return "a port, 1 to 65535";
        case KeyForm::flag: return "`true` or `false`";
        case KeyForm::options: return "options of the driver, `Key=value;Key=value`";
        case KeyForm::secret: return "a secret, `${secret.NAME}`";
        case KeyForm::choice: break;
    }
    std::string words = "one of";
    for (const std::string_view choice : key.choices)
        words += (choice == key.choices.front() ? " `" : ", `") + std::string(choice) + "`";
    return words;
}

bool is_secret_key(std::string_view name) {
    return std::any_of(transports().begin(), transports().end(), [&](const Transport& one) {
        const ConnectKey* key = one.key(name);
        return key != nullptr && key->form == KeyForm::secret;
    });
}

}  // namespace pvsplan::grammar
