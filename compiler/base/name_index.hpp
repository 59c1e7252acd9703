// Where each of many names stands in a list of them: 8 to 16 bytes a name, beside its text. The list is the owner's,
// and the same in each call; names that were added stay there and keep their text.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::base {

class NameIndex {
  public:
    // For at most that many names.
    explicit NameIndex(std::size_t count) {
        std::size_t slots = 2;
        while (slots < 2 * count) slots *= 2;
        slots_.assign(slots, vacant);
    }

    // Adds names[at]. The place of an equal name that was added before; else `at`.
    std::size_t add(std::span<const std::string> names, std::size_t at) {
        std::uint32_t& slot = slots_[slot_of(names, names[at])];
        if (slot == vacant) slot = static_cast<std::uint32_t>(at);
        return slot;
    }

    // Open addressing with linear probing: constant time on average, and no allocation.
    [[nodiscard]] std::optional<std::size_t> find(std::span<const std::string> names, std::string_view name) const {
        const std::uint32_t found = slots_[slot_of(names, name)];
        return found == vacant ? std::nullopt : std::optional<std::size_t>(found);
    }

  private:
    static constexpr std::uint32_t vacant = 0xffffffffU;

    // That of the name, or the vacant one where it belongs. At least half of all slots are vacant.
    [[nodiscard]] std::size_t slot_of(std::span<const std::string> names, std::string_view name) const {
        const std::size_t mask = slots_.size() - 1;
        std::size_t slot = std::hash<std::string_view>()(name) & mask;
        while (slots_[slot] != vacant && names[slots_[slot]] != name) slot = (slot + 1) & mask;
        return slot;
    }

    std::vector<std::uint32_t> slots_;
};

}  // namespace pvsplan::base
