#include "compiler/syntax/pieces.hpp"

#include <algorithm>

namespace pvsplan::syntax {
namespace {

using Type = Piece::Type;

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::string_view signs = "-?:,[]{}";

// The scalars that stand in the text, ascending: an alias repeats nodes, and a null has no text.
std::vector<NodeId> scalars_of(const Tree& tree) {
    std::vector<NodeId> scalars;
    for (std::size_t i = 0; i < tree.nodes.size(); ++i)
        if (tree.nodes[i].type != TreeNode::Type::list && tree.nodes[i].type != TreeNode::Type::map &&
            tree.nodes[i].end > tree.nodes[i].begin)
            scalars.emplace_back(i);
    std::stable_sort(scalars.begin(), scalars.end(), [&](NodeId a, NodeId b) { return tree[a].begin < tree[b].begin; });
    std::vector<NodeId> apart;
    for (const NodeId id : scalars)
        if (apart.empty() || tree[apart.back()].end <= tree[id].begin) apart.push_back(id);
    return apart;
}

// What lies between two scalars.
class Gaps {
  public:
    Gaps(std::string_view source, const std::vector<Tree::Lost>& lost) : source_(source), lost_(lost) {}

    // The piece that begins at `at` and ends at `limit` at the latest. Asked for ascending places.
    Piece next(std::size_t at, std::size_t limit) {
        while (lost_at_ < lost_.size() && lost_[lost_at_].end <= at) ++lost_at_;
        if (lost_at_ < lost_.size() && lost_[lost_at_].begin <= at)
            return piece(Type::unread, at, std::min<std::size_t>(limit, lost_[lost_at_].end));
        if (lost_at_ < lost_.size()) limit = std::min<std::size_t>(limit, lost_[lost_at_].begin);
        const std::string_view rest = source_.substr(at, limit - at);
        if (at == 0 && rest.starts_with(utf8_mark)) return piece(Type::mark, at, at + utf8_mark.size());
        if (rest[0] == ' ' || rest[0] == '\t') return until(Type::blank, at, rest.find_first_not_of(" \t"), rest);
        if (rest.starts_with("\r\n")) return piece(Type::line_break, at, at + 2);
        if (rest[0] == '\n') return piece(Type::line_break, at, at + 1);
        if (rest[0] == '#') return until(Type::comment, at, rest.find_first_of("\r\n"), rest);
        if (rest[0] == '%' && is_first(at)) return until(Type::directive, at, rest.find_first_of("\r\n"), rest);
        if ((rest.starts_with("---") || rest.starts_with("...")) && is_first(at))
            return piece(Type::marker, at, at + 3);
        const std::size_t word = rest.find_first_of(" \t\r\n,[]{}");
        // A tag that is written out has commas and brackets of its own.
        if (rest.starts_with("!<")) return until(Type::property, at, std::min(rest.find('>'), rest.size()) + 1, rest);
        if (rest[0] == '&' || rest[0] == '!') return until(Type::property, at, word, rest);
        if (rest[0] == '*') return until(Type::alias, at, word, rest);
        if (signs.find(rest[0]) != std::string_view::npos) return piece(Type::sign, at, at + 1);
        return until(Type::unread, at, std::max<std::size_t>(word, 1), rest);
    }

  private:
    static Piece piece(Type type, std::size_t begin, std::size_t end) {
        return {type, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), {}};
    }
    static Piece until(Type type, std::size_t at, std::size_t size, std::string_view rest) {
        return piece(type, at, at + std::min(size, rest.size()));
    }
    [[nodiscard]] bool is_first(std::size_t at) const {
        return at == 0 || source_[at - 1] == '\n' || (at == utf8_mark.size() && source_.starts_with(utf8_mark));
    }

    std::string_view source_;
    const std::vector<Tree::Lost>& lost_;
    std::size_t lost_at_ = 0;
};

}  // namespace

std::string_view name_of(Piece::Type type) {
    switch (type) {
        case Type::scalar: return "scalar";
        case Type::sign: return "sign";
        case Type::property: return "property";
        case Type::alias: return "alias";
        case Type::directive: return "directive";
        case Type::marker: return "marker";
        case Type::comment: return "comment";
        case Type::blank: return "blank";
        case Type::line_break: return "line break";
        case Type::mark: return "mark";
        case Type::unread: return "unread";
    }
    return "";
}

// Scalars are known from the tree; what lies between them holds no text, so that its first character tells what each
// piece is. Linear in the bytes.
std::vector<Piece> pieces(std::string_view source, const Tree& tree) {
    std::vector<Piece> all;
    Gaps gaps(source, tree.lost);
    std::size_t at = 0;
    const auto fill = [&](std::size_t limit) {
        while (at < limit) {
            all.push_back(gaps.next(at, limit));
            at = all.back().end;
        }
    };
    for (const NodeId id : scalars_of(tree)) {
        const TreeNode& node = tree[id];
        if (node.end > source.size()) break;
        fill(node.begin);
        all.push_back({Type::scalar, node.begin, node.end, id});
        at = node.end;
    }
    fill(source.size());
    return all;
}

}  // namespace pvsplan::syntax
