// The lists and mappings in block style that a line stands in: their columns as they are, and as they become.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace pvsplan::layout {

// A mapping is indented by this below its key, and so is a list; what follows `- ` on its line begins there as well.
inline constexpr std::size_t indent_step = 2;

// `now` is the column in which its entries begin in the text, `wanted` the one that they get.
struct Block {
    enum class Type : std::uint8_t { list, map };
    Type type = Type::map;
    std::size_t now = 0;
    std::size_t wanted = 0;
};

class Blocks {
  public:
    enum class Begins : std::uint8_t { entry, key, value };  // `- `, `key:` (also `? ` and `: `), anything else

    // Something begins at column `now`: at the beginning of its line, so that what was deeper has ended.
    // Returns its new column.
    std::size_t at_line(Begins what, std::size_t now) {
        ended_.clear();
        const auto is_over = [&] {
            const Block& top = open_.back();
            if (what == Begins::value) return top.now >= now;
            return top.now > now || (top.now == now && top.type == Block::Type::list && what == Begins::key);
        };
        while (!open_.empty() && is_over()) {
            ended_.push_back(open_.back());
            open_.pop_back();
        }
        const std::size_t wanted = place(what, now, below());
        next_ = {.now = now, .wanted = wanted};
        return wanted;
    }
    // Behind a `- ` or `? ` on one line, which leaves it at column `wanted`.
    void within_line(Begins what, std::size_t now, std::size_t wanted) { (void)place(what, now, wanted); }
    // Everything has ended.
    void end() {
        ended_.assign(open_.rbegin(), open_.rend());
        open_.clear();
        next_ = {};
    }

    // The new column of a comment at column `now` on lines of its own, before what was asked for last: it belongs to
    // that, or to the deepest of what ended there that is not deeper than it.
    [[nodiscard]] std::size_t of_comment(std::size_t now) const {
        for (const Block& block : ended_)
            if (block.now <= now && block.now > next_.now) return block.wanted;
        return next_.wanted;
    }

    // The innermost one; nothing: none is open.
    [[nodiscard]] std::optional<Block> innermost() const {
        return open_.empty() ? std::nullopt : std::optional(open_.back());
    }
    // The column of what stands within the innermost one and is none of its entries.
    [[nodiscard]] std::size_t below() const { return open_.empty() ? 0 : open_.back().wanted + indent_step; }

  private:
    // Another entry of the innermost block keeps its column. What is neither that nor a value opens a block.
    std::size_t place(Begins what, std::size_t now, std::size_t wanted) {
        if (what == Begins::value) return wanted;
        const Block::Type type = what == Begins::entry ? Block::Type::list : Block::Type::map;
        if (!open_.empty() && open_.back().type == type && open_.back().now == now) return open_.back().wanted;
        open_.push_back({.type = type, .now = now, .wanted = wanted});
        return wanted;
    }

    std::vector<Block> open_;   // from the outside in
    std::vector<Block> ended_;  // from the inside out
    Block next_;                // what began last
};

}  // namespace pvsplan::layout
