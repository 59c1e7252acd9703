#include "compiler/layout/layout.hpp"

#include <algorithm>

#include "compiler/base/check.hpp"
#include "compiler/layout/blocks.hpp"
#include "compiler/layout/scalar_lines.hpp"
#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/pieces.hpp"

namespace pvsplan::layout {
namespace {

using syntax::Piece;
using Type = Piece::Type;
using Begins = Blocks::Begins;

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// One pass over the pieces of a document, with a method for each thing that blanks may stand between; all share where
// the pass is, so they are one class.
class Walk {
  public:
    Walk(std::string_view source, base::FileId file, const syntax::Tree& tree)
        : source_(source), file_(file), pieces_(syntax::pieces(source, tree)) {}

    std::vector<diag::Edit> edits() {
        for (at_ = 0; at_ < pieces_.size(); ++at_) {
            const Piece& piece = pieces_[at_];
            if (piece.type == Type::blank || piece.type == Type::line_break || piece.begin < done_) continue;
            if (piece.type == Type::mark)
                line_ = done_ = piece.end;
            else
                put(piece);
        }
        put_end();
        return std::move(edits_);
    }

  private:
    enum class First : std::uint8_t { of_line, behind };
    // A comment on a line of its own: where it goes is known at what comes next.
    struct Waiting {
        base::Span gap;
        std::string breaks;
        std::size_t column;
    };

    [[nodiscard]] char sign(const Piece& piece) const { return piece.type == Type::sign ? source_[piece.begin] : '\0'; }
    [[nodiscard]] bool opens(const Piece& piece) const { return sign(piece) == '[' || sign(piece) == '{'; }
    [[nodiscard]] bool closes(const Piece& piece) const { return sign(piece) == ']' || sign(piece) == '}'; }

    void replace(base::Span gap, std::string wanted) {
        const std::string_view now = source_.substr(gap.begin, gap.size());
        if (now == wanted) return;
        base::check(is_blank(now) && is_blank(wanted), "a layout changes blanks alone");
        edits_.push_back({gap, std::move(wanted)});
    }

    // The line breaks of a gap: at most one blank line stays, none at the beginning of the file.
    [[nodiscard]] std::string breaks(base::Span gap) const {
        const std::string_view now = source_.substr(gap.begin, gap.size());
        const std::size_t first = now.find('\n');
        if (first == std::string_view::npos || is_start_) return "";
        const std::string_view line_break = first > 0 && now[first - 1] == '\r' ? "\r\n" : "\n";
        const bool has_blank_line = now.find('\n', first + 1) != std::string_view::npos || is_on_new_line_;
        std::string text(line_break);
        if (has_blank_line && !is_on_new_line_) text += line_break;
        return text;
    }

    // A comment that has its line for itself waits for what comes next, which decides about its column. The blanks that
    // end a comment are not of it.
    void put(const Piece& piece) {
        const base::Span gap{file_, done_, piece.begin};
        const std::string_view now = source_.substr(gap.begin, gap.size());
        const std::size_t last_break = now.rfind('\n');
        if (last_break != std::string_view::npos) line_ = gap.begin + static_cast<std::uint32_t>(last_break) + 1;
        const bool is_first = is_start_ || is_on_new_line_ || last_break != std::string_view::npos;
        done_ = piece.end;
        while (piece.type == Type::comment && is_blank(source_.substr(done_ - 1, 1))) --done_;
        if (piece.type == Type::comment && is_first) {
            waiting_.push_back({gap, breaks(gap), piece.begin - line_});
        } else if (is_first) {
            put_first(piece, gap);
        } else {
            put_behind(piece, gap);
        }
        is_start_ = is_on_new_line_ = false;
        if (piece.type == Type::comment) return;
        before_ = piece;
        if (piece.type == Type::scalar) put_lines(piece);
        if (opens(piece)) open_flow(is_first ? First::of_line : First::behind);
        if (closes(piece)) --depth_;
    }

    // The comments that wait come before it, so their column is settled once this piece has opened or closed its
    // blocks.
    void put_first(const Piece& piece, base::Span gap) {
        std::string lines = breaks(gap);
        const std::size_t now = piece.begin - line_;
        std::size_t wanted = 0;
        if (depth_ > 0) {
            wanted = closes(piece) ? column_of_closing() : column_in_flow();
        } else if (piece.type == Type::marker || piece.type == Type::directive) {
            blocks_.end();
        } else {
            wanted = blocks_.at_line(what_begins(), now);
        }
        put_waiting(depth_ > 0 ? std::optional(column_in_flow()) : std::nullopt);
        replace(gap, std::move(lines) + std::string(wanted, ' '));
        note_property(piece, wanted);
        column_ = wanted + (piece.end - piece.begin);
        may_nest_ = depth_ == 0 && leads(piece);
    }

