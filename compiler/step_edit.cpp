#include "compiler/step_edit.hpp"

#include <algorithm>
#include <string>

namespace pvsplan::compiler {
namespace {

using syntax::NodeId;
using syntax::Tree;
using syntax::TreeNode;

// The mapping of exactly that text; an empty one has no place for a key.
std::optional<NodeId> mapping_at(const Tree& tree, base::Span step) {
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        const TreeNode& node = tree.nodes[i];
        if (node.type == TreeNode::Type::map && node.begin == step.begin && node.end == step.end && node.size > 1)
            return NodeId(i);
    }
    return std::nullopt;
}

class StepText {
  public:
    StepText(const base::Sources& sources, const Tree& tree, base::Span step, NodeId map)
        : text_(sources.text(step.file)), tree_(tree), step_(step), map_(map) {}

    std::optional<diag::Edit> add_after(std::string_view name) const {
        if (const auto after = member("after")) return extend(*after, name);
        const std::string words = "after: " + std::string(name);
        // Next to the id, where a reader looks for it; else first.
        const auto id = member("id");
        if (!id) return put_first(words);
        if (is_flow()) return insert(tree_[id->value].end, ", " + words);
        return insert_line_below(tree_[id->value].end, indent(), words);
    }

    std::optional<diag::Edit> add_id(std::string_view id) const {
        if (member("id")) return std::nullopt;
        return put_first("id: " + std::string(id));
    }

    std::optional<diag::Edit> set_value(std::string_view key, std::string_view value) const {
        const auto found = member(key);
        if (!found || tree_[found->value].type != TreeNode::Type::scalar) return std::nullopt;
        const TreeNode& old = tree_[found->value];
        return diag::Edit{{step_.file, old.begin, old.end}, std::string(value)};
    }

  private:
    [[nodiscard]] bool is_flow() const { return text_[step_.begin] == '{'; }

    [[nodiscard]] std::optional<Tree::Member> member(std::string_view key) const {
        for (const Tree::Member one : tree_.members(map_))
            if (tree_.text(one.key) == key) return one;
        return std::nullopt;
    }

    [[nodiscard]] diag::Edit insert(std::size_t at, std::string words) const {
        const auto offset = static_cast<std::uint32_t>(at);
        return {{step_.file, offset, offset}, std::move(words)};
    }

    // The indentation of the lines of a block mapping. Nothing if its first line begins with more than "- " and blanks.
    [[nodiscard]] std::optional<std::string> indent() const {
        const std::size_t line = text_.rfind('\n', step_.begin) + 1;  // npos + 1 is 0
        const std::string_view before = text_.substr(line, step_.begin - line);
        if (before.find_first_not_of("- ") != std::string_view::npos) return std::nullopt;
        return std::string(before.size(), ' ');
    }
    // As the first line of the file ends, so that no file mixes both.
    [[nodiscard]] std::string_view line_break() const {
        const std::size_t end = text_.find('\n');
        return end != std::string_view::npos && end > 0 && text_[end - 1] == '\r' ? "\r\n" : "\n";
    }

    // In block style the new key takes the place behind the dash, and what stood there goes to a line of its own below.
    [[nodiscard]] std::optional<diag::Edit> put_first(const std::string& words) const {
        if (is_flow()) return insert(step_.begin + 1, words + ", ");
        const auto blanks = indent();
        if (!blanks) return std::nullopt;
        return insert(step_.begin, words + std::string(line_break()) + *blanks);
    }

    // Inserts a line after the one that contains `at`; the comment of that line stays with it.
    [[nodiscard]] std::optional<diag::Edit> insert_line_below(std::size_t at, const std::optional<std::string>& blanks,
                                                              const std::string& words) const {
        if (!blanks) return std::nullopt;
        std::size_t end = std::min(text_.find('\n', at), text_.size());
        if (end > at && text_[end - 1] == '\r') --end;
        return insert(end, std::string(line_break()) + *blanks + words);
    }

    // One name becomes a list of two in its place. A list in brackets gets one more behind its last; one of lines gets
    // a line that begins as the last one does.
    [[nodiscard]] std::optional<diag::Edit> extend(const Tree::Member& after, std::string_view name) const {
        const TreeNode& value = tree_[after.value];
        const std::string word(name);
        if (value.type == TreeNode::Type::scalar && value.end > value.begin)
            return diag::Edit{
                {step_.file, value.begin, value.end},
                "[" + std::string(text_.substr(value.begin, value.end - value.begin)) + ", " + word + "]"};
        if (value.type != TreeNode::Type::list) return std::nullopt;
        std::optional<NodeId> last;
        for (const NodeId element : tree_.elements(after.value)) last = element;
        if (text_[value.begin] == '[')
            return last ? insert(tree_[*last].end, ", " + word) : insert(value.begin + 1, word);
        if (!last) return std::nullopt;
        const std::size_t line = text_.rfind('\n', tree_[*last].begin) + 1;
        const std::string_view before = text_.substr(line, tree_[*last].begin - line);
        if (before.find_first_not_of("- ") != std::string_view::npos) return std::nullopt;
        return insert_line_below(tree_[*last].end, std::string(before), word);
    }

    std::string_view text_;
    const Tree& tree_;
    base::Span step_;
    NodeId map_;
};

}  // namespace

std::optional<diag::Edit> add_after(const base::Sources& sources, const Tree& tree, base::Span step,
                                    std::string_view name) {
    const auto map = mapping_at(tree, step);
    return map ? StepText(sources, tree, step, *map).add_after(name) : std::nullopt;
}

std::optional<diag::Edit> set_value(const base::Sources& sources, const Tree& tree, base::Span step,
                                    std::string_view key, std::string_view value) {
    const auto map = mapping_at(tree, step);
    return map ? StepText(sources, tree, step, *map).set_value(key, value) : std::nullopt;
}

std::optional<diag::Edit> add_id(const base::Sources& sources, const Tree& tree, base::Span step, std::string_view id) {
    const auto map = mapping_at(tree, step);
    return map ? StepText(sources, tree, step, *map).add_id(id) : std::nullopt;
}

}  // namespace pvsplan::compiler
