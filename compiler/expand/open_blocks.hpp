// The blocks that are being expanded, the innermost last: the exits of their steps, and who waits for later ones.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/expand/draft.hpp"

namespace pvsplan::expand {

class OpenBlocks {
  public:
    explicit OpenBlocks(Draft& draft) : draft_(draft) {}

    void open(std::size_t steps) { blocks_.emplace_back().exits.assign(steps, none); }
    // That step of the innermost block has this exit.
    void add_exit(std::size_t step, std::uint32_t exit) { blocks_.back().exits[step] = exit; }
    // The innermost block is expanded: who waited for a step of it is linked.
    void close();
    // `entries` come after the step, which is one of an open block, expanded or not.
    void wait_for(const resolve::StepRef& step, const std::vector<std::uint32_t>& entries, std::uint32_t why);

  private:
    // `exits` by step, none until it is expanded. `waiting` are the entries of those that wait for a step further on.
    struct Block {
        std::vector<std::uint32_t> exits;
        struct Waiting {
            std::uint32_t step;
            std::vector<std::uint32_t> entries;
            std::uint32_t why;
        };
        std::vector<Waiting> waiting;
    };
    Draft& draft_;
    std::vector<Block> blocks_;
};

}  // namespace pvsplan::expand
