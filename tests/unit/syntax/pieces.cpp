// Whatever a text looks like, its pieces put together are the text, and each text of the tree is one of them.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "compiler/syntax/pieces.hpp"

namespace pvsplan::syntax {
namespace {

namespace fs = std::filesystem;
using Type = Piece::Type;

struct Cut {
    std::vector<Piece> pieces;
    std::string fault;      // empty: all is as promised
    bool is_clean = false;  // the reader found nothing wrong
    std::size_t of(Type type) const {
        return static_cast<std::size_t>(
            std::count_if(pieces.begin(), pieces.end(), [&](const Piece& p) { return p.type == type; }));
    }
};

bool is_of(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

bool looks_like(Type type, std::string_view text) {
    switch (type) {
        case Type::comment: return text[0] == '#' && text.find('\n') == std::string_view::npos;
        case Type::blank: return is_of(text, " \t");
        case Type::line_break: return text == "\n" || text == "\r\n";
        case Type::sign: return text.size() == 1 && is_of(text, "-?:,[]{}");
        case Type::marker: return text == "---" || text == "...";
        case Type::mark: return text == "\xEF\xBB\xBF";
        case Type::alias: return text[0] == '*';
        case Type::property: return text[0] == '&' || text[0] == '!';
        case Type::directive: return text[0] == '%';
        default: return true;
    }
}

Cut cut(const std::string& text) {
    base::Sources sources;
    const base::FileId file = sources.add("x.yaml", text);
    diag::Sink sink;
    const std::optional<Tree> read = read_tree(sources, file, sink);
    const Tree tree = read ? *read : Tree(sources, file);
    Cut result{.pieces = pieces(text, tree), .fault = ""};
    std::string joined;
    std::size_t scalars = 0;
    for (const Piece& piece : result.pieces) {
        if (piece.begin != joined.size() || piece.end <= piece.begin) result.fault = "pieces do not meet";
        const std::string_view its = std::string_view(text).substr(piece.begin, piece.end - piece.begin);
        joined += its;
        if (!looks_like(piece.type, its))
            result.fault = "`" + std::string(its) + "` is no " + std::string(name_of(piece.type));
        if (piece.type == Type::scalar) ++scalars;
        if (piece.type == Type::scalar && (tree[piece.node].begin != piece.begin || tree[piece.node].end != piece.end))
            result.fault = "a text is not where the tree has it";
    }
    if (joined != text) result.fault = "the pieces are not the text";
    std::set<std::uint32_t> begins;
    for (const TreeNode& node : tree.nodes)
        if (node.type == TreeNode::Type::scalar && node.end > node.begin) begins.insert(node.begin);
    if (begins.size() != scalars) result.fault = "not every text of the tree is a piece";
    result.is_clean = sink.all().empty();
    return result;
}

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A text of many layouts: block and flow, quotes, block scalars, anchors, comments and blank lines wherever YAML takes
// them.
class Layout {
  public:
    explicit Layout(std::uint32_t seed) : random_(seed) {}

    std::string document() {
        if (one_in(8)) text_ += "\xEF\xBB\xBF";
        if (one_in(6)) text_ += "%YAML 1.2" + eol() + "---" + eol();
        space(0);
        members(0, 0);
        if (one_in(6)) text_ += "..." + eol();
        if (one_in(3)) crlf();
        return text_;
    }
    std::size_t comments = 0;

  private:
    std::uint32_t below(std::uint32_t n) { return std::uniform_int_distribution<std::uint32_t>(0, n - 1)(random_); }
    bool one_in(std::uint32_t n) { return below(n) == 0; }
    static std::string eol() { return "\n"; }
    void crlf() {
        std::string changed;
        for (const char c : text_) changed += c == '\n' ? std::string("\r\n") : std::string(1, c);
        text_ = changed;
    }
    void comment() {
        static const char* const words[] = {"# why", "#", "# a: b, [c] 'd' \"e", "#x # y", "# é"};
        text_ += words[below(5)];
        ++comments;
    }
    void end_line() {
        if (one_in(4))
            text_ += std::string(1 + below(3), ' ');
        else if (one_in(4))
            text_ += " ", comment();
        text_ += eol();
    }
    void space(std::size_t indent) {
        while (one_in(4)) {
            if (one_in(2))
                text_ += std::string(indent, ' '), comment();
            else if (one_in(3))
                text_ += std::string(below(5), ' ');
            text_ += eol();
        }
    }
    void scalar() {
        static const char* const values[] = {"plain",
                                             "two words",
                                             "'it''s # no comment'",
                                             "\"a \\\" # b\"",
                                             "1",
                                             "a#b",
                                             "\"\"",
                                             "x:y",
                                             "'multi\n      line'",
                                             "é"};
        text_ += values[below(10)];
    }
    void flow(std::size_t depth) {
        const bool is_list = one_in(2);
        text_ += is_list ? "[" : "{";
        const std::uint32_t count = below(3);
        for (std::uint32_t i = 0; i < count; ++i) {
            if (i > 0) text_ += one_in(4) ? " , " : ", ";
            if (!is_list) text_ += "f" + std::to_string(i) + ": ";
            if (depth < 3 && one_in(3))
                flow(depth + 1);
            else
                text_ += one_in(2) ? "v" : "'w # x'";
        }
        text_ += is_list ? "]" : "}";
    }
    void value(std::size_t indent, std::size_t depth) {
        switch (below(depth > 3 ? 4 : 7)) {
            case 0:
                text_ += " ";
                scalar();
                end_line();
                return;
            case 1: end_line(); return;  // nothing
            case 2:
                text_ += " ";
                flow(depth);
                end_line();
                return;
            case 3:
                text_ += one_in(2) ? " |" : " >-";
                text_ += eol() + std::string(indent + 2, ' ') + "block # text" + eol();
                if (one_in(2)) text_ += eol() + std::string(indent + 2, ' ') + "- more" + eol();
                return;
            case 4:
                text_ += " &a" + std::to_string(++anchors_) + " v";
                end_line();
                return;
            case 5:
                end_line();
                space(indent + 2);
                members(indent + 2, depth + 1);
                return;
            default:
                end_line();
                space(indent + 2);
                for (std::uint32_t i = 0; i <= below(3); ++i) {
                    text_ += std::string(indent + 2, ' ') + "-";
                    value(indent + 2, depth + 1);
                    space(indent + 2);
                }
        }
    }
    void members(std::size_t indent, std::size_t depth) {
        for (std::uint32_t i = 0; i <= below(4); ++i) {
            text_ +=
                std::string(indent, ' ') + (one_in(4) ? "'k" + std::to_string(i) + "'" : "k" + std::to_string(i)) + ":";
            if (anchors_ > 0 && one_in(8))
                text_ += " *a" + std::to_string(anchors_), end_line();
            else
                value(indent, depth);
            space(indent);
        }
    }

    std::mt19937 random_;
    std::string text_;
    int anchors_ = 0;
};

}  // namespace

TEST_CASE("pieces: every file that is shipped is its pieces") {
    std::size_t files = 0;
    std::size_t comments = 0;
    for (const char* folder : {"plans", "stdlib", "tests"})
        for (const fs::directory_entry& entry :
             fs::recursive_directory_iterator(fs::path(PVSPLAN_SOURCE_DIR) / folder)) {
            if (entry.path().extension() != ".yaml") continue;
            INFO(entry.path());
            const Cut result = cut(read(entry.path()));
            CHECK(result.fault == "");
            CHECK((!result.is_clean || result.of(Type::unread) == 0));
            comments += result.of(Type::comment);
            ++files;
        }
    CHECK(files > 20);
    CHECK(comments > 50);
}

TEST_CASE("pieces: of each kind") {
    const std::string text = "\xEF\xBB\xBF%YAML 1.2\n---\nplan: x # why\r\n- [a, *b]\n\tc: &d !e f\n...\n";
    std::string shown;
    const std::string whole = "# first\nk: &a 'v # w'\nl: [*a, {m: |}]\n";
    for (const Piece& piece : cut("# first\n%x\nk: &a 'v # w'  # last\nl:\n  - *a\nm: |\n  # text\n\n").pieces)
        shown += std::string(name_of(piece.type)) + ", ";
    CHECK(cut(text).fault == "");
    CHECK(cut(whole).fault == "");
    CHECK(cut("").pieces.empty());
    CHECK(cut("a: b").pieces.size() == 4);
    CHECK(cut("a:\n  b: 'c\n# d\n").fault == "");  // not closed
    CHECK(cut("a: [1,\nb: 2\nc: 3\n").of(Type::unread) > 0);
}

TEST_CASE("pieces: random layouts") {
    std::size_t read_whole = 0;
    for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
        Layout layout(seed);
        const std::string text = layout.document();
        const Cut result = cut(text);
        INFO(seed << "\n" << text);
        REQUIRE(result.fault == "");
        if (!result.is_clean) continue;
        REQUIRE(result.of(Type::unread) == 0);
        ++read_whole;
        REQUIRE(result.of(Type::comment) == layout.comments);
    }
    CHECK(read_whole > 2000);
}

TEST_CASE("pieces: texts that are damaged") {
    std::mt19937 random(7);
    for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
        std::string text = Layout(seed).document();
        for (int i = 0; i < 3 && !text.empty(); ++i) {
            const std::size_t at = random() % text.size();
            static constexpr std::string_view odd = "#:-\"'[]{}\n \t&*|%\r\0x";
            if (random() % 2 == 0)
                text.erase(at, 1 + random() % 3);
            else
                text.insert(at, 1, odd[random() % odd.size()]);
        }
        INFO(seed << "\n" << text);
        REQUIRE(cut(text).fault == "");
    }
}

}  // namespace pvsplan::syntax
