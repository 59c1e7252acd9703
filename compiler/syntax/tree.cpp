// The only file that sees yaml-cpp. Of yaml-cpp's it takes the events; ends, the places of nulls, duplicate keys,
// bounds on depth, size and aliases are ours.
#include "compiler/syntax/tree.hpp"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <fmt/core.h>

#include <algorithm>
#include <istream>
#include <streambuf>

#include "compiler/base/check.hpp"
#include "compiler/syntax/ast.hpp"
#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/complaints.hpp"
#include "compiler/syntax/duplicate_keys.hpp"
#include "compiler/syntax/ends.hpp"
#include "compiler/syntax/slips.hpp"
#include "compiler/syntax/yaml_reading.hpp"

namespace pvsplan::syntax {
namespace {

// A view as a stream, without a copy.
class ViewBuffer final : public std::streambuf {
  public:
    explicit ViewBuffer(std::string_view text) {
        char* begin = const_cast<char*>(text.data());  // NOLINT: a get area is never written to
        setg(begin, begin, begin + text.size());
    }
};

// Thrown through yaml-cpp by our handler when reading on makes no sense; what is wrong has been reported.
struct ReadingEnds {
    enum class Tree : std::uint8_t { partial, whole };
    Tree tree = Tree::partial;
};

// Over twenty methods: eight are those that yaml-cpp calls, the others are what these share.
class EventReader final : public YAML::EventHandler {
  public:
    EventReader(std::string_view source, std::size_t skipped, base::FileId file, Tree& tree, diag::Sink& sink)
        : source_(source),
          skipped_(skipped),
          file_(file),
          tree_(&tree),
          sink_(&sink),
          duplicates_(source, tree, sink) {}

    // Words behind the end of a document begin another one for yaml-cpp, with or without `---`. Only with one was a
    // second document meant.
    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ == 1) return;
        const std::size_t at = offset(mark);
        const std::string_view between = source_.substr(cursor_, at - std::min(at, cursor_));
        if (source_.substr(at).starts_with("---") || between.find("...") != std::string_view::npos)
            sink_->report(codes::second_document, span(at, 3))
                .hint("a file holds one document; put the other into a file of its own");
        else
            throw Broken{.message = std::string(behind_end_message), .at = at, .opened = std::nullopt};
        throw ReadingEnds{ReadingEnds::Tree::whole};
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add_null(offset(mark), anchor); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { add_alias(offset(mark), anchor); }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        add_scalar(offset(mark), tag, anchor, value);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(TreeNode::Type::list, offset(mark), tag, anchor);
    }
    void OnSequenceEnd() override { close(']'); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(TreeNode::Type::map, offset(mark), tag, anchor);
    }
    void OnMapEnd() override { close('}'); }

    // The exception of yaml-cpp; nothing: the fault has been reported, and reading on makes no sense.
    [[nodiscard]] std::optional<Broken> broken(const YAML::Exception& error) {
        const std::size_t at = offset(error.mark);
        if (error.msg == YAML::ErrorMsg::BAD_FILE) {
            sink_->report(codes::too_deep, span(at, 1), max_tree_depth);
            return std::nullopt;
        }
        Broken result{.message = error.msg, .at = at, .opened = std::nullopt};
        if (error.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) result.cause = Broken::Cause::alias;
        if (error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW)
            result.opened = tree_->nodes[open_.back().node].begin;
        return result;
    }

    // False if a key is no text, which is then reported.
    [[nodiscard]] bool keys_are_texts() {
        if (odd_key_) sink_->report(codes::key_no_text, odd_key_->place, odd_key_->words).hint("a key is a text");
        return !odd_key_;
    }

