#include "compiler/program/codec_values.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/base/check.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/codec_names.hpp"
#include "compiler/program/max_wait.hpp"

namespace pvsplan::program {
namespace {

// Types that one word names.
constexpr std::array scalar_types = {Type::Category::error,    Type::Category::none,    Type::Category::boolean,
                                     Type::Category::integer,  Type::Category::string,  Type::Category::path,
                                     Type::Category::duration, Type::Category::version, Type::Category::secret,
                                     Type::Category::json};

// Whether the text reads as these very components.
bool is_version_text(const Value::Version& version) {
    const std::optional<Value> parsed = parse_version(version.text);
    return parsed && parsed->as_version()->components == version.components;
}

// The text as it was written, where that is one; a version that was put together is written by its components.
std::string version_text(const Value::Version& version) {
    if (is_version_text(version)) return version.text;
    std::string text;
    for (const std::uint64_t component : version.components) base::append(text, ".", std::to_string(component));
    return text.empty() ? "0" : text;
}

// `{"version": "2402"}`: a value that says its type itself.
void write_tag(std::string& out, std::string_view tag, std::string_view text) {
    out += "{\"";
    out += tag;
    out += "\": ";
    write_json_string(out, text);
    out += '}';
}

// Elements are written by the type of the list's element, if one is declared.
void write_elements(std::string& out, const Value::List& list, const Type* element, const ObjectNames& names) {
    out += '[';
    for (const Value& value : list) {
        if (&value != &list.front()) out += ", ";
        write_value(out, value, element, names);
    }
    out += ']';
}

// How a plain string is to be understood where `declared` is wanted.
std::string_view tag_for(const Type* declared) {
    if (!declared) return "";
    switch (declared->category) {
        case Type::Category::enumeration: return "enum";
        case Type::Category::version: return "version";
        case Type::Category::duration: return "duration";
        case Type::Category::object: return "object";
        default: return "";
    }
}

// The values that are written in one form everywhere.
bool write_plain(std::string& out, const Value& value, const Type* declared) {
    if (const bool* b = value.as_boolean()) {
        out += *b ? "true" : "false";
    } else if (const std::int64_t* n = value.as_integer()) {
        out += std::to_string(*n);
    } else if (const std::string* text = value.as_string()) {
        tag_for(declared).empty() ? write_json_string(out, *text) : write_tag(out, "string", *text);
    } else if (const std::string* secret = value.as_secret()) {
        write_tag(out, "secret", *secret);
    } else if (value.is_none() || (value.as_object() && value.as_object()->is_none())) {
        out += "null";
    } else {
        return false;
    }
    return true;
}

// A value with the tag that says how its text is meant, and the type for which it needs none.
struct Tagged {
    std::string_view tag;
    std::string text;
    Type::Category plain_as;
};

// By the id of an object, since kinds may share names.
Tagged tagged(const Value& value, const ObjectNames& names) {
    if (const auto* e = value.as_enumerator()) return {"enum", *e, Type::Category::enumeration};
    if (const auto* v = value.as_version()) return {"version", version_text(*v), Type::Category::version};
    if (const auto* d = value.as_duration())
        return {"duration", duration_json_text(d->milliseconds), Type::Category::duration};
    const ObjectId* object = value.as_object();
    base::check(object, "every kind of value that is known has an encoding, and none that is not");
    return {"object", names.id_text(*object), Type::Category::object};
}

// An enumerator stands plainly only where it is one of those declared.
bool is_declared_name(const Tagged& value, const Type& declared) {
    return value.plain_as != Type::Category::enumeration || declared.names.empty() ||
           std::find(declared.names.begin(), declared.names.end(), value.text) != declared.names.end();
}

// Nothing for a tag that is not known as well as for a text that is none of its values. A duration may be negative.
std::optional<Value> untagged(std::string_view tag, const std::string& text, const ObjectsById& objects) {
    if (tag == "enum") return Value::enumerator(text);
    if (tag == "string") return Value::string(text);
    if (tag == "secret") return Value::secret(text);
    if (tag == "version") return parse_version(text);
    if (tag == "duration") {
        if (text.starts_with('-')) {
            const std::optional<Value> positive = parse_duration(std::string_view(text).substr(1));
            return positive ? std::optional(Value::duration(-positive->as_duration()->milliseconds)) : std::nullopt;
        }
        return parse_duration(text);
    }
    if (tag == "object")
        if (const auto found = objects.find(text); found != objects.end()) return Value::object(found->second);
    return std::nullopt;
}

// The depth is bounded, so that no text of brackets overflows the stack.
Value read_list(JsonReader& in, const Type* declared, const ObjectsById& objects, unsigned depth) {
    const Type* element = declared && declared->category == Type::Category::list ? declared->element.get() : nullptr;
    Value::List list;
    in.open_array();
    while (in.more()) list.push_back(read_value(in, element, objects, depth + 1));
    return Value::list(std::move(list));
}

// One member is read; a second one fails where the object is to end.
Value read_tagged(JsonReader& in, const Type* declared, const ObjectsById& objects, unsigned depth) {
    in.open_object();
    const std::size_t where = in.offset();
    const std::string tag = in.any_field().value_or("");
    Value value;
    if (tag == "list") {
        value = read_list(in, declared, objects, depth);
    } else {
        const std::string text = in.string();
        if (std::optional<Value> found = untagged(tag, text, objects)) {
            value = std::move(*found);
        } else {
            in.fail_at(where, "`" + text + "` is no " + (tag.empty() ? "value" : tag));
        }
    }
    in.close_object();
    return value;
}

// Where a type is declared a plain string has to be one of its values: an enumerator that the type does not have is
// refused.
Value read_string(JsonReader& in, const Type* declared, const ObjectsById& objects) {
    const std::size_t where = in.offset();
    std::string text = in.string();
    const std::string_view tag = tag_for(declared);
    if (tag.empty() || !in.ok()) return Value::string(std::move(text));
    std::optional<Value> value = untagged(tag, text, objects);
    const bool is_one = value && (tag != "enum" || std::find(declared->names.begin(), declared->names.end(), text) !=
                                                       declared->names.end());
    if (!is_one) in.fail_at(where, "`" + text + "` is not of type " + to_text(*declared));
    return is_one ? std::move(*value) : Value::none();
}

}  // namespace

// No object has a part in a duration, so names are not asked for.
std::string duration_json_text(std::int64_t milliseconds) {
    struct NoNames final : ObjectNames {
        [[nodiscard]] std::string_view name(ObjectId) const override { return ""; }
        [[nodiscard]] std::string id_text(ObjectId) const override { return ""; }
    };
    return to_text(Value::duration(milliseconds), NoNames());
}

// Kinds and lists are objects, enumerations arrays of their words, all others the word of the language.
void write_type(std::string& out, const Type& type) {
    switch (type.category) {
        case Type::Category::list:
            out += "{\"list\": ";
            write_type(out, type.element ? *type.element : Type());
            out += '}';
            return;
        case Type::Category::object: write_tag(out, "kind", type.names.empty() ? "" : type.names.front()); return;
        case Type::Category::enumeration:
            out += '[';
            for (const std::string& name : type.names) {
                if (&name != &type.names.front()) out += ", ";
                write_json_string(out, name);
            }
            out += ']';
            return;
        default: write_json_string(out, to_text(type));
    }
}

// `["a", "b"]` is an enumeration, `{"kind": …}` an object, `{"list": …}` a list, and a text one of the scalar types.
Type read_type(JsonReader& in, unsigned depth) {
    if (depth > max_encoded_depth) {
        in.fail("the type is nested too deeply");
        return {};
    }
    switch (in.peek()) {
        case JsonReader::Next::array: {
            std::vector<std::string> names;
            in.open_array();
            while (in.more()) names.push_back(in.string());
            return Type::enumeration(std::move(names));
        }
        case JsonReader::Next::object: {
            in.open_object();
            Type type;
            if (in.maybe("kind")) {
                type = Type::object(in.string());
            } else {
                in.field("list");
                type = Type::list_of(read_type(in, depth + 1));
            }
            in.close_object();
            return type;
        }
        default: break;
    }
    const std::size_t where = in.offset();
    const std::string name = in.string();
    for (const Type::Category is : scalar_types)
        if (to_text(Type::of(is)) == name) return Type::of(is);
    in.fail_at(where, "`" + name + "` is no type");
    return {};
}

// Plainly where the declared type says how it is meant, else with a tag: each value has one form for each type, as a
// digest needs.
void write_value(std::string& out, const Value& value, const Type* declared, const ObjectNames& names) {
    if (write_plain(out, value, declared)) return;
    if (const Value::List* list = value.as_list()) {
        const bool is_declared = declared && declared->category == Type::Category::list;
        write_elements(out, *list, is_declared ? declared->element.get() : nullptr, names);
        return;
    }
    const Tagged text = tagged(value, names);
    if (declared && declared->category == text.plain_as && is_declared_name(text, *declared)) {
        write_json_string(out, text.text);
    } else {
        write_tag(out, text.tag, text.text);
    }
}

// By the first byte. A failure of the reader gives none.
Value read_value(JsonReader& in, const Type* declared, const ObjectsById& objects, unsigned depth) {
    if (depth > max_encoded_depth) {
        in.fail("the value is nested too deeply");
        return {};
    }
    switch (in.peek()) {
        case JsonReader::Next::string: return read_string(in, declared, objects);
        case JsonReader::Next::number: return Value::integer(in.integer());
        case JsonReader::Next::boolean: return Value::boolean(in.boolean());
        case JsonReader::Next::null: in.null(); return Value::none();
        case JsonReader::Next::array: return read_list(in, declared, objects, depth);
        case JsonReader::Next::object: return read_tagged(in, declared, objects, depth);
        case JsonReader::Next::nothing: break;
    }
    in.fail("expected a value");
    return {};
}

// Zero where the reader has failed.
std::int64_t read_duration(JsonReader& in) {
    const Type type = Type::of(Type::Category::duration);
    const std::size_t where = in.offset();
    const Value value = read_value(in, &type, {});
    if (const auto* duration = value.as_duration(); duration && is_wait(duration->milliseconds))
        return duration->milliseconds;
    in.fail_at(where, "expected a duration, 0s to 366d");
    return 0;
}

// A scalar stands plainly, by its own type; whoever reads it knows which type it has.
std::string encode_value(const Value& value, const ObjectNames& names) {
    if (const Value::List* list = value.as_list()) {
        std::string out = "[";
        for (const Value& element : *list) out += (out.size() > 1 ? ", " : "") + encode_value(element, names);
        return out + "]";
    }
    const Type plain = natural_type(value);
    std::string out;
    write_value(out, value, &plain, names);
    return out;
}

}  // namespace pvsplan::program
