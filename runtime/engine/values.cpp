#include "runtime/engine/values.hpp"

#include <algorithm>
#include <charconv>

#include "compiler/program/json_text.hpp"

namespace pvsplan::engine {

using program::JsonReader;
using program::Type;
using program::Value;
using program::write_json_string;

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty() && space.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
    while (!text.empty() && space.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    return text;
}

std::string lower(std::string text) {
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

Value from_text(const std::string& text, const Type& type) {
    switch (type.is) {
        case Type::Is::boolean:
            if (lower(text) == "true") return Value::boolean(true);
            if (lower(text) == "false") return Value::boolean(false);
            return Value::string(text);
        case Type::Is::integer: {
            std::int64_t number = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            const bool is_all = error == std::errc() && end == text.data() + text.size();
            return is_all ? Value::integer(number) : Value::string(text);
        }
        case Type::Is::version: return program::parse_version(text).value_or(Value::string(text));
        case Type::Is::duration: return program::parse_duration(text).value_or(Value::string(text));
        case Type::Is::enumeration:
            for (const auto& name : type.names)
                if (lower(name) == lower(text)) return Value::enumerator(name);
            return Value::string(text);
        default: return Value::string(text);
    }
}

Value read_scalar(JsonReader& in) {
    switch (in.peek()) {
        case JsonReader::Next::string: return Value::string(in.string());
        case JsonReader::Next::boolean: return Value::boolean(in.boolean());
        case JsonReader::Next::number: return Value::string(std::string(in.number()));
        case JsonReader::Next::null: in.null(); return {};
        default: in.skip(); return Value::string("(no scalar)");
    }
}

const Type* type_of(const std::vector<program::Attribute>& attributes, const std::string& name) {
    for (const auto& attribute : attributes)
        if (attribute.name == name) return &attribute.type;
    return nullptr;
}

void write_natural(std::string& out, const Value& value, const program::Plan& plan);

void write_object(std::string& out, program::ObjectId id, const program::Plan& plan) {
    const auto& object = plan.objects.at(id.index());
    out += "{\"name\":";
    write_json_string(out, object.name);
    for (const auto& [name, value] : object.attributes) {
        if (name == "name" || value.as_object() != nullptr || value.as_secret() != nullptr) continue;
        out += ',';
        write_json_string(out, name);
        out += ':';
        write_natural(out, value, plan);
    }
    out += '}';
}

void write_natural(std::string& out, const Value& value, const program::Plan& plan) {
    if (const auto* b = value.as_boolean()) {
        out += *b ? "true" : "false";
    } else if (const auto* n = value.as_integer()) {
        out += std::to_string(*n);
    } else if (const auto* d = value.as_duration()) {
        out += std::to_string(d->milliseconds);
    } else if (const auto* o = value.as_object()) {
        write_object(out, *o, plan);
    } else if (const auto* list = value.as_list()) {
        out += '[';
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (i > 0) out += ',';
            write_natural(out, (*list)[i], plan);
        }
        out += ']';
    } else if (value.is_none() || value.is_unknown() || value.as_secret() != nullptr) {
        out += "null";
    } else {
        write_json_string(out, program::to_text(value, program::PlanNames(plan)));
    }
}

}  // namespace

Value coerce(Value value, const Type& type) {
    if (const auto* text = value.as_string()) return from_text(*text, type);
    if (const auto* number = value.as_integer(); number && type.is != Type::Is::integer && type.is != Type::Is::json)
        return from_text(std::to_string(*number), type);
    return value;
}

base::Result<state::States> read_observation(std::string_view out, const program::Kind& kind) {
    JsonReader in(trimmed(out));
    state::States states;
    in.open_object();
    while (const auto name = in.any_field()) {
        Value value = read_scalar(in);
        if (const auto* type = type_of(kind.state, *name))
            states.insert_or_assign(*name, coerce(std::move(value), *type));
    }
    in.end_of_text();
    if (!in.ok())
        return base::Error{"the observation of a " + kind.name + " did not print one JSON object", {in.error().text()}};
    return states;
}

std::string job_data(const program::Plan& plan, program::ObjectId on, const program::Action& action,
                     const std::vector<Value>& frame, const state::States* before) {
    std::string out = "{\"Before\":{";
    bool is_first = true;
    if (before != nullptr)
        for (const auto& [name, value] : *before) {
            if (!std::exchange(is_first, false)) out += ',';
            write_json_string(out, name);
            out += ':';
            write_natural(out, value, plan);
        }
    out += "},\"On\":";
    if (on)
        write_object(out, on, plan);
    else
        out += "{}";
    out += ",\"With\":{";
    is_first = true;
    for (std::size_t i = 0; i < action.parameters.size() && i + 1 < frame.size(); ++i) {
        if (action.parameters[i].type.is == Type::Is::secret || frame[i + 1].as_secret() != nullptr) continue;
        if (!std::exchange(is_first, false)) out += ',';
        write_json_string(out, action.parameters[i].name);
        out += ':';
        write_natural(out, frame[i + 1], plan);
    }
    return out + "}}";
}

namespace {

const Value* look_up(const state::ObjectStates& states, const Set& set) {
    const auto object = states.find(set.object);
    if (object == states.end()) return nullptr;
    const auto value = object->second.find(set.attribute);
    return value == object->second.end() ? nullptr : &value->second;
}

}  // namespace

journal::Shows shows(const std::vector<Set>& sets, const state::ObjectStates& before, const state::ObjectStates& seen) {
    if (sets.empty()) return journal::Shows::nothing_to_tell;
    bool is_all = true;
    bool is_nothing = true;
    bool any_change = false;
    for (const auto& set : sets) {
        const auto* now = look_up(seen, set);
        if (now == nullptr) return journal::Shows::unseen;
        const auto* was = look_up(before, set);
        is_all &= *now == set.value;
        is_nothing &= was != nullptr && *now == *was;
        any_change |= was == nullptr || !(*was == set.value);
    }
    if (is_all && is_nothing) return journal::Shows::nothing_to_tell;
    if (is_all) return any_change ? journal::Shows::all : journal::Shows::nothing_to_tell;
    return is_nothing ? journal::Shows::nothing : journal::Shows::other;
}

std::string difference(const std::vector<Set>& sets, const state::ObjectStates& seen, const program::Plan& plan) {
    const program::PlanNames names(plan);
    std::string text;
    for (const auto& set : sets) {
        const auto* now = look_up(seen, set);
        if (now != nullptr && *now == set.value) continue;
        if (!text.empty()) text += "; ";
        text += plan.objects.at(set.object.index()).id + "." + set.attribute + " is " +
                (now == nullptr   ? "not known"
                 : now->is_none() ? "undefined"
                                  : program::to_text(*now, names)) +
                ", not " + program::to_text(set.value, names);
    }
    return text;
}

}  // namespace pvsplan::engine
