#include "runtime/engine/values.hpp"

#include <algorithm>
#include <charconv>

#include "compiler/base/lists.hpp"
#include "compiler/base/lower_case.hpp"
#include "compiler/base/near.hpp"
#include "compiler/base/utf8.hpp"
#include "compiler/program/json_text.hpp"
#include "runtime/engine/console_text.hpp"
#include "runtime/state/printed_json.hpp"

namespace pvsplan::engine {

using program::JsonReader;
using program::Type;
using program::Value;
using program::write_json_string;

namespace {

// What is no value of the type stays text, so that the message about it can quote what was printed.
Value from_text(const std::string& text, const Type& type) {
    switch (type.category) {
        case Type::Category::boolean:
            if (base::lower_case(text) == "true") return Value::boolean(true);
            if (base::lower_case(text) == "false") return Value::boolean(false);
            return Value::string(text);
        case Type::Category::integer: {
            std::int64_t number = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            const bool is_all = error == std::errc() && end == text.data() + text.size();
            return is_all ? Value::integer(number) : Value::string(text);
        }
        case Type::Category::version: return program::parse_version(text).value_or(Value::string(text));
        case Type::Category::duration: return program::parse_duration(text).value_or(Value::string(text));
        case Type::Category::enumeration:
            for (const auto& name : type.names)
                if (base::lower_case(name) == base::lower_case(text)) return Value::enumerator(name);
            return Value::string(text);
        default: return Value::string(text);
    }
}

// A value quoted in a message: bounded, and on one line.
std::string short_text(const std::string& text) {
    static constexpr std::size_t max_length = 60;
    std::string line = text.substr(0, text.find_first_of("\r\n"));
    if (line.size() > max_length) line = line.substr(0, base::cut_before(line, max_length)) + "…";
    return "`" + line + "`";
}

// Prints a value that contains no object: observations and commands print none.
std::string plain_text(const Value& value) {
    struct NoNames final : program::ObjectNames {
        [[nodiscard]] std::string_view name(program::ObjectId) const override { return "an object"; }
        [[nodiscard]] std::string id_text(program::ObjectId) const override { return "an object"; }
    };
    return value.as_list() != nullptr ? "a list" : short_text(program::to_text(value, NoNames()));
}

// A list fits if each of its elements does; types without a rule of their own take anything.
bool is_of(const Value& value, const Type& type) {
    switch (type.category) {
        case Type::Category::boolean: return value.as_boolean() != nullptr;
        case Type::Category::integer: return value.as_integer() != nullptr;
        case Type::Category::string: return value.as_string() != nullptr;
        case Type::Category::path: return value.as_string() != nullptr && program::is_path(*value.as_string());
        case Type::Category::duration: return value.as_duration() != nullptr;
        case Type::Category::version: return value.as_version() != nullptr;
        case Type::Category::secret: return value.as_secret() != nullptr;
        case Type::Category::object: return value.as_object() != nullptr;
        case Type::Category::enumeration: {
            const auto* name = value.as_enumerator();
            return name && std::find(type.names.begin(), type.names.end(), *name) != type.names.end();
        }
        case Type::Category::list: {
            const auto* list = value.as_list();
            return list && (!type.element || std::all_of(list->begin(), list->end(),
                                                         [&](const Value& one) { return is_of(one, *type.element); }));
        }
        default: return true;
    }
}

// Ends the sentence "`x` is": what it could have been, with the likeliest if one is near.
std::string none_of(const std::string& name, const std::vector<std::string>& names) {
    std::string text = "none of " + base::joined(names);
    if (const auto near = base::nearest(name, names)) text += "; did you mean `" + *near + "`?";
    return text;
}

const Type* type_of(const std::vector<program::Attribute>& attributes, const std::string& name) {
    for (const auto& attribute : attributes)
        if (attribute.name == name) return &attribute.type;
    return nullptr;
}

// Objects may name each other in lists, round in a circle: what is written within an attribute names no further ones.
enum class Lists : std::uint8_t { all, without_objects };

bool holds_object(const Value& value) {
    const auto* list = value.as_list();
    return value.as_object() != nullptr || (list != nullptr && std::any_of(list->begin(), list->end(), holds_object));
}

void write_natural(std::string& out, const Value& value, const program::Plan& plan, Lists lists = Lists::all);

// An attribute that is an object itself is left out, and secrets never go to a script this way.
void write_object(std::string& out, program::ObjectId id, const program::Plan& plan, Lists lists = Lists::all) {
    const auto& object = plan.objects.at(id.index());
    out += "{\"name\":";
    write_json_string(out, object.name);
    for (const auto& [name, value] : object.attributes) {
        if (name == "name" || value.as_object() != nullptr || value.as_secret() != nullptr) continue;
        if (lists == Lists::without_objects && holds_object(value)) continue;
        out += ',';
        write_json_string(out, name);
        out += ':';
        write_natural(out, value, plan, Lists::without_objects);
    }
    out += '}';
}

// JSON as a script expects it: numbers and truths bare, everything else as text; a secret is never written.
void write_natural(std::string& out, const Value& value, const program::Plan& plan, Lists lists) {
    if (const auto* b = value.as_boolean()) {
        out += *b ? "true" : "false";
    } else if (const auto* n = value.as_integer()) {
        out += std::to_string(*n);
    } else if (const auto* d = value.as_duration()) {
        out += std::to_string(d->milliseconds);
    } else if (const auto* o = value.as_object()) {
        write_object(out, *o, plan, lists);
    } else if (const auto* list = value.as_list()) {
        out += '[';
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (i > 0) out += ',';
            write_natural(out, (*list)[i], plan, lists);
        }
        out += ']';
    } else if (value.is_none() || value.is_unknown() || value.as_secret() != nullptr) {
        out += "null";
    } else {
        write_json_string(out, program::to_text(value, program::PlanNames(plan)));
    }
}

}  // namespace

