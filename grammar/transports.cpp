#include "grammar/transports.hpp"

#include <algorithm>
#include <charconv>

namespace pvsplan::grammar {
namespace {

using Form = ConnectKey::Form;

std::vector<Transport> table() {
    const ConnectKey address{"address", Form::host, "The host; else the attribute `address`, else the object's name."};
    const ConnectKey jobs{"jobs", Form::text, "The folder on the host in which jobs are kept."};
    const ConnectKey password{"password", Form::secret, "The password."};
    return {
        {.name = "simulated",
         .doc = "Nothing is done to a real host: the object behaves as its module says.",
         .bodies = {"powershell", "command", "sql", "manual", "wait"}},
        {.name = "local",
         .doc = "A process on this machine.",
         .bodies = {"powershell", "command", "manual", "wait"},
         .keys = {{"jobs", Form::text, "The folder on this machine in which jobs are kept."}}},
        {.name = "ssh",
         .doc = "The OpenSSH client, with its own configuration, agent and known hosts.",
         .bodies = {"powershell", "command", "manual", "wait"},
         .keys = {address,
                  {"user", Form::text, "Who logs in."},
                  {"port", Form::port, "The port, unless the configuration of ssh says another."},
                  {"identity", Form::file, "The private key."},
                  {"config", Form::file, "A configuration of ssh, as for `ssh -F`."},
                  {"known_hosts", Form::file, "The file of known hosts."},
                  {"jump", Form::text, "The host to go through, as for `ssh -J`."},
                  jobs,
                  {"system", Form::choice, "What the host is; `posix` if left out.", {"posix", "windows"}}}},
        {.name = "winrm",
         .doc = "WS-Management over HTTPS; the certificate of the host is verified.",
         .bodies = {"powershell", "command", "manual", "wait"},
         .keys = {address,
                  {"user", Form::text, "Who logs in: `DOMAIN\\user`."},
                  password,
                  {"port", Form::port, "The port, 5986 if left out."},
                  {"login",
                   Form::choice,
                   "How to log in; `certificate` where one is given, else `ntlm`. `negotiate` takes the ticket of "
                   "whoever runs pvsplan.",
                   {"basic", "ntlm", "negotiate", "certificate"}},
                  {"certificate", Form::file, "The certificate to log in with."},
                  {"key", Form::file, "The key of the certificate, where it is in a file of its own."},
                  {"ca", Form::file, "The authority that signed the certificate of the host."},
                  {"verify", Form::flag, "Whether the certificate of the host is verified; `true` if left out."},
                  jobs},
         .rules = {{.one_of = {"password", "certificate", "login=negotiate"}, .why = "it says how to log in"},
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
         .keys = {{"driver", Form::text, "The driver, as odbcinst.ini calls it, or its file."},
                  {"dsn", Form::text, "A data source of odbc.ini, in place of `driver`."},
                  {"server", Form::text, "The server; else `address`, else the attributes `instance` and `address`."},
                  {"address", Form::text, "The server, where `server` does not say it."},
                  {"port", Form::port, "The port."},
                  {"database", Form::text, "The database."},
                  {"user", Form::text, "Who logs in."},
                  password,
                  {"encrypt",
                   Form::choice,
                   "Whether the connection is encrypted, as the driver of SQL Server calls it.",
                   {"yes", "no", "mandatory", "optional", "strict"}},
                  {"trust_server_certificate",
                   Form::choice,
                   "Whether any certificate of the server will do.",
                   {"yes", "no"}},
                  {"trusted_connection", Form::choice, "Whether to log in as whoever runs pvsplan.", {"yes", "no"}},
                  {"options", Form::options, "More for the driver: `Key=value;Key=value`."}},
         .rules = {{.one_of = {"driver", "dsn"}, .why = "it says which driver connects"},
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

bool is_host(std::string_view text) {
    const auto is_odd = [](unsigned char c) {
        return c <= 0x20 || c == 0x7f ||
               std::string_view("/?#@\\\"'`$;&|<>").find(static_cast<char>(c)) != std::string_view::npos;
    };
    const bool has_wide_blank = text.find("\xC2\xA0") != std::string_view::npos;
    return !text.empty() && text.front() != '-' && !has_wide_blank && std::none_of(text.begin(), text.end(), is_odd);
}

bool fits(const ConnectKey& key, std::string_view text) {
    switch (key.form) {
        case Form::text:
        case Form::file: return !text.empty();
        case Form::host: return is_host(text);
        case Form::port: {
            unsigned number = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            return error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= 65535;
        }
        case Form::flag: return text == "true" || text == "false";
        case Form::choice: return std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end();
        case Form::options: return text.find('=') != std::string_view::npos;
        case Form::secret: return false;
    }
    return false;
}

std::string words_for(const ConnectKey& key) {
    switch (key.form) {
        case Form::text: return "a text";
        case Form::host: return "the name or address of a host";
        case Form::file: return "the path of a file";
        case Form::port: return "a port, 1 to 65535";
        case Form::flag: return "`true` or `false`";
        case Form::options: return "options of the driver, `Key=value;Key=value`";
        case Form::secret: return "a secret, `${secret.NAME}`";
        case Form::choice: break;
    }
    std::string words = "one of";
    for (const std::string_view choice : key.choices)
        words += (choice == key.choices.front() ? " `" : ", `") + std::string(choice) + "`";
    return words;
}

bool is_secret_key(std::string_view name) {
    return std::any_of(transports().begin(), transports().end(), [&](const Transport& one) {
        const ConnectKey* key = one.key(name);
        return key != nullptr && key->form == Form::secret;
    });
}

}  // namespace pvsplan::grammar