    [[nodiscard]] int documents() const { return documents_; }
    [[nodiscard]] base::Span span(std::size_t begin, std::size_t size) const {
        const std::size_t end = std::min(begin + size, source_.size());
        return {file_, static_cast<std::uint32_t>(std::min(begin, end)), static_cast<std::uint32_t>(end)};
    }
    [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
        const std::size_t at = mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos) + skipped_;
        return std::min(at, source_.size());
    }

  private:
    struct Open {
        std::uint32_t node;
        std::uint32_t children = 0;
    };
    struct Anchored {
        std::uint32_t node = 0;
        std::uint32_t size = 0;  // 0: not complete yet
    };

    // Keys and values of a mapping alternate, so that an even number of children means that a key is next.
    [[nodiscard]] bool wants_key() const {
        return !open_.empty() && tree_->nodes[open_.back().node].type == TreeNode::Type::map &&
               open_.back().children % 2 == 0;
    }

    // A key that is no text. Reported only if reading ends well: yaml-cpp makes such keys out of brackets that are not
    // closed, and complains of those later.
    void note_key(base::Span place, std::string_view words) {
        if (!odd_key_) odd_key_ = OddKey{place, words};
    }

    // `cursor_` is behind what was read last, and never goes back: the places of nulls and ends of collections are
    // looked for from there.
    std::uint32_t add(TreeNode node, YAML::anchor_t anchor) {
        const auto index = static_cast<std::uint32_t>(tree_->nodes.size());
        const bool is_collection = node.type == TreeNode::Type::list || node.type == TreeNode::Type::map;
        if (wants_key() && node.type != TreeNode::Type::scalar)
            note_key({file_, node.begin, std::max(node.end, node.begin + 1)},
                     node.type == TreeNode::Type::null  ? "nothing"
                     : node.type == TreeNode::Type::map ? "a mapping"
                                                        : "a list");
        if (!open_.empty()) ++open_.back().children;
        tree_->nodes.push_back(node);
        if (anchor != YAML::NullAnchor) {
            if (anchors_.size() <= anchor) anchors_.resize(anchor + 1);
            anchors_[anchor] = {index, is_collection ? 0U : 1U};
        }
        if (!is_collection) cursor_ = std::max<std::size_t>(cursor_, node.end);
        return index;
    }

    // A text that stands in the source as it is costs no copy; others are kept together in one string.
    void add_scalar(std::size_t mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) {
        check_tag(mark, tag);
        if (value.size() > max_scalar_bytes) {
            sink_->report(codes::too_long, span(mark, 1), max_scalar_bytes);
            throw ReadingEnds{};
        }
        const std::size_t at = skip_properties(source_, mark);
        TreeNode node{.type = TreeNode::Type::scalar, .begin = static_cast<std::uint32_t>(at)};
        const char first = at < source_.size() ? source_[at] : '\0';
        const bool is_plain = tag == std::string_view("?");
        const bool is_quoted = !is_plain && (first == '"' || first == '\'');
        const bool is_block = !is_plain && (first == '|' || first == '>');
        std::size_t end = 0;
        std::size_t text = at;
        std::string_view read = value;
        if (is_quoted) {
            end = end_of_text(at);
            text = at + 1;
        } else if (is_block) {
            end = end_of_block(source_, at, value);
        } else {
            node.is_plain = true;
            end = end_of_plain(source_, at, value);
            if (is_between_typographic(value)) {
                sink_->report(codes::typographic_quotes, span(at, end - at), "").hint("write `\"` or `'`");
                read = between_typographic(value);  // as it was meant
                text += static_cast<std::size_t>(read.data() - value.data());
            }
        }
        node.end = static_cast<std::uint32_t>(end);
        node.text_size = static_cast<std::uint32_t>(read.size());
        node.is_exact = !is_block && source_.substr(text, read.size()) == read;
        if (node.is_exact) {
            node.text_begin = static_cast<std::uint32_t>(text);
        } else {
            node.text_begin = static_cast<std::uint32_t>(tree_->unfolded.size());
            tree_->unfolded += read;
        }
        if (node.is_plain && wants_key() && value == "<<") {
            sink_->report(codes::merge_key, span(at, 2)).hint("write the keys out, or use `defaults` of the farm");
        }
        add(node, anchor);
    }

    // yaml-cpp takes the end of the file for a closing quote.
    std::size_t end_of_text(std::size_t at) {
        if (const std::optional<std::size_t> end = end_of_quoted(source_, at)) return *end;
        throw Broken{.message = std::string(YAML::ErrorMsg::EOF_IN_SCALAR), .at = at, .opened = std::nullopt};
    }

    // yaml-cpp marks a null that is not written at whatever comes next; its place is behind the `:` or `-` before it.
    void add_null(std::size_t mark, YAML::anchor_t anchor) {
        const std::size_t at = skip_properties(source_, mark);
        static constexpr std::string_view spellings[] = {"null", "Null", "NULL", "~"};
        for (const std::string_view word : spellings) {
            if (at < cursor_ || !source_.substr(at).starts_with(word)) continue;
            const std::size_t end = at + word.size();
            const std::size_t after = std::min(source_.find_first_not_of(" \t", end), source_.size());
            const bool is_key = after < source_.size() && source_[after] == ':';
            const bool ends =
                end == source_.size() || std::string_view(" \t\r\n,]}:").find(source_[end]) != std::string_view::npos;
            if (!ends || is_key != wants_key()) continue;
            TreeNode node{
                .type = is_key ? TreeNode::Type::scalar : TreeNode::Type::null, .is_plain = true, .is_exact = true};
            node.begin = node.text_begin = static_cast<std::uint32_t>(at);
            node.end = static_cast<std::uint32_t>(end);
            node.text_size = static_cast<std::uint32_t>(word.size());
            add(node, anchor);
            return;
        }
        std::size_t place = skip_space(source_, cursor_);
        check_colon(place);
        const bool is_sign =
            place < source_.size() && std::string_view(":-?").find(source_[place]) != std::string_view::npos;
        place = is_sign ? place + 1 : cursor_;
        TreeNode node{.type = TreeNode::Type::null};
        node.begin = node.end = static_cast<std::uint32_t>(place);
        add(node, anchor);
    }

    // yaml-cpp takes a line without `:` for a key without a value.
    void check_colon(std::size_t place) {
        if (open_.empty() || wants_key()) return;
        const TreeNode& map = tree_->nodes[open_.back().node];
        const bool is_flow = map.begin < source_.size() && source_[map.begin] == '{';
        if (map.type != TreeNode::Type::map || is_flow || (place < source_.size() && source_[place] == ':')) return;
        const TreeNode& key = tree_->nodes.back();
        throw Broken{.message = std::string(no_colon_message), .at = key.begin, .opened = std::nullopt};
    }

    // Nodes of an alias are copied behind the others, with the places where they were written. What they expand to is
    // bounded before the copy, so that ten lines of aliases cannot become a billion nodes.
    void add_alias(std::size_t mark, YAML::anchor_t anchor) {
        const std::size_t end = std::min(source_.find_first_of(" \t\r\n,[]{}", mark), source_.size());
        const base::Span place = span(mark, end - mark);
        const std::string_view name = source_.substr(std::min(mark + 1, end), end - std::min(mark + 1, end));
        const Anchored target = anchor < anchors_.size() ? anchors_[anchor] : Anchored{};
        if (target.size == 0) {
            sink_->report(codes::alias_of_itself, place, name);
            throw ReadingEnds{};
        }
        // A text that is repeated takes room like so many nodes.
        static constexpr std::size_t bytes_of_a_node = 256;
        expanded_ += target.size;
        for (std::uint32_t i = 0; i < target.size; ++i)
            expanded_ += tree_->nodes[target.node + i].text_size / bytes_of_a_node;
        if (expanded_ > max_alias_nodes) {
            sink_->report(codes::alias_bomb, place, max_alias_nodes)
                .hint("write less of it through aliases; 256 bytes of text count as a node");
            throw ReadingEnds{};
        }
        if (wants_key() && tree_->nodes[target.node].type != TreeNode::Type::scalar)
            note_key(place, "an alias of a list or a mapping");
        check_depth(target, place);
        if (!open_.empty()) ++open_.back().children;
        for (std::uint32_t i = 0; i < target.size; ++i) {
            const TreeNode copy = tree_->nodes[target.node + i];
            tree_->nodes.push_back(copy);
        }
        cursor_ = std::max(cursor_, end);
    }

    // A repeated subtree may reach deeper than where it was written.
    void check_depth(const Anchored& target, base::Span place) {
        std::vector<std::uint32_t> ends;
        for (std::uint32_t i = target.node; i < target.node + target.size; ++i) {
            while (!ends.empty() && ends.back() <= i) ends.pop_back();
            const TreeNode& node = tree_->nodes[i];
            if (node.type == TreeNode::Type::list || node.type == TreeNode::Type::map) ends.push_back(i + node.size);
            if (open_.size() + ends.size() > max_tree_depth) {
                sink_->report(codes::too_deep, place, max_tree_depth);
                throw ReadingEnds{};
            }
        }
    }

    // An anchor of a collection has no size until it is closed, by which an alias inside of it is found to repeat
    // itself.
    void open(TreeNode::Type type, std::size_t mark, const std::string& tag, YAML::anchor_t anchor) {
        check_tag(mark, tag);
        const std::size_t at = skip_properties(source_, mark);
        if (open_.size() >= max_tree_depth) {
            sink_->report(codes::too_deep, span(at, 1), max_tree_depth);
            throw ReadingEnds{};
        }
        TreeNode node{.type = type};
        node.begin = node.end = static_cast<std::uint32_t>(at);
        const std::uint32_t index = add(node, YAML::NullAnchor);
        if (anchor != YAML::NullAnchor) {
            if (anchors_.size() <= anchor) anchors_.resize(anchor + 1);
            anchors_[anchor] = {index, 0};
            open_anchors_.push_back({index, anchor});
        }
        open_.push_back({index});
        const bool is_flow = at < source_.size() && (source_[at] == '[' || source_[at] == '{');
        cursor_ = std::max(cursor_, is_flow ? at + 1 : at);
    }

    void close(char bracket) {
        const Open closed = open_.back();
        open_.pop_back();
        TreeNode& node = tree_->nodes[closed.node];
        const char first = node.begin < source_.size() ? source_[node.begin] : '\0';
        const bool is_flow = first == (bracket == ']' ? '[' : '{');
        if (is_flow) cursor_ = end_of_flow(source_, cursor_);
        node.end = static_cast<std::uint32_t>(std::max<std::size_t>(cursor_, node.begin));
        node.size = static_cast<std::uint32_t>(tree_->nodes.size() - closed.node);
        if (!open_anchors_.empty() && open_anchors_.back().node == closed.node) {
            anchors_[open_anchors_.back().anchor] = {closed.node, node.size};
            open_anchors_.pop_back();
        }
        if (node.type == TreeNode::Type::map && !odd_key_) {
            const bool is_entry = !open_.empty() && tree_->nodes[open_.back().node].type == TreeNode::Type::list;
            // Where nodes are repeated by aliases none can be taken out again.
            duplicates_.check(NodeId(closed.node), is_entry && anchors_.empty()
                                                       ? DuplicateKeys::First::may_begin_an_entry
                                                       : DuplicateKeys::First::is_a_key);
        }
    }

    // `?` is a plain node, `!` a quoted one. The tags of YAML's own schema say nothing that its place does not say.
    void check_tag(std::size_t mark, std::string_view tag) {
        if (tag.empty() || tag == "?" || tag == "!") return;
        static constexpr std::string_view core = "tag:yaml.org,2002:";
        static constexpr std::string_view harmless[] = {"str", "int", "bool", "float", "null", "seq", "map"};
        if (tag.starts_with(core))
            for (const std::string_view word : harmless)
                if (tag.substr(core.size()) == word) return;
        const std::size_t begin = std::min(source_.find('!', mark), source_.size());
        const std::size_t end = std::min(source_.find_first_of(" \t\r\n,[]{}", begin), source_.size());
        sink_->report(codes::unknown_tag, span(begin, end - begin), source_.substr(begin, end - begin))
            .hint("leave the tag out");
    }

    std::string_view source_;
    std::size_t skipped_;
    base::FileId file_;
    Tree* tree_;
    diag::Sink* sink_;
    std::vector<Open> open_;
    struct OpenAnchor {
        std::uint32_t node;
        YAML::anchor_t anchor;
    };
    std::vector<OpenAnchor> open_anchors_;
    std::vector<Anchored> anchors_;
    DuplicateKeys duplicates_;
    struct OddKey {
        base::Span place;
        std::string_view words;
    };
    std::optional<OddKey> odd_key_;
    std::size_t cursor_ = 0;
    std::size_t expanded_ = 0;
    int documents_ = 0;
};

}  // namespace