// Hosts print what they like: a number for a version, a text for a truth. Only what the type says is converted, nothing
// is guessed.
Value coerce(Value value, const Type& type) {
    if (const auto* text = value.as_string()) return from_text(*text, type);
    if (const auto* number = value.as_integer();
        number && type.category != Type::Category::integer && type.category != Type::Category::json)
        return from_text(std::to_string(*number), type);
    if (const auto* truth = value.as_boolean(); truth && type.category == Type::Category::string)
        return Value::string(*truth ? "true" : "false");
    return value;
}

// Ends the sentence "it is": why the value is none of the type; empty: it is.
std::string misfit(const Value& value, const Type& type) {
    if (value.is_none() || value.is_unknown()) return "no value";
    if (const auto* text = value.as_string(); text != nullptr && !is_utf8(*text))
        return "text in an encoding that is not UTF-8";
    if (is_of(value, type)) return "";
    const std::string found = plain_text(value);
    if (type.category == Type::Category::enumeration) {
        const std::string name = value.as_enumerator() ? *value.as_enumerator() : found.substr(1, found.size() - 2);
        return found + ", which is " + none_of(name, type.names);
    }
    return found + ", which is no " + program::to_text(type);
}

namespace {

// A scalar, or a list of scalars if the type is one; else sets `fault`.
state::JsonMember state_value(std::string_view json, const Type& type) {
    if (type.category != Type::Category::list || !json.starts_with('[')) {
        state::JsonMember one = state::member_at(json, {});
        one.value = coerce(std::move(one.value), type);
        return one;
    }
    Value::List elements;
    JsonReader in(json);
    in.open_array();
    while (in.more()) {
        (void)in.peek();
        const std::size_t from = in.offset();
        in.skip();
        state::JsonMember one =
            state_value(json.substr(from, in.offset() - from), type.element ? *type.element : Type{});
        if (!one.fault.empty()) return one;
        elements.push_back(std::move(one.value));
    }
    return {.value = Value::list(std::move(elements)), .fault = {}};
}

// Reads one member of an observation into `states`. Why it cannot; empty: it did.
std::string take_member(const std::string& name, std::string_view json, const program::Kind& kind,
                        state::States& states) {
    const auto* type = type_of(kind.state, name);
    if (type == nullptr) {
        std::vector<std::string> names;
        for (const auto& state : kind.state) names.push_back(state.name);
        return "`" + name + "` is " + none_of(name, names);
    }
    if (states.contains(name)) return "`" + name + "` is there twice";
    if (json == "null") return states.emplace(name, Value::none()), "";
    state::JsonMember member = state_value(json, *type);
    if (!member.fault.empty()) return "`" + name + "`: " + member.fault;
    if (const std::string wrong = misfit(member.value, *type); !wrong.empty()) return "`" + name + "` is " + wrong;
    states.emplace(name, std::move(member.value));
    return "";
}

}  // namespace

// One member that does not fit spoils all: such an output was printed by something else than it should.
base::Result<state::States> read_observation(std::string_view out, const program::Kind& kind) {
    const auto wrong = [&](const std::string& why) {
        return base::Error{"it does not tell the states of a " + kind.name, {why}};
    };
    const state::PrintedJson printed = state::printed_json(out);
    if (!printed.fault.empty()) return wrong(printed.fault);
    if (!printed.text.starts_with('{')) return wrong("it printed JSON that is no object");
    JsonReader in(printed.text);
    state::States states;
    in.open_object();
    while (const auto name = in.any_field()) {
        (void)in.peek();
        const std::size_t from = in.offset();
        in.skip();
        if (std::string fault = take_member(*name, printed.text.substr(from, in.offset() - from), kind, states);
            !fault.empty())
            return wrong(fault);
    }
    if (!in.ok()) return wrong(in.error().text());
    return states;
}

// What a script reads as JSON: the states before, the object, the arguments. The names are promised to scripts.
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
        if (action.parameters[i].type.category == Type::Category::secret || frame[i + 1].as_secret() != nullptr)
            continue;
        if (!std::exchange(is_first, false)) out += ',';
        write_json_string(out, action.parameters[i].name);
        out += ':';
        write_natural(out, frame[i + 1], plan);
    }
    return out + "}}";
}

namespace {

// Null where the state was not observed.
const Value* look_up(const state::ObjectStates& states, const Set& set) {
    const auto object = states.find(set.object);
    if (object == states.end()) return nullptr;
    const auto value = object->second.find(set.attribute);
    return value == object->second.end() ? nullptr : &value->second;
}

}  // namespace

// A setting that was so before proves nothing either way: seen unchanged it may have been done or not. An unknown
// `before` counts as changed, so a step is never taken for one that did nothing.
journal::Shows shows(const std::vector<Set>& sets, const state::ObjectStates& before, const state::ObjectStates& seen) {
    if (sets.empty()) return journal::Shows::nothing_to_tell;
    bool is_all = true;
    bool is_nothing = true;
    for (const auto& set : sets) {
        const auto* now = look_up(seen, set);
        if (now == nullptr) return journal::Shows::unseen;
        const auto* was = look_up(before, set);
        is_all &= *now == set.value;
        is_nothing &= was != nullptr && *now == *was;
    }
    if (is_all && is_nothing) return journal::Shows::nothing_to_tell;
    if (is_all) return journal::Shows::all;
    return is_nothing ? journal::Shows::nothing : journal::Shows::other;
}

// What is otherwise than the step sets it, for people; empty: nothing.
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
