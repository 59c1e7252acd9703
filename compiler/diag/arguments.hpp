// What the `{}` of a declared diagnostic stand for. Each argument has a role, each role is a type of its own that
// nothing turns into by itself, and no declaration names a role twice: a call that swaps two arguments does not
// compile.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace pvsplan::diag {

struct Text {
    std::string_view text;
    explicit Text(std::string_view t) : text(t) {}
};

// What is found: a key, a parameter, an object, a requirement, as it is written.
struct Name : Text {
    using Text::Text;
};
// Another of the same sort.
struct OtherName : Text {
    using Text::Text;
};
// What has the name, or lacks it: an action and its parameter, an object and its attribute.
struct Owner : Text {
    using Text::Text;
};
// What a name was given.
struct Given : Text {
    using Text::Text;
};
// `rest[pvs02].stop`
struct StepPath : Text {
    using Text::Text;
};
// Another step, which the first one has to do with.
struct OtherStep : Text {
    using Text::Text;
};
// `upgrade`, of an event.
struct Verb : Text {
    using Text::Text;
};

// Prose: "a step", "a list of strings", or why.
struct Words : Text {
    using Text::Text;
};
// Prose: what the sentence is about.
struct Topic : Text {
    using Text::Text;
};
// What would have been right, and what was there.
struct Expected : Text {
    using Text::Text;
};
struct Found : Text {
    using Text::Text;
};
// The sides of an operator, by their types.
struct LeftSide : Text {
    using Text::Text;
};
struct RightSide : Text {
    using Text::Text;
};
// Prose: after what, "`a` and `b`".
struct When : Text {
    using Text::Text;
};

// Numbers have roles as texts have.
struct Number {
    std::uint64_t number;
    template <std::integral T>
    explicit Number(T n) : number(static_cast<std::uint64_t>(n)) {}
};
struct Count : Number {
    using Number::Number;
};
struct FoundCount : Number {
    using Number::Number;
};

template <class Arg, class... Args>
inline constexpr bool is_among = (std::is_same_v<Arg, Args> || ...);

// No role is there twice.
template <class... Args>
inline constexpr bool are_distinct = true;
template <class Arg, class... Args>
inline constexpr bool are_distinct<Arg, Args...> = !is_among<Arg, Args...> && are_distinct<Args...>;

// What becomes the sole argument of a declaration without its role being said.
template <class From, class Arg>
concept SoleFor = !std::is_same_v<From, Arg> && std::is_constructible_v<Arg, const From&>;

}  // namespace pvsplan::diag
