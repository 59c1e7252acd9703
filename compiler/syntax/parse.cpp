#include "compiler/syntax/parse.hpp"

#include <fmt/core.h>

#include <iterator>
#include <string>
#include <vector>

#include "compiler/base/near.hpp"
#include "compiler/syntax/decode.hpp"
#include "compiler/syntax/phrases.hpp"

namespace pvsplan::syntax {
namespace {

static constexpr std::string_view documents[] = {"plan", "module", "policy", "farm"};

bool is_document(std::string_view key) {
    for (const std::string_view name : documents)
        if (name == key) return true;
    return false;
}

// The type of the document, if the key that says so was lost.
std::string_view lost_first_key(const Tree& tree) {
    const bool is_first = !tree.lost.empty() && tree.lost.front().begin <= tree[tree.root()].begin;
    for (const std::string_view name : documents)
        if (is_first && tree.lost_names.contains(name)) return name;
    return {};
}

// The document that most keys of this one belong to; empty if there is none.
std::string_view likely(const Tree& tree) {
    std::string_view best;
    std::size_t most = 0;
    for (const std::string_view name : documents) {
        std::size_t count = 0;
        for (const auto [key, value] : tree.members(tree.root()))
            count += grammar::shape(name).key(tree.text(key)) ? 1 : 0;
        if (count <= most) continue;
        most = count;
        best = name;
    }
    return best;
}

// The key that says what the document is: its first one. Elsewhere it is taken for what was meant, and reported.
std::string_view which(const Reading& in) {
    const NodeId root = in.tree.root();
    if (const std::string_view lost = lost_first_key(in.tree); !lost.empty()) return lost;
    if (!in.tree.lost.empty() && in.tree[root].type != TreeNode::Type::map) return {};
    if (in.tree[root].type != TreeNode::Type::map) {
        in.sink
            .report(codes::no_document, in.tree.span(root),
                    std::string("it is ") + std::string(words_for(in.tree[root])))
            .hint("the first line of a file is `plan: NAME`, `farm: NAME`, `module: NAME` or `policy: NAME`");
        return {};
    }
    const NodeId first = in.tree.members(root).first;
    if (in.tree[root].size > 1 && is_document(in.tree.text(first))) return in.tree.text(first);
    static const std::vector<std::string> names(std::begin(documents), std::end(documents));
    const std::optional<std::string> near =
        in.tree[root].size > 1 ? base::nearest(in.tree.text(first), names) : std::nullopt;
    const std::string_view by_keys = near ? std::string_view() : likely(in.tree);
    for (const auto [key, value] : in.tree.members(root))
        if (!by_keys.empty() && in.tree.text(key) == by_keys) {
            if (in.tree.text(first).find(' ') != std::string_view::npos) return by_keys;  // no key: that is reported
            in.sink.report(codes::not_first, in.tree.span(key), by_keys)
                .related(in.tree.span(first), "this comes first")
                .hint("move it to the top: the first key says what a file is");
            return by_keys;
        }
    const NodeId place = in.tree[root].size > 1 ? first : root;
    const std::string words = by_keys.empty() ? std::string("no key `plan`, `farm`, `module` or `policy`")
                                              : fmt::format("it has the keys of a {0}, and no `{0}`", by_keys);
    in.sink.report(codes::no_document, in.tree.span(place), words)
        .did_you_mean(near)
        .hint("the first line of a file is `plan: NAME`, `farm: NAME`, `module: NAME` or `policy: NAME`");
    return {};
}

Slice slice_at(const base::Sources& sources, base::Span span) { return {sources.text(span), span, true, {}}; }

}  // namespace

// Names that were possibly lost are handed out also where nothing else could be read, so that nobody reports them as
// unknown.
std::optional<Document> parse(const base::Sources& sources, base::FileId file, diag::Sink& sink, LostNames* lost) {
    std::optional<Tree> tree = read_tree(sources, file, sink);
    if (!tree) return std::nullopt;
    if (lost) lost->insert(tree->lost_names.begin(), tree->lost_names.end());
    const Reading in{*tree, sink};
    const std::string_view what = which(in);
    if (what == "plan") return decode_plan(in);
    if (what == "farm") return decode_farm(in);
    if (what == "module") return decode_module(in);
    if (what == "policy") return decode_policy(in);
    return std::nullopt;
}

std::vector<NamedValue> parse_values(const base::Sources& sources, base::FileId file, diag::Sink& sink) {
    const std::optional<Tree> tree = read_tree(sources, file, sink);
    if (!tree) return {};
    const Reading in{*tree, sink};
    if (!expect(in, tree->root(), TreeNode::Type::map, "a file of parameters", "a mapping")) return {};
    return read_values(in, tree->root(), "a parameter");
}

Expression parse_expression(const base::Sources& sources, base::Span span, diag::Sink& sink) {
    return read_expression(slice_at(sources, span), sink);
}

RequirementText parse_requirement(const base::Sources& sources, base::Span span, diag::Sink& sink) {
    return read_requirement(slice_at(sources, span), sink);
}

}  // namespace pvsplan::syntax
