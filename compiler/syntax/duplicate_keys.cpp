#include "compiler/syntax/duplicate_keys.hpp"

#include <algorithm>

#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/slips.hpp"

namespace pvsplan::syntax {

// Few keys are compared pairwise, which allocates nothing; many are sorted. The sort is stable, so that the first in
// the text stays the first.
void DuplicateKeys::check(NodeId map, First first) {
    static constexpr std::size_t max_compared = 16;  // of so few keys each is compared with each
    keys_.clear();
    for (const auto [key, value] : tree_->members(map)) keys_.push_back(key);
    if (first == First::may_begin_an_entry && is_two_entries(map)) return;
    if (keys_.size() > max_compared) {
        std::stable_sort(keys_.begin(), keys_.end(),
                         [&](NodeId a, NodeId b) { return tree_->text(a) < tree_->text(b); });
        for (std::size_t i = 1; i < keys_.size(); ++i)
            if (tree_->text(keys_[i - 1]) == tree_->text(keys_[i])) report(keys_[i - 1], keys_[i]);
        return;
    }
    for (std::size_t i = 1; i < keys_.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (tree_->text(keys_[i]) == tree_->text(keys_[j])) {
                report(keys_[j], keys_[i]);
                break;
            }
}

// The first key of an entry of a list once more: the `-` of the next entry is missing. That entry is lost.
bool DuplicateKeys::is_two_entries(NodeId map) {
    if (keys_.empty() || source_[(*tree_)[map].begin] == '{') return false;
    const auto again = std::find_if(keys_.begin() + 1, keys_.end(),
                                    [&](NodeId key) { return tree_->text(key) == tree_->text(keys_.front()); });
    if (again == keys_.end()) return false;
    const TreeNode key = (*tree_)[*again];
    sink_->report(codes::no_dash, tree_->span(*again), "")
        .related(tree_->span(keys_.front()), "the entry above begins here")
        .hint("each entry of this list begins with `- `");
    TreeNode& node = tree_->nodes[map.index()];
    tree_->lost.push_back({key.begin, node.end});
    add_names(source_.substr(key.begin, node.end - key.begin), tree_->lost_names);
    tree_->nodes.resize(again->index());
    node.size = static_cast<std::uint32_t>(tree_->nodes.size() - map.index());
    return true;
}

void DuplicateKeys::report(NodeId first, NodeId second) {
    sink_->report(codes::duplicate_key, tree_->span(second), tree_->text(second))
        .related(tree_->span(first), "first here");
}

}  // namespace pvsplan::syntax
