// Reads on behind what is no YAML: the entry around a slip is reported once, blanked, and all of it read again.
#include <algorithm>
#include <utility>

#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/complaints.hpp"
#include "compiler/syntax/slips.hpp"
#include "compiler/syntax/yaml_reading.hpp"

namespace pvsplan::syntax {
namespace {

// Each look reads the whole text, so that there are fewer in a long one: time stays linear.
constexpr std::size_t max_looks = 64;
constexpr std::size_t max_bytes_read = 32U << 20U;

// `text_` is the source with parts blanked by spaces, so that every offset stays what it is. Each round either ends or
// blanks something that was not blank, and uses up looks, so that it ends.
class SyntaxRecovery {
  public:
    SyntaxRecovery(const base::Sources& sources, base::FileId file, diag::Sink& sink)
        : sources_(sources), file_(file), sink_(sink), source_(sources.text(file)) {
        looks_left_ = std::clamp<std::size_t>(max_bytes_read / (source_.size() + 1), 4, max_looks);
    }

    // Findings of a round count only if the round goes through: those of one that broke come again in the next.
    std::optional<Tree> read() {
        for (;;) {
            Tree tree(sources_, file_);
            diag::Sink found;
            const YamlReading now = look(tree, found);
            if (now.result == YamlReading::Result::broken && repair(now.broken, tree)) continue;
            if (now.result == YamlReading::Result::broken) return std::nullopt;
            for (const diag::Diagnostic& d : found.all()) sink_.add(d);
            if (now.result == YamlReading::Result::given_up) return std::nullopt;
            return whole(std::move(tree), now);
        }
    }

  private:
    YamlReading look(Tree& tree, diag::Sink& found) {
        --looks_left_;
        return read_yaml(text_.empty() ? source_ : text_, file_, tree, found);
    }

    [[nodiscard]] base::Span span(std::size_t begin, std::size_t end) const {
        const std::size_t size = source_.size();
        return {file_, static_cast<std::uint32_t>(std::min(begin, size)),
                static_cast<std::uint32_t>(std::min(end, size))};
    }

    // How far YAML gets without these lines.
    std::size_t reach_without(const SlipFinder::Cut& cut) {
        const std::string before = text_;
        blank(cut);
        Tree tree(sources_, file_);
        diag::Sink found;
        const YamlReading now = look(tree, found);
        text_ = before;
        return now.result == YamlReading::Result::broken ? now.broken.at : source_.size() + 1;
    }

    // Line breaks stay, so that lines keep their numbers, and so does what the cut keeps.
    void blank(const SlipFinder::Cut& cut) {
        for (std::size_t i = std::max(cut.begin, byte_order_mark(source_)); i < cut.end; ++i)
            if (text_[i] != '\n' && text_[i] != '\r' && (i < cut.kept_begin || i >= cut.kept_end)) text_[i] = ' ';
    }

    [[nodiscard]] bool is_blank(const SlipFinder::Cut& cut) const {
        for (std::size_t i = cut.begin; i < cut.end; ++i)
            if (text_[i] > ' ' && (i < cut.kept_begin || i >= cut.kept_end)) return false;
        return true;
    }

    // The smallest part without which YAML does not stop right behind it; nothing if it gets no further.
    std::optional<SlipFinder::Cut> cut_for(const SlipFinder& finder, const Slip& slip, std::size_t broken_at) {
        std::optional<SlipFinder::Cut> best;
        for (const SlipFinder::Cut& cut : finder.cuts(slip)) {
            if (looks_left_ < 2) break;
            if (is_blank(cut)) continue;
            const std::size_t reach = reach_without(cut);
            if (reach <= broken_at) continue;
            if (!best) best = cut;
            if (reach > cut.next) return cut;
        }
        return best;
    }

    // Reports what is wrong and takes it out of the text. False: nothing more can be read.
    bool repair(const Broken& broken, const Tree& so_far) {
        if (text_.empty()) text_ = source_;
        const SlipFinder finder(text_);
        std::set<std::size_t> innocent;
        while (std::optional<Slip> slip = finder.find(broken.at, innocent)) {
            if (looks_left_ < 2) break;
            if (const std::optional<SlipFinder::Cut> cut = cut_for(finder, *slip, broken.at)) {
                report(*slip, so_far);
                take_out(*cut, slip->begin);
                return true;
            }
            innocent.insert(slip->begin);
        }
        report(broken);
        const std::optional<SlipFinder::Cut> cut = cut_for(finder, finder.at(broken.at), broken.at);
        if (cut) take_out(*cut, broken.at);
        return cut.has_value();
    }

