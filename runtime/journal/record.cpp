#include "runtime/journal/record.hpp"

#include <array>
#include <optional>

#include "compiler/program/json_text.hpp"

namespace pvsplan::journal {

using program::JsonReader;
using program::write_json_string;

namespace {

// The names are in every journal that was ever written, so none changes and none goes.
constexpr std::array<std::string_view, 24> kinds = {
    "began",   "resumed",    "observed", "decided",        "started", "finished",  "failed",     "unreached",
    "doubted", "reconciled", "approved", "rollback_began", "halted",  "abandoned", "readmitted", "stopped",
    "taken",   "received",   "refused",  "window",         "until",   "told",      "sent",       "unsent"};

// None for a name of a later version: such a journal is not read further.
std::optional<Record::Type> kind_of(std::string_view name) {
    for (std::size_t i = 0; i < kinds.size(); ++i)
        if (kinds[i] == name) return static_cast<Record::Type>(i);
    return std::nullopt;
}

// Never the first: `n` is always written before.
void member(std::string& out, std::string_view name) {
    out += ',';
    write_json_string(out, name);
    out += ':';
}

// Empty and zero members are left out, here and in decoding: each record has one encoding, and so one hash.
void text_member(std::string& out, std::string_view name, const std::string& text) {
    if (text.empty()) return;
    member(out, name);
    write_json_string(out, text);
}

void number_member(std::string& out, std::string_view name, std::int64_t number) {
    if (number == 0) return;
    member(out, name);
    out += std::to_string(number);
}

// The values are JSON already, and go in as they are.
void write_values(std::string& out, const std::map<std::string, std::string>& values) {
    out += '{';
    bool is_first = true;
    for (const auto& [name, json] : values) {
        if (!std::exchange(is_first, false)) out += ',';
        write_json_string(out, name);
        out += ':';
        out += json;
    }
    out += '}';
}

void write_states(std::string& out, const StateTexts& states) {
    if (states.empty()) return;
    member(out, "states");
    out += '{';
    bool is_first = true;
    for (const auto& [object, values] : states) {
        if (!std::exchange(is_first, false)) out += ',';
        write_json_string(out, object);
        out += ':';
        write_values(out, values);
    }
    out += '}';
}

void write_names(std::string& out, const std::vector<std::string>& names) {
    if (names.empty()) return;
    member(out, "names");
    out += '[';
    for (const std::string& name : names) {
        if (&name != &names.front()) out += ',';
        write_json_string(out, name);
    }
    out += ']';
}

// Values stay as they were written: what they mean depends on the types in the plan, which this does not know.
std::map<std::string, std::string> read_values(JsonReader& in, std::string_view bytes) {
    std::map<std::string, std::string> values;
    in.open_object();
    while (const auto name = in.any_field()) {
        (void)in.peek();
        const auto from = in.offset();
        in.skip();
        values[*name] = std::string(bytes.substr(from, in.offset() - from));
    }
    return values;
}

// A member that is not there is empty, as it was left out.
void read_text(JsonReader& in, std::string_view name, std::string& into) {
    if (in.maybe(name)) into = in.string();
}

}  // namespace

std::string_view name_of(Record::Type type) { return kinds.at(static_cast<std::size_t>(type)); }

// The members in this order and no other: decode() reads them so, and the hash is over these bytes.
std::string encode(const Record& record) {
    std::string out = "{\"n\":" + std::to_string(record.number);
    number_member(out, "at", record.at);
    text_member(out, "is", std::string(name_of(record.type)));
    text_member(out, "node", record.node);
    number_member(out, "attempt", record.attempt);
    text_member(out, "value", record.value);
    number_member(out, "exit", record.exit_status);
    text_member(out, "text", record.text);
    text_member(out, "by", record.by);
    text_member(out, "account", record.account);
    text_member(out, "host", record.host);
    text_member(out, "said", record.said);
    write_names(out, record.names);
    write_states(out, record.states);
    if (!record.outputs.empty()) {
        member(out, "outputs");
        write_values(out, record.outputs);
    }
    text_member(out, "out", record.out);
    text_member(out, "err", record.err);
    text_member(out, "prev", record.prev);
    out += '}';
    return out;
}

// Members are read in their one order. The last check makes the encoding canonical: bytes that mean the same and are
// written otherwise are refused, so nobody can change a record and keep its meaning.
base::Result<Record> decode(std::string_view bytes) {
    JsonReader in(bytes);
    Record record;
    in.open_object();
    in.field("n");
    record.number = static_cast<std::uint64_t>(in.integer());
    if (in.maybe("at")) record.at = in.integer();
    in.field("is");
    const auto type = kind_of(in.string());
    read_text(in, "node", record.node);
    if (in.maybe("attempt")) record.attempt = in.natural();
    read_text(in, "value", record.value);
    if (in.maybe("exit")) record.exit_status = in.integer();
    read_text(in, "text", record.text);
    read_text(in, "by", record.by);
    read_text(in, "account", record.account);
    read_text(in, "host", record.host);
    read_text(in, "said", record.said);
    if (in.maybe("names")) {
        in.open_array();
        while (in.more()) record.names.push_back(in.string());
    }
    if (in.maybe("states")) {
        in.open_object();
        while (const auto object = in.any_field()) record.states[*object] = read_values(in, bytes);
    }
    if (in.maybe("outputs")) record.outputs = read_values(in, bytes);
    read_text(in, "out", record.out);
    read_text(in, "err", record.err);
    read_text(in, "prev", record.prev);
    in.close_object();
    in.end_of_text();
    if (!in.ok()) return base::Error{in.error()}.because_of("a record of the journal cannot be read");
    if (!type) return base::Error{"a record of the journal is of no kind that this version knows"};
    record.type = *type;
    if (encode(record) != bytes) return base::Error{"a record of the journal is not in its canonical form"};
    return record;
}

}  // namespace pvsplan::journal
