// Typed indices: an Id<Kind> cannot be mistaken for an Id<Action>. 4 bytes, ordered, hashable.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace pvsplan::base {

template <class Tag>
struct Id {
    // No row has this number: a default Id stands for none, and tests as false.
    static constexpr std::uint32_t none_value = 0xffffffffU;
    std::uint32_t value = none_value;

    constexpr Id() = default;
    constexpr explicit Id(std::size_t index) : value(static_cast<std::uint32_t>(index)) {}

    [[nodiscard]] constexpr bool is_none() const { return value == none_value; }
    [[nodiscard]] constexpr std::size_t index() const { return value; }
    constexpr explicit operator bool() const { return !is_none(); }
    friend constexpr auto operator<=>(Id, Id) = default;
};

}  // namespace pvsplan::base

template <class Tag>
struct std::hash<pvsplan::base::Id<Tag>> {
    std::size_t operator()(pvsplan::base::Id<Tag> id) const noexcept { return id.value; }
};
