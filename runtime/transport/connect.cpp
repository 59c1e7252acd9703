#include "runtime/transport/connect.hpp"

#include "compiler/base/check.hpp"
#include "grammar/transports.hpp"

namespace pvsplan::transport {

namespace {

std::optional<std::string> text_of(const program::Value& value) {
    if (const auto* text = value.as_string()) return *text;
    if (const auto* name = value.as_enumerator()) return *name;
    if (const auto* number = value.as_integer()) return std::to_string(*number);
    if (const auto* version = value.as_version()) return version->text;
    if (const auto* truth = value.as_boolean()) return *truth ? "true" : "false";
    return std::nullopt;
}

}  // namespace

// Nothing where the farm does not say it.
std::optional<std::string> connect_text(const ports::Job& job, const std::string& key) {
    if (job.host == nullptr) return std::nullopt;
    const auto found = job.host->connect.find(key);
    return found == job.host->connect.end() ? std::nullopt : text_of(found->second);
}

// What `connect` says goes before the attribute, since the way to a host need not be the address that the plan speaks
// of.
std::string address_of(const program::Object& host) {
    for (const auto* values : {&host.connect, &host.attributes}) {
        if (const auto found = values->find("address"); found != values->end()) {
            if (auto text = text_of(found->second); text && !text->empty()) return *text;
        }
    }
    return host.name;
}

// Checked for each job, and before anything goes out: the compiler saw the plan, but a compiled plan may have been
// written by anybody.
base::Status check_connect(const ports::Job& job, std::string_view over) {
    if (job.host == nullptr) return base::Done{};
    const grammar::Transport* transport = grammar::transport(over);
    base::check(transport != nullptr, "a transport that is not in the table");
    for (const auto& [name, value] : job.host->connect) {
        if (name == "over") continue;
        const grammar::ConnectKey* key = transport->key(name);
        if (key == nullptr) {
            std::string takes;
            for (const auto& one : transport->keys)
                takes += (takes.empty() ? "; it takes " : ", ") + std::string(one.name);
            return base::Error{"`connect` of " + job.host->id + " has `" + name + "`, which `" + std::string(over) +
                               "` does not know" + takes};
        }
        const auto text = text_of(value);
        if (text && key->form != grammar::ConnectKey::Form::secret && !grammar::fits(*key, *text))
            return base::Error{"`connect." + name + "` of " + job.host->id + " is `" + *text + "`, not " +
                               grammar::words_for(*key)};
    }
    return base::Done{};
}

}  // namespace pvsplan::transport
