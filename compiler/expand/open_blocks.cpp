#include "compiler/expand/open_blocks.hpp"

#include "compiler/base/check.hpp"

namespace pvsplan::expand {

// Who waits for a step that stands below it is linked only now. A step has no exit where it is an error value or the
// expansion was stopped; one that is named and skipped has a join.
void OpenBlocks::close() {
    for (const Block::Waiting& late : blocks_.back().waiting)
        if (const std::uint32_t exit = blocks_.back().exits[late.step]; exit != none)
            draft_.link(exit, late.entries, late.why);
    blocks_.pop_back();
}

// Blocks are counted from the inside out, as references were resolved.
void OpenBlocks::wait_for(const resolve::StepRef& step, const std::vector<std::uint32_t>& entries, std::uint32_t why) {
    base::check(step.up < blocks_.size(), "a step waits for a step of a scope around it");
    Block& block = blocks_[blocks_.size() - 1 - step.up];
    if (step.index < block.exits.size() && block.exits[step.index] != none)
        draft_.link(block.exits[step.index], entries, why);
    else
        block.waiting.push_back({step.index, entries, why});
}

}  // namespace pvsplan::expand