    // One blank or none, and two before a comment, which is not counted as what a block begins with.
    void put_behind(const Piece& piece, base::Span gap) {
        const std::string wanted = piece.type == Type::comment ? "  " : between(before_, piece, gap);
        const std::size_t size = wanted.size();
        replace(gap, wanted);
        if (piece.type == Type::comment) return;
        column_ += size;
        if (may_nest_ && depth_ == 0) blocks_.within_line(what_begins(), piece.begin - line_, column_);
        if (may_nest_) note_property(piece, column_);
        may_nest_ = may_nest_ && depth_ == 0 && leads(piece);
        column_ += piece.end - piece.begin;
    }

    // Lines of a text that has a property at the beginning of its line go behind that column: further left yaml-cpp
    // takes them for something else.
    void note_property(const Piece& piece, std::size_t column) {
        property_ = piece.type == Type::property && depth_ == 0 ? std::optional(column) : std::nullopt;
    }
    [[nodiscard]] std::size_t column_of_lines() const {
        return property_ && *property_ >= blocks_.below() ? *property_ + indent_step : blocks_.below();
    }

    // A `-`, a `?`, or the `:` that begins a line: behind it on its line a list or a mapping may begin.
    [[nodiscard]] bool leads(const Piece& piece) const {
        const char c = sign(piece);
        return c == '-' || c == '?' || c == ':' || piece.type == Type::marker;
    }

    // What begins with the piece in hand, in block style.
    [[nodiscard]] Begins what_begins() const {
        const char c = sign(pieces_[at_]);
        if (c == '-') return Begins::entry;
        if (c == '?' || c == ':') return Begins::key;
        bool has_text = false;
        for (std::size_t i = at_; i < pieces_.size(); ++i) {
            const Type type = pieces_[i].type;
            if (type == Type::blank || type == Type::property) continue;
            if (sign(pieces_[i]) == ':') return has_text ? Begins::key : Begins::value;
            if (has_text || (type != Type::scalar && type != Type::alias)) return Begins::value;
            has_text = true;
        }
        return Begins::value;
    }

    // Between two pieces of one line.
    [[nodiscard]] std::string between(const Piece& before, const Piece& piece, base::Span gap) const {
        const char left = sign(before);
        const char right = sign(piece);
        if (before.type == Type::property) return " ";                   // `!]` is a tag
        if (right == ':') return before.type == Type::alias ? " " : "";  // `*a:` is an alias called `a:`
        if (left == ':' && (right == ',' || closes(piece))) return gap.size() > 0 ? " " : "";
        if (opens(before) || closes(piece) || right == ',') return "";
        return " ";
    }

    // ---- between brackets ---------------------------------------------------------------------------------------

    void open_flow(First first) {
        if (depth_++ > 0) return;
        if (first == First::of_line)
            flow_ = blocks_.below();
        else
            flow_ = blocks_.innermost() ? blocks_.innermost()->wanted : 0;
    }
    [[nodiscard]] std::size_t column_in_flow() const { return flow_ + indent_step * depth_; }
    // Not at the column of the key: there YAML takes no bracket for the end of its value.
    [[nodiscard]] std::size_t column_of_closing() const {
        return std::max(flow_ + indent_step * (depth_ - 1), blocks_.below());
    }

    // ---- lines within scalars, comments, the end ----------------------------------------------------------------

    void put_lines(const Piece& piece) {
        const std::string_view its = source_.substr(piece.begin, piece.end - piece.begin);
        const base::Span span{file_, piece.begin, piece.end};
        const std::optional<Block> block = blocks_.innermost();
        if (its[0] == '|' || its[0] == '>') {
            const auto columns =
                block ? std::optional(BlockColumns{block->now, block->wanted, column_of_lines()}) : std::nullopt;
            done_ = indent_block(source_, span, columns, edits_);
            is_on_new_line_ = done_ > piece.end && source_[done_ - 1] == '\n';
            is_block_ = true;
            if (is_on_new_line_) line_ = done_;
            return;
        }
        is_block_ = false;
        if (its.find('\n') == std::string_view::npos || (depth_ == 0 && !block)) return;
        indent_lines(source_, span, depth_ > 0 ? column_in_flow() : column_of_lines(), edits_);
    }

    void put_waiting(std::optional<std::size_t> column) {
        for (const Waiting& comment : waiting_) {
            const std::size_t wanted = column ? *column : blocks_.of_comment(comment.column);
            replace(comment.gap, comment.breaks + std::string(wanted, ' '));
        }
        waiting_.clear();
    }

    // The file ends with one line break, unless a block scalar ends without one.
    void put_end() {
        const bool ends_in_block = waiting_.empty() && is_block_ && before_.type == Type::scalar;
        blocks_.end();
        put_waiting(std::nullopt);
        const base::Span gap{file_, done_, static_cast<std::uint32_t>(source_.size())};
        const std::string_view now = source_.substr(gap.begin, gap.size());
        if (is_start_ || is_on_new_line_) return replace(gap, "");
        const std::size_t first = now.find('\n');
        if (first != std::string_view::npos)
            replace(gap, first > 0 && now[first - 1] == '\r' ? "\r\n" : "\n");
        else if (!ends_in_block)
            replace(gap, source_.find("\r\n") != std::string_view::npos ? "\r\n" : "\n");
    }

