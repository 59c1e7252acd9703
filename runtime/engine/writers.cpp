#include "runtime/engine/writers.hpp"

#include <algorithm>

namespace pvsplan::engine {

using program::NodeId;
using state::Phase;

Writers::Writers(const state::ExecutionGraph& execution) {
    for (std::size_t i = 0; i < execution.size(); ++i)
        for (const program::Setting& set : execution.node(NodeId(i)).sets)
            of_[{set.object, set.attribute}].emplace_back(i);
}

// Still under way, or ended since: between those two moments the value was or was not written yet.
bool Writers::may_have_changed(const state::ExecutionState& state, program::ObjectId object,
                               const std::string& attribute, std::uint64_t since,
                               const std::vector<NodeId>& except) const {
    const auto writers = of_.find({object, attribute});
    if (writers == of_.end()) return false;
    return std::any_of(writers->second.begin(), writers->second.end(), [&](NodeId node) {
        const state::NodeState& at = state.nodes[node.index()];
        const bool is_under_way = state::is_under_way(at.phase);
        return (is_under_way || at.ended_as > since) && std::find(except.begin(), except.end(), node) == except.end();
    });
}

}  // namespace pvsplan::engine