Slice Tree::slice(NodeId id) const {
    const TreeNode& n = (*this)[id];
    if (n.is_exact) return {text(id), {file_, n.text_begin, n.text_begin + n.text_size}, true, source_};
    return {text(id), span(id), false, source_};
}

// `lost` is ascending, so that the part behind a null is found by bisection.
bool Tree::is_lost(NodeId id) const {
    const TreeNode& node = (*this)[id];
    if (node.type != TreeNode::Type::null) return false;
    const auto behind = std::upper_bound(lost.begin(), lost.end(), node.end,
                                         [](std::uint32_t at, const Lost& part) { return at < part.begin; });
    if (behind != lost.begin() && node.begin < std::prev(behind)->end) return true;
    // The lost part was its whole value: nothing else stands between.
    if (behind == lost.end()) return false;
    return skip_space(source_.substr(0, behind->begin), node.end) >= behind->begin;
}

// All exceptions of yaml-cpp and of the reader end here.
YamlReading read_yaml(std::string_view source, base::FileId file, Tree& tree, diag::Sink& sink) {
    const std::size_t skipped = byte_order_mark(source);
    static constexpr std::size_t least_bytes_a_node = 8;  // as steps and inventories have them
    tree.nodes.reserve(source.size() / least_bytes_a_node);
    EventReader reader(source, skipped, file, tree, sink);
    const auto broken = [](Broken what) {
        return YamlReading{.result = YamlReading::Result::broken, .broken = std::move(what)};
    };
    try {
        ViewBuffer buffer(source.substr(skipped));
        std::istream stream(&buffer);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(reader)) {
        }
    } catch (const ReadingEnds& stop) {
        if (stop.tree == ReadingEnds::Tree::partial) return {.result = YamlReading::Result::given_up};
    } catch (const Broken& what) {
        return broken(what);
    } catch (const YAML::Exception& error) {
        if (std::optional<Broken> what = reader.broken(error)) return broken(std::move(*what));
        return {.result = YamlReading::Result::given_up};
    }
    if (!reader.keys_are_texts()) return {.result = YamlReading::Result::given_up};
    return {.result = YamlReading::Result::read, .documents = reader.documents()};
}

}  // namespace pvsplan::syntax
