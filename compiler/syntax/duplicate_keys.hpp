// Keys that one mapping has twice, which yaml-cpp lets pass.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::syntax {

// Asked of each mapping once, when it is complete.
class DuplicateKeys {
  public:
    // All three must outlive this.
    DuplicateKeys(std::string_view source, Tree& tree, diag::Sink& sink)
        : source_(source), tree_(&tree), sink_(&sink) {}

    // A first key that is there once more may begin the next entry of a list.
    enum class First : std::uint8_t { is_a_key, may_begin_an_entry };
    // `map`: the last node of the tree that is complete, with all below it.
    void check(NodeId map, First first);

  private:
    // True if the mapping was cut at the second entry, which was reported and is lost.
    bool is_two_entries(NodeId map);
    void report(NodeId first, NodeId second);

    std::string_view source_;
    Tree* tree_;
    diag::Sink* sink_;
    std::vector<NodeId> keys_;  // of the mapping; kept for its memory
};

}  // namespace pvsplan::syntax
