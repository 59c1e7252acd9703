// Words of the encoding, and what the writer and the reader of a plan both ask.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/base/check.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::program {

// The words of an enumeration, each once: the same table writes and reads it.
template <class T, std::size_t N>
using Words = std::array<std::pair<T, std::string_view>, N>;

inline constexpr Words<AtTimeout, 2> at_timeout_words = {{{AtTimeout::doubt, "doubt"}, {AtTimeout::kill, "kill"}}};
inline constexpr Words<OnFailure, 3> on_failure_words = {
    {{OnFailure::halt, "halt"}, {OnFailure::rollback, "rollback"}, {OnFailure::carry_on, "continue"}}};
inline constexpr Words<Node::Type, 3> node_words = {
    {{Node::Type::action, "action"}, {Node::Type::approval, "approval"}, {Node::Type::join, "join"}}};
inline constexpr Words<Edge::Because, 4> because_words = {{{Edge::Because::sequence, "sequence"},
                                                           {Edge::Because::after, "after"},
                                                           {Edge::Because::at_most, "at_most"},
                                                           {Edge::Because::data, "data"}}};

template <class T, std::size_t N>
// The word that stands for the value in the format.
std::string_view word_of(const Words<T, N>& words, T value) {
    for (const auto& [one, word] : words)
        if (one == value) return word;
    base::bug("every value of an enumeration has a word in the encoding");
}

template <class T, std::size_t N>
// None for a word that the table does not have: the file is of a later version, or damaged.
std::optional<T> value_of(const Words<T, N>& words, std::string_view text) {
    for (const auto& [one, word] : words)
        if (word == text) return one;
    return std::nullopt;
}

// Null if it is not declared.
inline const Type* type_of(const std::vector<Attribute>& declared, std::string_view name) {
    for (const Attribute& attribute : declared)
        if (attribute.name == name) return &attribute.type;
    return nullptr;
}

// The type under which a scalar is written without a tag.
inline Type natural_type(const Value& value) {
    if (value.as_enumerator()) return Type::of(Type::Category::enumeration);
    if (value.as_version()) return Type::of(Type::Category::version);
    if (value.as_duration()) return Type::of(Type::Category::duration);
    if (value.as_object()) return Type::of(Type::Category::object);
    return {};
}

// Whether a value that was read is one of `type`; the error type and json take every one.
inline bool fits_type(const Value& value, const Type& type) {
    switch (type.category) {
        case Type::Category::error:
        case Type::Category::json: return true;
        case Type::Category::none: return value.is_none();
        case Type::Category::boolean: return value.as_boolean();
        case Type::Category::integer: return value.as_integer();
        case Type::Category::string: return value.as_string();
        case Type::Category::path: return value.as_string() && is_path(*value.as_string());
        case Type::Category::duration: return value.as_duration();
        case Type::Category::version: return value.as_version();
        case Type::Category::secret: return value.as_secret();
        case Type::Category::object: return value.as_object();
        case Type::Category::enumeration: return value.as_enumerator();
        case Type::Category::list: break;
    }
    const Value::List* list = value.as_list();
    if (!list) return false;
    for (const Value& element : *list)
        if (type.element && !fits_type(element, *type.element)) return false;
    return true;
}

// The canonical text with an empty checksum, and the checksum of such a text: "sha256:…".
std::string encode_without_checksum(const Plan& plan);
std::string checksum_of(std::string_view text);
std::string digest_of(const Plan& plan);

}  // namespace pvsplan::program