    std::string_view source_;
    base::FileId file_;
    std::vector<Piece> pieces_;
    std::size_t at_ = 0;
    std::vector<diag::Edit> edits_;
    std::uint32_t done_ = 0;               // behind what was put last
    std::uint32_t line_ = 0;               // where the line of the piece in hand begins, in the source
    std::size_t column_ = 0;               // of what comes next, as it becomes
    Piece before_;                         // the last one that is no comment
    bool is_start_ = true;                 // nothing was put
    bool is_on_new_line_ = false;          // what was put last has ended its line
    bool is_block_ = false;                // the last scalar is a block scalar
    bool may_nest_ = false;                // all before it on its line are signs behind which a block may begin
    std::optional<std::size_t> property_;  // the column of one that begins its line
    Blocks blocks_;
    std::size_t depth_ = 0;  // of brackets
    std::size_t flow_ = 0;   // the column that their lines are indented from
    std::vector<Waiting> waiting_;
};

bool has_errors(const diag::Sink& sink) {
    return std::any_of(sink.all().begin(), sink.all().end(),
                       [](const diag::Diagnostic& one) { return one.severity == diag::Severity::error; });
}

// Comments are what they were, since only blanks change: what is left to see is that no node became one or took one in.
bool says_the_same(const base::Sources& sources, base::FileId file, std::string_view text, const syntax::Tree& tree) {
    base::Sources changed;
    diag::Sink sink;
    const base::FileId other = changed.add(std::string(sources.path(file)), std::string(text));
    const std::optional<syntax::Tree> read = syntax::read_tree(changed, other, sink);
    if (!read || has_errors(sink) || read->nodes.size() != tree.nodes.size()) return false;
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        const syntax::NodeId node(i);
        const syntax::TreeNode& was = tree[node];
        const syntax::TreeNode& is = (*read)[node];
        if (was.type != is.type || was.size != is.size || was.is_plain != is.is_plain) return false;
        if (was.type == syntax::TreeNode::Type::scalar && tree.text(node) != read->text(node)) return false;
    }
    return true;
}

}  // namespace

// Linear in the text: what_begins() looks no further ahead than the properties of a word, and what stands behind it.
std::vector<diag::Edit> layout_edits(std::string_view source, base::FileId file, const syntax::Tree& tree) {
    return Walk(source, file, tree).edits();
}

std::string with_edits(std::string_view source, const std::vector<diag::Edit>& edits) {
    std::string text;
    std::size_t at = 0;
    for (const diag::Edit& edit : edits) {
        text += source.substr(at, edit.span.begin - at);
        text += edit.text;
        at = edit.span.end;
    }
    return text += source.substr(at);
}

namespace {

// The tree of a file in which there is nothing yet but comments and blanks; nothing: it is no such file.
std::optional<syntax::Tree> tree_of_nothing(const base::Sources& sources, base::FileId file, const diag::Sink& found) {
    if (found.all().size() != 1 || found.all().front().code != syntax::codes::empty_document.code) return std::nullopt;
    syntax::Tree nothing(sources, file);
    const std::vector<Piece> pieces = syntax::pieces(sources.text(file), nothing);
    const bool is_so = std::all_of(pieces.begin(), pieces.end(), [](const Piece& one) {
        return one.type == Type::comment || one.type == Type::blank || one.type == Type::line_break ||
               one.type == Type::mark;
    });
    return is_so ? std::optional(std::move(nothing)) : std::nullopt;
}

}  // namespace

// The text with its edits is read again and compared node by node before anybody writes it: a layout that changes what
// a plan does would be worse than none. A file of comments alone says nothing that could change.
std::optional<base::Result<std::vector<diag::Edit>>> format(const base::Sources& sources, base::FileId file,
                                                            diag::Sink& sink) {
    diag::Sink found;
    const std::optional<syntax::Tree> tree = syntax::read_tree(sources, file, found);
    if (const auto nothing = tree_of_nothing(sources, file, found))
        return layout_edits(sources.text(file), file, *nothing);
    for (const diag::Diagnostic& one : found.all()) sink.add(one);
    if (!tree || has_errors(found)) return std::nullopt;
    const std::vector<syntax::Piece> pieces = syntax::pieces(sources.text(file), *tree);
    const bool is_known =
        std::none_of(pieces.begin(), pieces.end(), [](const Piece& one) { return one.type == Type::unread; });
    std::vector<diag::Edit> edits =
        is_known ? layout_edits(sources.text(file), file, *tree) : std::vector<diag::Edit>();
    if (!is_known || !says_the_same(sources, file, with_edits(sources.text(file), edits), *tree))
        return base::Error{"with another layout `" + std::string(sources.path(file)) +
                           "` would say something else; this is a bug of pvsplan, and the file stays as it is"};
    return edits;
}

}  // namespace pvsplan::layout
