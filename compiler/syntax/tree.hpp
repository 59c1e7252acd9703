// bytes -> located tree: what YAML says, every node with its place from first to last byte. Nodes lie in one array in
// the order of the source, 24 bytes each; the text of a scalar is a view of the source wherever it stands there as it
// is.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/id.hpp"
#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/slice.hpp"

namespace pvsplan::syntax {

// Bounds, so that no text makes us slow or big.
inline constexpr std::size_t max_scalar_bytes = 1U << 20U;
inline constexpr std::size_t max_alias_nodes = 100'000;  // nodes that aliases add to those written

using NodeId = base::Id<struct TreeNodeTag>;

// Offsets of 32 bits, as those of spans.
struct TreeNode {
    enum class Type : std::uint8_t { null, scalar, list, map };
    Type type = Type::null;
    bool is_plain = false;    // a scalar without quotes
    bool is_exact = false;    // text is the source at text_begin; else it is in Tree::unfolded
    std::uint32_t begin = 0;  // in the source, with quotes
    std::uint32_t end = 0;
    std::uint32_t text_begin = 0;
    std::uint32_t text_size = 0;
    std::uint32_t size = 1;  // nodes of this subtree, itself included
};

// What yaml-cpp made of a file. Nodes of a collection follow it; those of a mapping are key, value, key, value, …;
// every key is a scalar and no key is there twice.
class Tree {
  public:
    Tree(const base::Sources& sources, base::FileId file) : source_(sources.text(file)), file_(file) {}

    std::vector<TreeNode> nodes;
    std::string unfolded;  // texts that the source does not have as they are

    // What could not be read and has been reported: whole lines. A `-` or a `key:` of theirs may be left without a
    // value.
    struct Lost {
        std::uint32_t begin;
        std::uint32_t end;
    };
    std::vector<Lost> lost;                         // ascending
    std::set<std::string, std::less<>> lost_names;  // that may have been declared there
    // A null that stands where something was lost: nothing more is to be said of it.
    [[nodiscard]] bool is_lost(NodeId id) const;

    [[nodiscard]] const TreeNode& operator[](NodeId id) const { return nodes[id.index()]; }
    [[nodiscard]] NodeId root() const { return NodeId(0); }
    [[nodiscard]] base::Span span(NodeId id) const { return {file_, (*this)[id].begin, (*this)[id].end}; }
    // What YAML makes of a scalar: without quotes, escapes undone.
    [[nodiscard]] std::string_view text(NodeId id) const {
        const TreeNode& n = (*this)[id];
        return (n.is_exact ? source_ : std::string_view(unfolded)).substr(n.text_begin, n.text_size);
    }
    // As it is written, quotes and escapes too.
    [[nodiscard]] std::string_view source(base::Span span) const {
        return source_.substr(span.begin, span.end - span.begin);
    }
    // The same with its place, for what is read from inside of it.
    [[nodiscard]] Slice slice(NodeId id) const;
    // The node behind this one and all that is below it.
    [[nodiscard]] NodeId next(NodeId id) const { return NodeId(id.index() + (*this)[id].size); }

    // for (NodeId element : tree.elements(list))
    struct Elements {
        const Tree* tree;
        NodeId first;
        NodeId last;
        struct Iterator {
            const Tree* tree;
            NodeId at;
            NodeId operator*() const { return at; }
            Iterator& operator++() {
                at = tree->next(at);
                return *this;
            }
            bool operator!=(const Iterator& other) const { return at != other.at; }
        };
        [[nodiscard]] Iterator begin() const { return {tree, first}; }
        [[nodiscard]] Iterator end() const { return {tree, last}; }
    };
    [[nodiscard]] Elements elements(NodeId list) const { return {this, NodeId(list.index() + 1), next(list)}; }

    // for (auto [key, value] : tree.members(map))
    struct Member {
        NodeId key;
        NodeId value;
    };
    struct Members {
        const Tree* tree;
        NodeId first;
        NodeId last;
        struct Iterator {
            const Tree* tree;
            NodeId at;
            Member operator*() const { return {at, tree->next(at)}; }
            Iterator& operator++() {
                at = tree->next(tree->next(at));
                return *this;
            }
            bool operator!=(const Iterator& other) const { return at != other.at; }
        };
        [[nodiscard]] Iterator begin() const { return {tree, first}; }
        [[nodiscard]] Iterator end() const { return {tree, last}; }
    };
    [[nodiscard]] Members members(NodeId map) const { return {this, NodeId(map.index() + 1), next(map)}; }

  private:
    std::string_view source_;
    base::FileId file_;
};

// The tree of `file`, or nothing if it is not YAML as we take it. Entries that cannot be read are reported and left
// out; everything else is in the tree.
std::optional<Tree> read_tree(const base::Sources& sources, base::FileId file, diag::Sink& sink);

// Reports bytes that are no text: a foreign encoding, control characters. False if there is no sense in reading on.
bool check_text(const base::Sources& sources, base::FileId file, diag::Sink& sink);

// The same, and what no YAML of ours has: a text or a list without end.
bool check_bytes(const base::Sources& sources, base::FileId file, diag::Sink& sink);

// Reports what looks like blanks, or cannot be seen, where most lines have it for a blank: one finding for a text that
// was pasted so. True if it is one.
bool check_blanks(const base::Sources& sources, base::FileId file, diag::Sink& sink);

// Reports a tab before the first word of a line that is not within a scalar: yaml-cpp takes it for one space, or for an
// error somewhere else. `tree` may end early. True if there was one.
bool check_tabs(const base::Sources& sources, base::FileId file, const Tree& tree, diag::Sink& sink);

}  // namespace pvsplan::syntax
