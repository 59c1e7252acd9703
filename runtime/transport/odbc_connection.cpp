#include <optional>
#include <utility>

#include "runtime/transport/connect.hpp"
#include "runtime/transport/odbc.hpp"

namespace pvsplan::transport {

namespace {

// In braces if it holds anything that means something in a connection string.
// A closing brace within braces is doubled, as ODBC wants it.
std::string quoted(const std::string& value) {
    const bool is_plain = !value.empty() && value.find_first_of("[]{}(),;?*=!@") == std::string::npos &&
                          value.front() != ' ' && value.back() != ' ';
    if (is_plain) return value;
    std::string result = "{";
    for (const char c : value) {
        result += c;
        if (c == '}') result += c;
    }
    return result + "}";
}

std::optional<std::string> attribute_text(const ports::Job& job, const char* name) {
    const auto found = job.host->attributes.find(name);
    if (found == job.host->attributes.end() || found->second.as_string() == nullptr) return std::nullopt;
    return *found->second.as_string();
}

}  // namespace

// `options` comes last and is not quoted: it is what its author wrote for the driver.
base::Result<std::string> odbc_connection(const ports::Job& job) {
    if (job.host == nullptr) return base::Error{"odbc wants a database, and this step has none"};
    if (auto fine = check_connect(job, "odbc"); !fine) return std::move(fine).error();
    std::string text;
    const auto put = [&text](const char* key, const std::string& value) {
        text += std::string(key) + "=" + quoted(value) + ";";
    };
    if (const auto dsn = connect_text(job, "dsn")) {
        put("DSN", *dsn);
    } else if (const auto driver = connect_text(job, "driver")) {
        text += "Driver=" + (driver->find('/') == std::string::npos ? "{" + *driver + "}" : *driver) + ";";
    } else {
        return base::Error{"`connect` of " + job.host->id + " says neither `driver` nor `dsn`"};
    }
    auto server = connect_text(job, "server");
    for (const char* key : {"instance", "address"}) {
        if (!server)
            server = key == std::string("address") && connect_text(job, key) ? connect_text(job, key)
                                                                             : attribute_text(job, key);
    }
    if (server) put("Server", *server);
    static constexpr std::pair<const char*, const char*> keys[] = {
        {"port", "Port"},
        {"database", "Database"},
        {"user", "UID"},
        {"encrypt", "Encrypt"},
        {"trust_server_certificate", "TrustServerCertificate"},
        {"trusted_connection", "Trusted_Connection"}};
    for (const auto& [ours, theirs] : keys) {
        if (const auto value = connect_text(job, ours)) put(theirs, *value);
    }
    if (const auto found = job.host->connect.find("password"); found != job.host->connect.end()) {
        if (const auto* name = found->second.as_secret()) {
            const auto secret = job.connect_secrets.find(*name);
            if (secret == job.connect_secrets.end()) return base::Error{"the secret `" + *name + "` was not given"};
            put("PWD", secret->second);
        } else if (const auto* plain = found->second.as_string()) {
            put("PWD", *plain);
        }
    }
    // PostgreSQL's driver calls a boolean a character unless it is told otherwise.
    if (text.find("psqlodbc") != std::string::npos || text.find("PostgreSQL") != std::string::npos)
        text += "BoolsAsChar=0;";
    if (const auto more = connect_text(job, "options")) text += *more + ";";
    return text;
}

}  // namespace pvsplan::transport
