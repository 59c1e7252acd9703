#include "runtime/transport/connect.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "compiler/base/check.hpp"

namespace pvsplan::transport {

namespace {

constexpr std::array<std::string_view, 1> local_keys = {"jobs"};
constexpr std::array<std::string_view, 10> ssh_keys = {"address",     "user", "port", "identity", "config",
                                                       "known_hosts", "jump", "jobs", "system",   "password"};
constexpr std::array<std::string_view, 10> winrm_keys = {"address",     "user", "password", "port",   "login",
                                                         "certificate", "key",  "ca",       "verify", "jobs"};
constexpr std::array<std::string_view, 12> odbc_keys = {"driver",
                                                        "dsn",
                                                        "server",
                                                        "address",
                                                        "port",
                                                        "database",
                                                        "user",
                                                        "password",
                                                        "encrypt",
                                                        "options",
                                                        "trust_server_certificate",
                                                        "trusted_connection"};

std::span<const std::string_view> keys_of(std::string_view over) {
    if (over == "ssh") return ssh_keys;
    if (over == "winrm") return winrm_keys;
    if (over == "odbc") return odbc_keys;
    base::check(over == "local", "a transport without a table of keys");
    return local_keys;
}

std::optional<std::string> text_of(const program::Value& value) {
    if (const auto* text = value.as_string()) return *text;
    if (const auto* name = value.as_enumerator()) return *name;
    if (const auto* number = value.as_integer()) return std::to_string(*number);
    if (const auto* version = value.as_version()) return version->text;
    if (const auto* truth = value.as_boolean()) return *truth ? "true" : "false";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> connect_text(const ports::Job& job, const std::string& key) {
    if (job.host == nullptr) return std::nullopt;
    const auto found = job.host->connect.find(key);
    return found == job.host->connect.end() ? std::nullopt : text_of(found->second);
}

std::string address_of(const program::Object& host) {
    for (const auto* values : {&host.connect, &host.attributes}) {
        if (const auto found = values->find("address"); found != values->end()) {
            if (auto text = text_of(found->second); text && !text->empty()) return *text;
        }
    }
    return host.name;
}

base::Status check_connect(const ports::Job& job, std::string_view over) {
    if (job.host == nullptr) return base::Done{};
    const auto known = keys_of(over);
    for (const auto& [key, value] : job.host->connect) {
        if (key == "over" || std::find(known.begin(), known.end(), key) != known.end()) continue;
        std::string takes;
        for (const auto one : known) takes += (takes.empty() ? "" : ", ") + std::string(one);
        return base::Error{"`connect` of " + job.host->id + " has `" + key + "`, which `" + std::string(over) +
                           "` does not know" + (takes.empty() ? "" : "; it takes " + takes)};
    }
    return base::Done{};
}

}  // namespace pvsplan::transport
