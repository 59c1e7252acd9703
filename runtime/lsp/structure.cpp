#include "runtime/lsp/structure.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "compiler/layout/layout.hpp"
#include "compiler/syntax/tree.hpp"
#include "runtime/lsp/json_text.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;
using syntax::NodeId;
using syntax::TreeNode;

// A text that is looked at by itself. It neither moves nor is copied: `lines` refers to a text within it.
struct Read {
    base::Sources sources;
    base::FileId file;
    Lines lines;
    diag::Sink found;
    std::optional<syntax::Tree> tree;

    Read(const std::string& path, const std::string& text, Encoding encoding)
        : file(sources.add(path, text)),
          lines(sources.text(file), encoding),
          tree(syntax::read_tree(sources, file, found)) {}
};

// What is inside of a mapping or a list: from where an entry begins to its end.
struct Entry {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    NodeId value;
};
// What is neither a mapping nor a list has none.
std::vector<Entry> entries_of(const syntax::Tree& tree, NodeId node) {
    std::vector<Entry> entries;
    if (tree[node].type == TreeNode::Type::map)
        for (const auto [key, value] : tree.members(node))
            entries.push_back({tree[key].begin, std::max(tree[key].end, tree[value].end), value});
    if (tree[node].type == TreeNode::Type::list)
        for (const NodeId element : tree.elements(node))
            entries.push_back({tree[element].begin, tree[element].end, element});
    return entries;
}

// The last line that has something of [begin, end).
std::uint32_t last_line(const Lines& lines, std::uint32_t begin, std::uint32_t end) {
    const std::string_view text = lines.text();
    while (end > begin && (text[end - 1] == '\n' || text[end - 1] == '\r' || text[end - 1] == ' ')) --end;
    return lines.position(end).line;
}

// As deep as the tree, which the reader of YAML bounds.
void add_folds(const Read& read, NodeId node, Json& folds) {
    for (const Entry& entry : entries_of(*read.tree, node)) {
        const std::uint32_t first = read.lines.position(entry.begin).line;
        const std::uint32_t last = last_line(read.lines, entry.begin, entry.end);
        if (last > first) folds.push_back({{"startLine", first}, {"endLine", last}});
        add_folds(read, entry.value, folds);
    }
}

// By lines alone, so that comments fold in a text that is no YAML, too.
void add_comments(const Lines& lines, Json& folds) {
    const auto is_comment = [&](std::uint32_t number) {
        const std::string_view line = lines.line(number);
        const std::size_t first = line.find_first_not_of(' ');
        return first != std::string_view::npos && line[first] == '#';
    };
    for (std::uint32_t number = 0; number < lines.count(); ++number) {
        std::uint32_t last = number;
        while (is_comment(number) && last + 1 < lines.count() && is_comment(last + 1)) ++last;
        if (last > number) folds.push_back({{"startLine", number}, {"endLine", last}, {"kind", "comment"}});
        number = last;
    }
}

// The ranges around a place, from outside.
std::vector<Range> around(const Read& read, std::uint32_t offset) {
    std::vector<Range> ranges;
    const auto add = [&](std::uint32_t begin, std::uint32_t end) {
        const Range range = read.lines.range(begin, end);
        if (ranges.empty() || ranges.back() != range) ranges.push_back(range);
    };
    add(0, static_cast<std::uint32_t>(read.lines.text().size()));
    if (!read.tree || read.tree->nodes.empty()) return ranges;
    NodeId node = read.tree->root();
    for (bool is_deeper = true; is_deeper;) {
        is_deeper = false;
        for (const Entry& entry : entries_of(*read.tree, node)) {
            if (offset < entry.begin || offset > entry.end) continue;
            add(entry.begin, entry.end);
            const TreeNode& value = (*read.tree)[entry.value];
            is_deeper = offset >= value.begin && offset <= value.end;
            if (is_deeper) add(value.begin, value.end);
            node = entry.value;
            break;
        }
    }
    return ranges;
}

}  // namespace

std::string folding_json(const std::string& path, const std::string& text, Encoding encoding) {
    const Read read(path, text, encoding);
    Json folds = Json::array();
    if (read.tree && !read.tree->nodes.empty()) add_folds(read, read.tree->root(), folds);
    add_comments(read.lines, folds);
    return json_text(folds);
}

// Built from outside to inside: each range becomes the parent of the next.
std::string selection_json(const std::string& path, const std::string& text, Encoding encoding,
                           const std::vector<Position>& positions) {
    const Read read(path, text, encoding);
    Json all = Json::array();
    for (const Position position : positions) {
        Json selection;
        for (const Range& range : around(read, read.lines.offset(position))) {
            Json inner = {{"range", range}};
            if (!selection.is_null()) inner["parent"] = std::move(selection);
            selection = std::move(inner);
        }
        all.push_back(std::move(selection));
    }
    return json_text(all);
}

// As single edits: the cursor and the folds of an editor stay where they are.
std::string formatting_json(const std::string& path, const std::string& text, Encoding encoding) {
    base::Sources sources;
    const base::FileId file = sources.add(path, text);
    diag::Sink found;
    const auto edits = layout::format(sources, file, found);
    if (!edits || !edits->ok()) return "null";
    const Lines lines(sources.text(file), encoding);
    Json all = Json::array();
    for (const diag::Edit& edit : **edits)
        all.push_back({{"range", lines.range(edit.span.begin, edit.span.end)}, {"newText", edit.text}});
    return json_text(all);
}

}  // namespace pvsplan::lsp
