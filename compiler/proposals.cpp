#include "compiler/proposals.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/base/counted.hpp"
#include "compiler/moved_line.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/model.hpp"
#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/tree.hpp"
#include "compiler/take_out.hpp"
#include "compiler/trial.hpp"

namespace pvsplan::compiler {
namespace {

using diag::Diagnostic;
using diag::Edit;
using diag::Fix;
using resolve::Block;
using resolve::Step;

constexpr std::size_t max_words = 8;

// A step of a plan, and whether its siblings run in the order in which they stand.
struct Found {
    const Step* step = nullptr;
    bool is_ordered = false;
};
Found step_at(const Block& block, base::Span span) {
    for (const Step& step : block.steps) {
        if (step.span == span) return {&step, block.is_ordered};
        if (const Found inside = step_at(step.block, span); inside.step != nullptr) return inside;
    }
    return {};
}

void add_ids(const Block& block, std::vector<std::string>& ids) {
    for (const Step& step : block.steps) {
        if (step.has_id && ids.size() < max_words) ids.push_back(step.id);
        add_ids(step.block, ids);
    }
}

// What is found where a line stands in a column that is not its own.
bool may_be_of_column(int code) {
    static constexpr int codes[] = {syntax::codes::wrong_column.code, syntax::codes::no_dash.code,
                                    syntax::codes::stray_dash.code, syntax::codes::bad_yaml.code,
                                    syntax::codes::unknown_key.code};
    return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

// The place of the value of the key that stands there.
base::Span value_of(const syntax::Tree& tree, base::Span key) {
    for (std::size_t i = 0; i < tree.nodes.size(); ++i)
        if (const syntax::NodeId id(i); tree[id].type == syntax::TreeNode::Type::map)
            for (const syntax::Tree::Member member : tree.members(id))
                if (tree.span(member.key) == key) return tree.span(member.value);
    return key;
}

// The lines of an entry of a list, from its `-` or the comments above it on; nothing if it does not begin its line.
std::optional<base::Span> lines_of(std::string_view text, base::Span entry) {
    const auto begin_of_line = [&](std::size_t at) { return at == 0 ? 0 : text.rfind('\n', at - 1) + 1; };
    std::size_t begin = begin_of_line(entry.begin);
    if (text.substr(begin, entry.begin - begin).find_first_not_of("- ") != std::string_view::npos) return std::nullopt;
    while (begin > 0) {
        const std::size_t above = begin_of_line(begin - 1);
        const std::string_view line = text.substr(above, begin - above);
        const std::size_t word = line.find_first_not_of(' ');
        if (word == std::string_view::npos || line[word] != '#') break;
        begin = above;
    }
    const std::size_t last = std::max<std::size_t>(entry.end, entry.begin + 1) - 1;
    const std::size_t end = std::min(text.find('\n', text[last] == '\n' ? last : entry.end), text.size() - 1) + 1;
    return base::Span{entry.file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

// Takes the earlier entry of a list away and writes it behind the later one.
std::optional<Fix> moved_behind(const base::Sources& sources, const Step& earlier, const Step& later) {
    if (earlier.span.file != later.span.file || earlier.span.begin > later.span.begin) return std::nullopt;
    const std::string_view text = sources.text(earlier.span.file);
    const auto from = lines_of(text, earlier.span);
    const auto to = lines_of(text, later.span);
    if (!from || !to || from->end > to->begin) return std::nullopt;
    std::uint32_t end = from->end;
    while (end < to->begin && (text[end] == '\n' || text[end] == '\r')) ++end;  // the blank lines go with it
    const std::string blank(text.substr(from->end, end - from->end));
    const std::string lead = text[to->end - 1] == '\n' ? blank : "\n" + blank;
    return Fix{.title = "move `" + earlier.id + "` behind `" + later.id + "`",
               .edits = {{{from->file, from->begin, end}, ""},
                         {{to->file, to->end, to->end},
                          lead + std::string(text.substr(from->begin, from->end - from->begin))}}};
}

class Candidates {
  public:
    Candidates(const Compilation& c, const Diagnostic& d) : c_(c), d_(d), sources_(*c.sources) {}

    std::vector<Fix> all() && {
        if (d_.span.is_nowhere() || !sources_.is_editable(d_.span)) return {};
        for (const std::string& word : d_.meant) write(word);
        if (d_.code == syntax::codes::tab_indent.code) indent();
        if (d_.code == syntax::codes::no_dash.code) begin_entry();
        if (may_be_of_column(d_.code)) move_line();
        if (d_.code == syntax::codes::no_dash.code) take_line_out();
        if (d_.code == syntax::codes::duplicate_key.code) take_one_out();
        if (d_.code == syntax::codes::not_closed.code) close();
        if (d_.code == syntax::codes::missing_key.code && d_.message.ends_with(" has no `undo`")) undo();
        if (d_.code == resolve::unknown_step.code && d_.meant.empty()) other_steps();
        if (d_.steps) order();
        return std::move(fixes_);
    }

  private:
    void add(std::string title, Edit edit) { fixes_.push_back({std::move(title), {std::move(edit)}}); }

    // What stands between quotes stays between them.
    void write(const std::string& word) {
        base::Span span = d_.span;
        const std::string_view text = sources_.text(span);
        const bool is_quoted = text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
        if (is_quoted) span = {span.file, span.begin + 1, span.end - 1};
        add("write `" + word + "`", {span, word});
    }

    // The blanks that a tab may have stood for: none, as many as an editor shows.
    void indent() {
        const std::string_view text = sources_.text(d_.span.file);
        const std::size_t begin = text.rfind('\n', d_.span.begin) + 1;  // npos + 1 is 0
        const std::size_t end = std::min(text.find_first_not_of(" \t", begin), text.size());
        for (const std::size_t width : {0U, 2U, 4U, 8U}) {
            std::string blanks;
            for (const char c : text.substr(begin, end - begin)) blanks += std::string(c == '\t' ? width : 1, ' ');
            add("indent with " + base::counted(blanks.size(), "blank"),
                {{d_.span.file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, blanks});
        }
    }

    // In the place of two blanks, so that the keys of the entry stay in one column, or before it.
    void begin_entry() {
        const std::uint32_t begin = d_.span.begin;
        if (begin >= 2 && sources_.text(base::Span{d_.span.file, begin - 2, begin}) == "  ")
            add("write `- ` before it", {{d_.span.file, begin - 2, begin}, "- "});
        else
            add("write `- ` before it", {{d_.span.file, begin, begin}, "- "});
    }

    // To the columns in which a line around it begins, the nearest first. What stands below it goes with it where that
    // would not fit to it otherwise. Or the line above is the one that is off.
    void move_line() {
        const MovedLine line(sources_, d_.span);
        for (const std::size_t column : line.columns()) add_moved("indent with ", line, column);
        if (d_.code != syntax::codes::wrong_column.code) return;
        if (const auto above = line.word_above())
            add_moved("indent the line above with ", MovedLine(sources_, *above), line.column());
    }
    void add_moved(const std::string& words, const MovedLine& line, std::size_t column) {
        const MovedLine::Takes takes = line.takes_at(column);
        const std::string with = takes == MovedLine::Takes::what_is_below ? ", and what is below it" : "";
        fixes_.push_back({words + base::counted(column, "blank") + with, line.edits(column, takes)});
    }

    // The first key of an entry once more is taken for a new entry, and may be a key that is there twice.
    void take_line_out() {
        if (d_.related.empty() || sources_.text(d_.related.front().span) != sources_.text(d_.span)) return;
        if (const auto edit = MovedLine(sources_, d_.span).taken_out())
            add("take the second `" + std::string(sources_.text(d_.span)) + "` out", *edit);
    }

    // Whoever wrote a key twice keeps one of them, and nobody but its author knows which: either, or nothing, is
    // offered.
    void take_one_out() {
        static constexpr std::ptrdiff_t max_lines = 10;  // more would be thrown away unread
        diag::Sink known;
        const auto tree = syntax::read_tree(sources_, d_.span.file, known);
        if (!tree || d_.related.empty()) return;
        const std::pair<base::Span, const char*> keys[] = {{d_.span, "second"}, {d_.related.front().span, "first"}};
        const auto is_long = [&](const auto& key) {
            const std::string_view value = sources_.text(value_of(*tree, key.first));
            return std::count(value.begin(), value.end(), '\n') > max_lines;
        };
        if (std::any_of(std::begin(keys), std::end(keys), is_long)) return;
        for (const auto& [key, which] : keys)
            if (const auto edit = take_out(sources_, *tree, key))
                add("take the " + std::string(which) + " `" + std::string(sources_.text(key)) + "` out", *edit);
    }

    // A bracket or a quote that was meant to end with its line.
    void close() {
        if (d_.span.size() == 0) return;
        const std::string_view text = sources_.text(d_.span.file);
        const std::size_t line = std::min(text.find('\n', d_.span.begin), text.size());
        const auto end = static_cast<std::uint32_t>(text[line - 1] == '\r' ? line - 1 : line);
        const char sign = text[d_.span.begin];
        const std::string closing(1, sign == '{' ? '}' : sign == '[' ? ']' : sign);
        add("write `" + closing + "` at the end of the line", {{d_.span.file, end, end}, closing});
    }

    // Nobody but its author knows how an action is undone. Until that is said it counts as one that cannot be.
    void undo() {
        const std::string_view text = sources_.text(d_.span.file);
        const std::size_t line = text.rfind('\n', d_.span.begin) + 1;
        const std::string_view before = text.substr(line, d_.span.begin - line);
        if (before.find_first_not_of(' ') != std::string_view::npos) return;
        add("say that it cannot be undone, until you know how",
            {{d_.span.file, d_.span.begin, d_.span.begin},
             "undo: {impossible: Nobody has said how it is undone.}\n" + std::string(before)});
    }

    // Only a step with that output can be meant: the others do not stand the trial.
    void other_steps() {
        static constexpr std::string_view steps = "steps.";
        if (d_.span.begin < steps.size()) return;
        const auto begin = static_cast<std::uint32_t>(d_.span.begin - steps.size());
        if (sources_.text(base::Span{d_.span.file, begin, d_.span.begin}) != steps) return;
        std::vector<std::string> ids;
        add_ids(c_.model->block, ids);
        for (const std::string& id : ids) write(id);
    }

    void order() {
        const Found earlier = step_at(c_.model->block, d_.steps->earlier);
        const Found later = step_at(c_.model->block, d_.steps->later);
        if (earlier.step == nullptr || later.step == nullptr) return;
        if (earlier.is_ordered) {
            const bool is_first = earlier.step->span.begin < later.step->span.begin;
            const auto& [from, to] =
                is_first ? std::pair(earlier.step, later.step) : std::pair(later.step, earlier.step);
            if (auto fix = moved_behind(sources_, *from, *to)) fixes_.push_back(std::move(*fix));
            return;
        }
        for (const auto& [waiting, awaited] :
             {std::pair(later.step, earlier.step), std::pair(earlier.step, later.step)})
            if (auto fix = let_wait(sources_, *waiting, *awaited)) fixes_.push_back(std::move(*fix));
    }

    const Compilation& c_;
    const Diagnostic& d_;
    const base::Sources& sources_;
    std::vector<Fix> fixes_;
};

using Counts = std::map<std::pair<int, std::string>, std::size_t>;  // errors and warnings that are alike
Counts counts_of(const Compilation& c) {
    Counts counts;
    for (const Diagnostic& d : c.sink.all())
        if (d.severity != diag::Severity::note) ++counts[{d.code, d.message}];
    return counts;
}

// Findings with which the reading of names begins: a file that is not there hides whatever else is wrong with a name.
bool is_of_files(int code) {
    return code == resolve::cannot_read.code || code == resolve::wrong_document.code ||
           code == resolve::unknown_library_name.code;
}

// The finding is gone, and what has come is of a later stage, which could not be reached before.
bool is_mended(const Compilation& before, const Diagnostic& finding, const Compilation& after) {
    const Counts now = counts_of(after);
    Counts then = counts_of(before);
    const auto count = [&](const Counts& counts) {
        const auto found = counts.find({finding.code, finding.message});
        return found == counts.end() ? std::size_t{0} : found->second;
    };
    if (count(now) >= count(then)) return false;
    // A key that is there twice is read once, so that names were looked up all the same.
    const int reached = finding.code == syntax::codes::duplicate_key.code ? 2 : finding.code / 1000;
    return std::all_of(after.sink.all().begin(), after.sink.all().end(), [&](const Diagnostic& d) {
        return d.severity != diag::Severity::error || then.contains({d.code, d.message}) || d.code / 1000 > reached ||
               (is_of_files(finding.code) && d.code / 1000 == finding.code / 1000 && !is_of_files(d.code));
    });
}

}  // namespace

// All findings share one bound, and the first ones are served first.
std::shared_ptr<const Compilation> with_proposals(const std::shared_ptr<const Compilation>& compilation,
                                                  const base::Files& files, const std::stop_token& stop) {
    Trials trials(32, stop, &files);
    std::map<std::size_t, std::vector<Fix>> proposals;
    const std::vector<Diagnostic>& all = compilation->sink.all();
    for (std::size_t i = 0; i < all.size(); ++i)
        for (Fix& fix : Candidates(*compilation, all[i]).all())
            if (const auto changed = trials.with(*compilation, fix);
                changed && is_mended(*compilation, all[i], *changed))
                proposals[i].push_back(std::move(fix));
    if (proposals.empty()) return compilation;
    auto proposed = std::make_shared<Compilation>(*compilation);
    std::size_t i = 0;
    proposed->sink.change_each([&](Diagnostic& d) {
        if (const auto found = proposals.find(i++); found != proposals.end()) d.proposals = found->second;
    });
    return proposed;
}

}  // namespace pvsplan::compiler
