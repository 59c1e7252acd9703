#include "compiler/take_out.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace pvsplan::compiler {
namespace {

using syntax::NodeId;
using syntax::Tree;
using syntax::TreeNode;

class Removal {
  public:
    Removal(std::string_view text, const Tree& tree, base::FileId file) : text_(text), tree_(tree), file_(file) {}

    [[nodiscard]] std::optional<diag::Edit> of(base::Span entry) const {
        for (std::size_t i = 0; i < tree_.nodes.size(); ++i) {
            const NodeId id(i);
            if (tree_[id].type != TreeNode::Type::map && tree_[id].type != TreeNode::Type::list) continue;
            const std::vector<Range> entries = entries_of(id);
            const auto found = std::find_if(entries.begin(), entries.end(), [&](const Range& one) {
                return tree_.span(one.first) == entry || tree_.span(one.last) == entry;
            });
            if (found == entries.end() || tree_[found->last].type == TreeNode::Type::null) continue;
            if (entries.size() == 1) return of(tree_.span(id));
            return of(id, entries, static_cast<std::size_t>(found - entries.begin()));
        }
        return std::nullopt;
    }

  private:
    // The first and the last node of an entry, and where it stands in the text.
    struct Range {
        NodeId first;
        NodeId last;
        std::size_t begin;
        std::size_t end;
    };
    // The end without blanks and line breaks: the node of a block may reach over those behind it.
    [[nodiscard]] Range range(NodeId first, NodeId last) const {
        std::size_t end = tree_[last].end;
        while (end > tree_[last].begin && std::string_view(" \r\n").find(text_[end - 1]) != std::string_view::npos)
            --end;
        return {first, last, tree_[first].begin, end};
    }
    [[nodiscard]] std::vector<Range> entries_of(NodeId collection) const {
        std::vector<Range> entries;
        if (tree_[collection].type == TreeNode::Type::list)
            for (const NodeId element : tree_.elements(collection)) entries.push_back(range(element, element));
        else
            for (const Tree::Member one : tree_.members(collection)) entries.push_back(range(one.key, one.value));
        return entries;
    }

    // Between brackets the comma behind the entry goes with it, for the last one that before it. In lines it has them
    // for itself if nothing but its own dash stands before it.
    [[nodiscard]] std::optional<diag::Edit> of(NodeId collection, const std::vector<Range>& entries,
                                               std::size_t at) const {
        const Range& entry = entries[at];
        const char opening = text_[tree_[collection].begin];
        const bool has_next = at + 1 < entries.size();
        if (opening == '{' || opening == '[')
            return has_next ? between(entry.begin, entries[at + 1].begin) : between(entries[at - 1].end, entry.end);
        const std::size_t line = text_.rfind('\n', entry.begin) + 1;  // npos + 1 is 0
        const std::string_view before = text_.substr(line, entry.begin - line);
        const auto dashes = std::count(before.begin(), before.end(), '-');
        if (before.find_first_not_of("- ") != std::string_view::npos) return std::nullopt;
        if (dashes == (tree_[collection].type == TreeNode::Type::list ? 1 : 0)) {
            const std::size_t end = std::min(text_.find('\n', entry.end), text_.size() - 1) + 1;
            return cut(line, end);
        }
        // The first key of a mapping behind a dash: the next one takes its place.
        return has_next && tree_[collection].type == TreeNode::Type::map ? between(entry.begin, entries[at + 1].begin)
                                                                         : std::nullopt;
    }

    // A `#` may be a comment, which nobody wants to lose; that it may be a part of a text as well does no harm.
    [[nodiscard]] std::optional<diag::Edit> between(std::size_t begin, std::size_t end) const {
        if (text_.substr(begin, end - begin).find('#') != std::string_view::npos) return std::nullopt;
        return cut(begin, end);
    }
    [[nodiscard]] diag::Edit cut(std::size_t begin, std::size_t end) const {
        return {{file_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, ""};
    }

    std::string_view text_;
    const Tree& tree_;
    base::FileId file_;
};

}  // namespace

std::optional<diag::Edit> take_out(const base::Sources& sources, const Tree& tree, base::Span entry) {
    return Removal(sources.text(entry.file), tree, entry.file).of(entry);
}

}  // namespace pvsplan::compiler
