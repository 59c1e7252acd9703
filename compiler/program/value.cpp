#include "compiler/program/value.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace pvsplan::program {
namespace {

// The number of components that count: without zeros at the end.
std::size_t significant(const Value::Version& v) {
    std::size_t n = v.components.size();
    while (n > 0 && v.components[n - 1] == 0) --n;
    return n;
}

// Component by component; a missing one counts as 0, so that 2402 and 2402.0 are one version.
int order(const Value::Version& a, const Value::Version& b) {
    const std::size_t n = std::max(a.components.size(), b.components.size());
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t x = i < a.components.size() ? a.components[i] : 0;
        const std::uint64_t y = i < b.components.size() ? b.components[i] : 0;
        if (x != y) return x < y ? -1 : 1;
    }
    return 0;
}

template <class T>
int order(const T& a, const T& b) {
    return a < b ? -1 : (b < a ? 1 : 0);
}

// As Boost combines hashes: the constant is the golden ratio's part behind the point, in 64 bits.
void mix(std::size_t& seed, std::size_t more) { seed ^= more + 0x9e3779b97f4a7c15ULL + (seed << 6U) + (seed >> 2U); }

struct TimeUnit {
    std::string_view name;
    std::int64_t milliseconds;
};
// From the largest down.
constexpr TimeUnit time_units[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

// In the largest unit that divides it, so that it reads as people write it.
std::string duration_text(std::int64_t milliseconds) {
    if (milliseconds == 0) return "0s";
    for (const TimeUnit& unit : time_units)
        if (milliseconds % unit.milliseconds == 0)
            return std::to_string(milliseconds / unit.milliseconds) + std::string(unit.name);
    return {};
}

}  // namespace

bool Value::has_unknown() const {
    if (is_unknown()) return true;
    const List* list = as_list();
    return list && std::any_of(list->begin(), list->end(), [](const Value& v) { return v.has_unknown(); });
}

bool Value::has_none() const {
    const List* list = as_list();
    return is_none() || (list && std::any_of(list->begin(), list->end(), [](const Value& v) { return v.has_none(); }));
}

// Shared parts are compared by address first: values of a farm are mostly copies of few.
bool operator==(const Value& a, const Value& b) {
    if (a.held_.index() != b.held_.index()) return false;
    if (const auto* e = a.as_enumerator()) return e == b.as_enumerator() || *e == *b.as_enumerator();
    if (const auto* s = a.as_string()) return s == b.as_string() || *s == *b.as_string();
    if (const auto* v = a.as_version()) return v == b.as_version() || order(*v, *b.as_version()) == 0;
    if (const auto* s = a.as_secret()) return *s == *b.as_secret();
    if (const auto* l = a.as_list()) return l == b.as_list() || *l == *b.as_list();
    return a.held_ == b.held_;
}

// Equal values have equal hashes, versions too: trailing zeros are left out here as well.
std::size_t Value::hash() const {
    std::size_t seed = held_.index();
    if (const auto* b = as_boolean()) mix(seed, *b ? 1 : 0);
    if (const auto* n = as_integer()) mix(seed, std::hash<std::int64_t>{}(*n));
    if (const auto* d = as_duration()) mix(seed, std::hash<std::int64_t>{}(d->milliseconds));
    if (const auto* o = as_object()) mix(seed, o->value);
    if (const auto* u = as_unknown()) mix(seed, static_cast<std::size_t>(u->type)), mix(seed, u->number);
    if (const auto* s = as_string()) mix(seed, std::hash<std::string>{}(*s));
    if (const auto* s = as_enumerator()) mix(seed, std::hash<std::string>{}(*s));
    if (const auto* s = as_secret()) mix(seed, std::hash<std::string>{}(*s));
    if (const auto* v = as_version())
        for (std::size_t i = 0; i < significant(*v); ++i) mix(seed, std::hash<std::uint64_t>{}(v->components[i]));
    if (const auto* l = as_list())
        for (const Value& element : *l) mix(seed, element.hash());
    return seed;
}

// Values of two types, and those of types without an order, are not compared.
std::optional<int> compare(const Value& a, const Value& b) {
    if (const auto* x = a.as_integer(), *y = b.as_integer(); x && y) return order(*x, *y);
    if (const auto* x = a.as_duration(), *y = b.as_duration(); x && y) return order(*x, *y);
    if (const auto* x = a.as_version(), *y = b.as_version(); x && y) return order(*x, *y);
    if (const auto* x = a.as_string(), *y = b.as_string(); x && y) return order(*x, *y);
    return std::nullopt;
}

// One number and one unit; what does not fit 64 bits is refused, not wrapped around.
std::optional<Value> parse_duration(std::string_view text) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    const auto [suffix, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc()) return std::nullopt;
    const std::string_view name(suffix, static_cast<std::size_t>(end - suffix));
    for (const TimeUnit& unit : time_units) {
        if (unit.name != name) continue;
        if (number > std::numeric_limits<std::int64_t>::max() / unit.milliseconds) return std::nullopt;
        return Value::duration(number * unit.milliseconds);
    }
    return std::nullopt;
}

// Numbers with points between them; a component beyond 64 bits is refused.
std::optional<Value> parse_version(std::string_view text) {
    Value::Version version{{}, std::string(text)};
    const char* at = text.data();
    const char* end = at + text.size();
    for (;;) {
        std::uint64_t component = 0;
        if (at == end || *at < '0' || *at > '9') return std::nullopt;
        const auto [next, error] = std::from_chars(at, end, component);
        if (error != std::errc()) return std::nullopt;
        version.components.push_back(component);
        if (next == end) return Value::version(std::move(version));
        if (*next != '.') return std::nullopt;
        at = next + 1;
    }
}

// For people: a secret by its name only, a list without brackets.
std::string to_text(const Value& value, const ObjectNames& names) {
    if (const auto* b = value.as_boolean()) return *b ? "true" : "false";
    if (const auto* n = value.as_integer()) return std::to_string(*n);
    if (const auto* s = value.as_string()) return *s;
    if (const auto* d = value.as_duration()) return duration_text(d->milliseconds);
    if (const auto* v = value.as_version()) return v->text;
    if (const auto* e = value.as_enumerator()) return *e;
    if (const auto* s = value.as_secret()) return "${secret." + *s + "}";
    if (const auto* o = value.as_object()) return o->is_none() ? "none" : std::string(names.name(*o));
    if (const auto* unknown = value.as_unknown()) return names.unknown_text(*unknown);
    const auto* list = value.as_list();
    if (!list) return "none";
    std::string text;
    for (const Value& element : *list) {
        if (&element != &list->front()) text += ", ";
        text += to_text(element, names);
    }
    return text;
}

}  // namespace pvsplan::program
