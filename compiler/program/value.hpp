// Values of the language: immutable, cheap to copy (16 bytes, shared heap parts).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/base/id.hpp"
#include "compiler/base/shared.hpp"
#include "compiler/program/type.hpp"

namespace pvsplan::program {

using ObjectId = base::Id<struct ObjectTag>;  // index into Plan::objects

// Over twenty methods: each type of value is made by one and read by another.
class Value {
  public:
    struct None {
        friend bool operator==(None, None) = default;
    };
    struct Duration {
        std::int64_t milliseconds = 0;
        friend auto operator<=>(Duration, Duration) = default;
    };
    // Components from left to right and the text as written: `2402`, `7.15.45`. Trailing zeros do not count.
    struct Version {
        std::vector<std::uint64_t> components;
        std::string text;
    };
    // A value that is not known yet. Equal ones are the same (unknown) value; nothing else can be said of it.
    struct Unknown {
        enum class Type : std::uint8_t {
            parameter,   // of the plan, without a value; by its number
            state,       // before the run, not observed; by state variable
            expression,  // decided by the run: an output, say, or what is computed from one; by Unknowns
            several,     // a state that has one of several known values; by state variable
            any,         // a state that a failed step may have left at any value; by state variable
            unnamed,     // everything else; by a number that only the environment that gave it can tell
        };
        Type type = Type::unnamed;
        std::uint32_t number = 0;
        friend auto operator<=>(Unknown, Unknown) = default;
        // Whether it can be said what it stands for, and so what to supply or to look at.
        [[nodiscard]] bool has_name() const {
            return type == Type::parameter || type == Type::state || type == Type::expression;
        }
    };
    // A name, whatever the type: `running` of one kind equals `running` of another.
    struct Enumerator {
        std::string name;
    };
    // The name of a secret, never what it holds.
    struct Secret {
        std::string name;
    };
    using List = std::vector<Value>;

    Value() = default;
    // Each value is made by the name of its type: nothing becomes one by itself.
    static Value none() { return {}; }
    static Value boolean(bool b) { return Value(Held(b)); }
    static Value integer(std::int64_t n) { return Value(Held(n)); }
    static Value string(std::string text) { return Value(Held(Shared<std::string>(std::move(text)))); }
    static Value duration(std::int64_t milliseconds) { return Value(Held(Duration{milliseconds})); }
    static Value version(Version v) { return Value(Held(Shared<Version>(std::move(v)))); }
    static Value enumerator(std::string name) { return Value(Held(Shared<Enumerator>(Enumerator{std::move(name)}))); }
    static Value secret(std::string name) { return Value(Held(Shared<Secret>(Secret{std::move(name)}))); }
    static Value object(ObjectId id) { return Value(Held(id)); }
    static Value list(List elements) { return Value(Held(Shared<List>(std::move(elements)))); }
    static Value unknown(Unknown::Type type, std::uint32_t number) { return Value(Held(Unknown{type, number})); }
    static Value unnamed_unknown(std::uint32_t number) { return unknown(Unknown::Type::unnamed, number); }

    [[nodiscard]] bool is_none() const { return std::holds_alternative<None>(held_); }
    [[nodiscard]] bool is_unknown() const { return std::holds_alternative<Unknown>(held_); }
    // The value if it is of that type, else null.
    [[nodiscard]] const bool* as_boolean() const { return std::get_if<bool>(&held_); }
    [[nodiscard]] const std::int64_t* as_integer() const { return std::get_if<std::int64_t>(&held_); }
    [[nodiscard]] const std::string* as_string() const { return shared<std::string>(); }
    [[nodiscard]] const Duration* as_duration() const { return std::get_if<Duration>(&held_); }
    [[nodiscard]] const Version* as_version() const { return shared<Version>(); }
    [[nodiscard]] const std::string* as_enumerator() const {
        const auto* e = shared<Enumerator>();
        return e ? &e->name : nullptr;
    }
    [[nodiscard]] const std::string* as_secret() const {
        const auto* s = shared<Secret>();
        return s ? &s->name : nullptr;
    }
    [[nodiscard]] const ObjectId* as_object() const { return std::get_if<ObjectId>(&held_); }
    [[nodiscard]] const List* as_list() const { return shared<List>(); }
    [[nodiscard]] const Unknown* as_unknown() const { return std::get_if<Unknown>(&held_); }
    // Unknown itself, or a list with an unknown element.
    [[nodiscard]] bool has_unknown() const;
    // None itself, or a list with such an element.
    [[nodiscard]] bool has_none() const;

    // Same type and same value; versions by components, so 2402 == 2402.0.
    friend bool operator==(const Value& a, const Value& b);
    // Equal values have equal hashes: a version by its components.
    [[nodiscard]] std::size_t hash() const;
    struct Hash {
        std::size_t operator()(const Value& value) const { return value.hash(); }
    };

  private:
    template <class T>
    using Shared = base::Shared<T>;
    using Held = std::variant<None, bool, std::int64_t, Duration, ObjectId, Unknown, Shared<std::string>,
                              Shared<Version>, Shared<Enumerator>, Shared<Secret>, Shared<List>>;
    explicit Value(Held held) : held_(std::move(held)) {}
    template <class T>
    [[nodiscard]] const T* shared() const {
        const auto* p = std::get_if<Shared<T>>(&held_);
        return p ? p->get() : nullptr;
    }
    Held held_;  // 16 bytes: larger values are on the heap, and shared
};

// <0, 0, >0; only for two integers, durations, versions or strings (else nullopt).
std::optional<int> compare(const Value& a, const Value& b);

// `45m` <-> milliseconds; units ms, s, m, h, d. Printed with the largest unit that divides it.
std::optional<Value> parse_duration(std::string_view text);
std::optional<Value> parse_version(std::string_view text);

// How a value is printed into longer text. Objects print as their name; `names` gives it.
struct ObjectNames {
    virtual ~ObjectNames() = default;
    [[nodiscard]] virtual std::string_view name(ObjectId id) const = 0;
    [[nodiscard]] virtual std::string id_text(ObjectId id) const = 0;  // "server/pvs01"
    [[nodiscard]] virtual std::string unknown_text(Value::Unknown /*of*/) const { return "(not known yet)"; }
};
// A secret prints as the reference to it, never as what it holds.
std::string to_text(const Value& value, const ObjectNames& names);

// Gives unambiguous texts: equal texts mean equal expressions, although objects of two kinds may share a name. A name
// is valid until the next one is asked for.
class DistinctNames final : public ObjectNames {
  public:
    explicit DistinctNames(const ObjectNames& names) : names_(&names) {}
    [[nodiscard]] std::string_view name(ObjectId id) const override { return held_ = names_->id_text(id); }
    [[nodiscard]] std::string id_text(ObjectId id) const override { return names_->id_text(id); }
    [[nodiscard]] std::string unknown_text(Value::Unknown of) const override {
        return "?" + std::to_string(static_cast<unsigned>(of.type)) + "." + std::to_string(of.number);
    }

  private:
    const ObjectNames* names_;
    mutable std::string held_;
};

}  // namespace pvsplan::program
