#include "runtime/view/outline.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "compiler/base/lists.hpp"
#include "compiler/diag/display.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::view {
namespace {

using syntax::NodeId;
using syntax::Tree;
using syntax::TreeNode;
using Type = TreeNode::Type;

// The text of a tree. Keys of an entry come in a fixed order, so that moving one is no difference, while the order of
// steps is the author's and stays.
class Outline {
  public:
    explicit Outline(const Tree& tree) : tree_(tree) {}

    std::string text() && {
        for (const auto& [key, value] : tree_.members(tree_.root())) member(key, value, 0);
        return std::move(out_);
    }

  private:
    // A list of one thing stands in the line of its key: `with: [a]`.
    [[nodiscard]] bool holds_maps(NodeId id) const {
        if (tree_[id].type != Type::list || tree_[id].size == 1) return false;
        for (const NodeId element : tree_.elements(id))
            if (tree_[element].type != Type::map) return false;
        return true;
    }

    // A list of steps, say, is a line for each of them; a mapping at the top one for each of its keys.
    void member(NodeId key, NodeId value, std::size_t depth) {
        const std::string name(tree_.text(key));
        const bool is_map = tree_[value].type == Type::map && tree_[value].size > 1;
        if (holds_maps(value)) {
            line(depth, name + ":");
            for (const NodeId element : tree_.elements(value)) entry(element, depth + 1);
        } else if (depth == 0 && is_map) {
            line(depth, name + ":");
            for (const auto& [inner, inside] : tree_.members(value)) member(inner, inside, depth + 1);
        } else {
            line(depth, name + ": " + flow(value));
        }
    }

    // Its name, then its keys; what it holds a list of stands below.
    void entry(NodeId map, std::size_t depth) {
        std::vector<Tree::Member> members;
        for (const Tree::Member& one : tree_.members(map)) members.push_back(one);
        std::sort(members.begin(), members.end(), [&](const Tree::Member& a, const Tree::Member& b) {
            return std::pair(rank(tree_.text(a.key)), tree_.text(a.key)) <
                   std::pair(rank(tree_.text(b.key)), tree_.text(b.key));
        });
        std::string words;
        for (const auto& [key, value] : members)
            if (!holds_maps(value)) base::append(words, "; ", std::string(tree_.text(key)) + ": " + flow(value));
        line(depth, "- " + words);
        for (const auto& [key, value] : members)
            if (holds_maps(value)) member(key, value, depth + 1);
    }

    // What an entry is called and does comes first.
    static std::size_t rank(std::string_view key) {
        static constexpr std::array<std::string_view, 8> first = {"id", "name",    "requirement", "for_each",
                                                                  "do", "approve", "on",          "with"};
        return static_cast<std::size_t>(std::find(first.begin(), first.end(), key) - first.begin());
    }

    [[nodiscard]] std::string flow(NodeId id) const {
        std::string words;
        switch (tree_[id].type) {
            case Type::null: return "null";
            case Type::scalar: return scalar(id);
            case Type::list:
                for (const NodeId element : tree_.elements(id)) base::append(words, ", ", flow(element));
                return "[" + words + "]";
            case Type::map:
                for (const auto& [key, value] : tree_.members(id))
                    base::append(words, ", ", std::string(tree_.text(key)) + ": " + flow(value));
                return "{" + words + "}";
        }
        return words;
    }

    // Quoted where the author did so, since `"no"` and `no` are two values. Every text is one line.
    [[nodiscard]] std::string scalar(NodeId id) const {
        const std::string_view text = tree_.text(id);
        if (tree_[id].is_plain) return std::string(text);
        std::string quoted = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') quoted += '\\';
            quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
        }
        return quoted + "\"";
    }

    void line(std::size_t depth, const std::string& words) {
        out_ += std::string(2 * depth, ' ') + diag::harmless(words) + "\n";
    }

    const Tree& tree_;
    std::string out_;
};

}  // namespace

// What cannot be read as a whole is given back: an outline of half of it would hide a difference.
std::string outline_of(const std::string& text) {
    base::Sources sources;
    const base::FileId file = sources.add("text", text);
    diag::Sink sink;
    if (!syntax::check_text(sources, file, sink) || sink.has_errors()) return text;
    const std::optional<Tree> tree = syntax::read_tree(sources, file, sink);
    const bool is_whole = tree && !sink.has_errors() && tree->lost.empty() && !tree->nodes.empty() &&
                          (*tree)[tree->root()].type == Type::map;
    return is_whole ? Outline(*tree).text() : text;
}

}  // namespace pvsplan::view
