// How objects are reached, as one table: what `connect: {over: …}` may name, the keys that it takes there, and the
// bodies that it runs. Resolving, `schema`, completion, documentation and the transports themselves read it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/key_rule.hpp"

namespace pvsplan::grammar {

// A key of `connect`. `doc` is for people.
struct ConnectKey {
    enum class Form : std::uint8_t {
        text,     // anything but nothing
        host,     // a name or address, as it goes into a URL or an argument
        file,     // a path on this machine
        port,     // 1 to 65535
        flag,     // true or false
        choice,   // one of `choices`
        options,  // "Key=value;Key=value", without a password
        secret,   // `${secret.NAME}`, never the secret itself
    };
    std::string_view name;
    Form form = Form::text;
    std::string_view doc;
    std::vector<std::string_view> choices = {};
};

struct Transport {
    std::string_view name;  // "winrm"
    std::string_view doc;
    std::vector<std::string_view> bodies;  // of `run` and `observe` that it runs: "powershell"
    std::vector<ConnectKey> keys = {};     // besides `over`
    std::vector<KeyRule> rules = {};

    [[nodiscard]] const ConnectKey* key(std::string_view wanted) const;
    [[nodiscard]] std::vector<std::string> key_names() const;  // with `over`
    [[nodiscard]] bool runs(std::string_view body) const;
};

std::span<const Transport> transports();
// Null if there is none of that name.
const Transport* transport(std::string_view name);
std::vector<std::string> transport_names();

// Describes a form in words ("a port, 1 to 65535"), and checks whether a text has it. A secret is never a text.
std::string words_for(const ConnectKey& key);
bool fits(const ConnectKey& key, std::string_view text);
// Whether a text may be the name or address of a host, in a URL and among arguments.
bool is_host(std::string_view text);
// Whether a key of that name holds a secret over any transport: its value is never printed.
bool is_secret_key(std::string_view name);

}  // namespace pvsplan::grammar
