#include "compiler/resolve/literal_hints.hpp"

#include "compiler/base/lower_case.hpp"
#include "compiler/program/codec_values.hpp"
#include "compiler/syntax/form_hints.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/core.h>

namespace pvsplan::resolve {
namespace {

using program::Type;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Words that people and other tools write for units. The language itself takes fewer, so that one duration is written
// one way.
std::optional<std::int64_t> milliseconds_of(std::string_view unit) {
    struct Unit {
        std::string_view word;
        std::int64_t milliseconds;
    };
    static constexpr std::array words = {
        Unit{"ms", 1},         Unit{"s", 1'000},        Unit{"sec", 1'000},      Unit{"secs", 1'000},
        Unit{"second", 1'000}, Unit{"seconds", 1'000},  Unit{"m", 60'000},       Unit{"min", 60'000},
        Unit{"mins", 60'000},  Unit{"minute", 60'000},  Unit{"minutes", 60'000}, Unit{"h", 3'600'000},
        Unit{"hr", 3'600'000}, Unit{"hrs", 3'600'000},  Unit{"hour", 3'600'000}, Unit{"hours", 3'600'000},
        Unit{"d", 86'400'000}, Unit{"day", 86'400'000}, Unit{"days", 86'400'000}};
    for (const Unit& known : words)
        if (known.word == unit) return known.milliseconds;
    return std::nullopt;
}

// A number of at most six digits with at most one behind the point, in tenths.
std::optional<std::int64_t> tenths(std::string_view& rest) {
    static constexpr std::size_t max_digits = 6;
    std::size_t end = 0;
    std::int64_t number = 0;
    while (end < rest.size() && end <= max_digits && is_digit(rest[end])) number = number * 10 + (rest[end++] - '0');
    if (end == 0 || end > max_digits) return std::nullopt;
    number *= 10;
    const bool has_tenth = end + 1 < rest.size() && (rest[end] == '.' || rest[end] == ',') && is_digit(rest[end + 1]);
    if (has_tenth) {
        number += rest[end + 1] - '0';
        end += 2;
    }
    rest.remove_prefix(end);
    return number;
}

// `5 min`, `1h30m`, `1.5h`, `00:05:00`.
std::optional<std::int64_t> loose_duration(std::string_view text) {
    std::int64_t total = 0;
    if (text.find(':') != std::string_view::npos) {
        std::int64_t parts = 0;
        for (std::string_view rest = text; parts < 3; ++parts) {
            const std::optional<std::int64_t> number = tenths(rest);
            if (!number || *number % 10 != 0) return std::nullopt;
            total = total * 60 + *number / 10;
            if (rest.empty()) return parts == 2 ? std::optional(total * 1'000) : std::nullopt;
            if (rest[0] != ':') return std::nullopt;
            rest.remove_prefix(1);
        }
        return std::nullopt;
    }
    const std::string lower = base::lower_case(text);
    for (std::string_view rest = lower; !rest.empty();) {
        const std::optional<std::int64_t> number = tenths(rest);
        if (!number) return std::nullopt;
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        std::size_t end = 0;
        while (end < rest.size() && rest[end] >= 'a' && rest[end] <= 'z') ++end;
        const std::optional<std::int64_t> unit = milliseconds_of(rest.substr(0, end));
        if (!unit) return std::nullopt;
        total += *number * *unit / 10;
        rest.remove_prefix(end);
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    }
    return total > 0 ? std::optional(total) : std::nullopt;
}

// A number that could be meant as a duration.
bool is_short_number(std::string_view text) {
    return !text.empty() && text.size() <= 6 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A number without a unit may mean seconds, minutes or hours: all three are shown, none is chosen.
std::string hint_for_duration(std::string_view text) {
    if (is_short_number(text)) return fmt::format("with its unit: `{0}s`, `{0}m` or `{0}h`", text);
    if (const std::optional<std::int64_t> meant = loose_duration(text))
        return fmt::format("write `{}`: a number and one unit, of ms, s, m, h and d",
                           program::duration_json_text(*meant));
    return "";
}

// `v2402` and what begins with a number; of other texts nobody can say what was meant.
std::string hint_for_version(std::string_view text) {
    const std::string_view number = text.substr(text.starts_with('v') || text.starts_with('V') ? 1 : 0);
    if (number.size() < text.size() && !number.empty() && number.find_first_not_of("0123456789.") == std::string::npos)
        return fmt::format("write `{}`", number);
    if (!number.empty() && is_digit(number[0])) return "a version is numbers with dots between: `2402.1`";
    return "";
}

// Numbers in words.
std::string hint_for_number(std::string_view text) {
    static constexpr std::array<std::string_view, 11> words = {"zero", "one",   "two",   "three", "four", "five",
                                                               "six",  "seven", "eight", "nine",  "ten"};
    const std::string lower = base::lower_case(text);
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == lower) return fmt::format("write `{}`", i);
    return "";
}

}  // namespace

// Empty where no slip is known.
std::string hint_for_literal(std::string_view text, const Type& type) {
    switch (type.category) {
        case Type::Category::duration: return hint_for_duration(text);
        case Type::Category::version: return hint_for_version(text);
        case Type::Category::boolean: return syntax::hint_for_boolean(text);
        case Type::Category::integer: return hint_for_number(text);
        case Type::Category::path:
            return "it has a control character; between double quotes a backslash begins an escape: write it between "
                   "single quotes, or without any";
        default: return "";
    }
}

// More than one where nobody can tell: a repair is offered for each and made by itself for none.
std::vector<std::string> meant_by_literal(std::string_view text, const Type& type) {
    const std::string number(text);
    if (type.category == Type::Category::duration) {
        if (is_short_number(text)) return {number + "s", number + "m", number + "h"};
        if (const std::optional<std::int64_t> meant = loose_duration(text))
            return {program::duration_json_text(*meant)};
    }
    if (type.category == Type::Category::version && (text.starts_with('v') || text.starts_with('V')))
        return {number.substr(1)};
    return {};
}

// As other tools write variables: of a shell, of Make, of templates, of a batch file. The longest signs come first.
std::string_view name_in_signs(std::string_view text) {
    struct Signs {
        std::string_view open;
        std::string_view close;
    };
    static constexpr std::array all = {Signs{"${", "}"}, Signs{"$(", ")"}, Signs{"{{", "}}"},
                                       Signs{"%", "%"},  Signs{"$", ""},   Signs{"", ""}};
    for (const Signs& signs : all) {
        const std::size_t around = signs.open.size() + signs.close.size();
        if (text.size() <= around || !text.starts_with(signs.open) || !text.ends_with(signs.close)) continue;
        std::string_view name = text.substr(signs.open.size(), text.size() - around);
        name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
        name = name.substr(0, name.find_last_not_of(' ') + 1);
        return name;
    }
    return {};
}

}  // namespace pvsplan::resolve
