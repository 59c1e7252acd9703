#include "compiler/checks/uncertain_writers.hpp"

#include <algorithm>

namespace pvsplan::checks {

using graph::Index;
using graph::no_index;

void UncertainWriters::pass(Index node) {
    // A node is in few iterations, so among eight writers of different iterations one is outside of all of them.
    static constexpr std::size_t max_writers = 8;
    if (!may_be_abandoned(node)) return;
    for (const graph::SetFact& set : facts_.sets[node]) {
        std::vector<Index>& all = writers_[set.variable];
        const auto same = std::find_if(all.begin(), all.end(),
                                       [&](Index other) { return facts_.instance[other] == facts_.instance[node]; });
        if (same != all.end())
            *same = node;
        else if (all.size() < max_writers)
            all.push_back(node);
        else
            all.back() = node;
    }
}

// A writer whose iteration may be abandoned around it, while `node` is not in that iteration and goes on.
std::optional<Index> UncertainWriters::of(graph::StateVariable variable, Index node) const {
    const auto found = writers_.find(variable);
    if (found == writers_.end()) return std::nullopt;
    for (const Index writer : found->second)
        for (std::uint32_t i = facts_.instance[writer]; i != no_index; i = facts_.instances[i].parent)
            if (facts_.may_be_abandoned(i) && !facts_.is_in(node, i)) return writer;
    return std::nullopt;
}

bool UncertainWriters::may_be_abandoned(Index node) const {
    for (std::uint32_t i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
        if (facts_.may_be_abandoned(i)) return true;
    return false;
}

}  // namespace pvsplan::checks