    // Everything that may have been declared there is remembered: later stages do not report it as unknown.
    void take_out(const SlipFinder::Cut& cut, std::size_t at) {
        blank(cut);
        // The first word of the line itself: its `:` may be what is missing.
        const std::size_t line = at == 0 ? 0 : source_.rfind('\n', at - 1) + 1;
        const std::size_t word = std::min(source_.find_first_not_of(" \t-", line), source_.size());
        names_.emplace(source_.substr(word, source_.find_first_of(" :=;\r\n", word) - word));
        lost_.push_back({static_cast<std::uint32_t>(cut.begin), static_cast<std::uint32_t>(cut.end)});
        add_names(source_.substr(cut.begin, cut.end - cut.begin), names_);
    }

    void report(const Slip& slip, const Tree& so_far) {
        // All of them at once; one in front of a comment, which is passed over elsewhere, stands for itself.
        if (slip.code == &codes::tab_indent &&
            (std::exchange(has_told_tab_, true) || check_tabs(sources_, file_, so_far, sink_)))
            return;
        auto report = sink_.report(*slip.code, span(slip.begin, slip.end), slip.words);
        if (!slip.hint.empty()) report.hint(slip.hint);
    }

    void report(const Broken& broken) {
        if (broken.cause == Broken::Cause::alias) {
            const std::size_t end = std::min(source_.find_first_of(" \t\r\n,[]{}", broken.at), source_.size());
            const std::size_t name = std::min(broken.at + 1, end);
            if (names_.contains("&" + std::string(source_.substr(name, end - name)))) return;  // it was lost
            sink_.report(codes::unknown_alias, span(broken.at, end), source_.substr(name, end - name))
                .hint("put a text that starts with `*` between quotes");
            return;
        }
        const Complaint complaint = complaint_for(broken.message, source_, broken.at);
        auto report = sink_.report(codes::bad_yaml, span(complaint.begin, complaint.end), complaint.words);
        if (!complaint.hint.empty()) report.hint(complaint.hint);
        if (broken.opened) report.related(span(*broken.opened, *broken.opened + 1), "opened here");
    }

    // A file of which all was taken out is no empty file: what is wrong with it has been reported.
    std::optional<Tree> whole(Tree tree, const YamlReading& now) {
        if (!has_told_tab_) check_tabs(sources_, file_, tree, sink_);
        if (now.documents > 0 && !tree.nodes.empty()) {
            tree.lost.insert(tree.lost.end(), lost_.begin(), lost_.end());
            std::sort(tree.lost.begin(), tree.lost.end(),
                      [](const Tree::Lost& a, const Tree::Lost& b) { return a.begin < b.begin; });
            tree.lost_names.insert(names_.begin(), names_.end());
            return tree;
        }
        if (!lost_.empty()) return std::nullopt;
        const bool is_blank = source_.find_first_not_of(" \t\r\n", byte_order_mark(source_)) == std::string_view::npos;
        sink_.report(codes::empty_document, {file_, 0, 0}, is_blank ? "" : " but comments")
            .hint("the first line of a file is `plan: NAME`, `farm: NAME`, `module: NAME` or `policy: NAME`");
        return std::nullopt;
    }

    const base::Sources& sources_;
    base::FileId file_;
    diag::Sink& sink_;
    std::string_view source_;
    std::string text_;  // without what was lost; empty: nothing was
    std::vector<Tree::Lost> lost_;
    std::set<std::string, std::less<>> names_;
    std::size_t looks_left_ = 0;
    bool has_told_tab_ = false;
};

}  // namespace

std::optional<Tree> read_tree(const base::Sources& sources, base::FileId file, diag::Sink& sink) {
    if (!check_bytes(sources, file, sink) || check_blanks(sources, file, sink)) return std::nullopt;
    return SyntaxRecovery(sources, file, sink).read();
}

}  // namespace pvsplan::syntax
