#include "compiler/proposals.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/base/counted.hpp"
#include "compiler/moved_line.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/model.hpp"
#include "compiler/rewritten_line.hpp"
#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/phrases.hpp"
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

    // Each of these may be right.
    std::vector<Fix> ways() {
        if (d_.span.is_nowhere() || !sources_.is_editable(d_.span)) return {};
        for (const std::string& word : d_.meant) write(word);
        if (d_.code == syntax::codes::tab_indent.code) indent();
        if (d_.code == syntax::codes::no_dash.code) begin_entry();
        if (may_be_of_column(d_.code)) move_line();
        if (d_.code == syntax::codes::no_dash.code) take_line_out();
        if (d_.code == syntax::codes::duplicate_key.code) take_one_out();
        if (d_.code == syntax::codes::not_closed.code) close();
        if (d_.code == syntax::codes::missing_key.code && d_.message.ends_with(" has no `undo`")) undo();
        if (d_.code == syntax::codes::shapeless_step.code) call_what_takes_these();
        if (d_.code == syntax::codes::no_document.code) say_what_it_is();
        if (d_.code == resolve::unknown_step.code && d_.meant.empty()) other_steps();
        if (d_.code == resolve::step_twice.code) call_it_otherwise();
        if (d_.steps) order();
        return std::exchange(fixes_, {});
    }

    // At most one of these is right, the first ones more likely.
    std::vector<Fix> guesses() {
        if (d_.span.is_nowhere() || !sources_.is_editable(d_.span) || d_.severity != diag::Severity::error) return {};
        write_hinted();
        for (Fix& fix : rewritten(sources_, d_)) fixes_.push_back(std::move(fix));
        return std::exchange(fixes_, {});
    }

  private:
    void add(std::string title, Edit edit) { fixes_.push_back({std::move(title), {std::move(edit)}}); }

    // What stands between quotes stays between them, unless the word brings its own.
    void write(const std::string& word) {
        base::Span span = d_.span;
        const auto is_quote = [](char c) { return c == '"' || c == '\''; };
        const std::string_view text = sources_.text(span);
        const std::string_view file = sources_.text(span.file);
        const bool has_own = is_quote(word.front());
        if (text.size() >= 2 && is_quote(text[0]) && text.back() == text[0] && !has_own)
            span = {span.file, span.begin + 1, span.end - 1};
        if (has_own && span.begin > 0 && span.end < file.size() && is_quote(file[span.end]) &&
            file[span.begin - 1] == file[span.end])
            span = {span.file, span.begin - 1, span.end + 1};
        add("write `" + word + "`", {span, word});
    }

    // A step that was copied has the name of the other one.
    void call_it_otherwise() {
        const std::string name(sources_.text(d_.span));
        const std::string_view text = sources_.text(d_.span.file);
        for (int number = 2; number < 100; ++number)
            if (const std::string other = name + "-" + std::to_string(number); text.find(other) == std::string::npos)
                return write(other);
    }

    // What a hint says to write: "write `false`; …".
    void write_hinted() {
        static constexpr std::string_view write_this = "write `";
        if (d_.code < 1100 && d_.code != syntax::codes::bare_hole.code) return;  // that is about more than is marked
        const std::string_view marked = sources_.text(d_.span);
        for (const std::string& hint : d_.hints)
            for (std::size_t at = hint.find(write_this); at != std::string::npos; at = hint.find(write_this, at + 1)) {
                const std::size_t begin = at + write_this.size();
                const std::string word = hint.substr(begin, hint.find('`', begin) - begin);
                // A hint on a form may hold words that stand for others: they are no text to write.
                const bool is_form =
                    d_.code == syntax::codes::wrong_form.code && word.find(marked) == std::string::npos;
                if (!word.empty() && word.find("…") == std::string::npos && !is_form) write(word);
            }
    }

    // The blanks that a tab may have stood for: none, as many as an editor shows.
    void indent() {
        const std::string_view text = sources_.text(d_.span.file);
        const std::size_t begin = text.rfind('\n', d_.span.begin) + 1;  // npos + 1 is 0
        const std::size_t end = std::min(text.find_first_not_of(" \t", begin), text.size());
        for (const unsigned int width : {2U, 4U, 8U}) indent_all(width);
        for (const std::size_t width : {0U, 2U, 4U, 8U}) {
            std::string blanks;
            for (const char c : text.substr(begin, end - begin)) blanks += std::string(c == '\t' ? width : 1, ' ');
            add("indent with " + base::counted(blanks.size(), "blank"),
                {{d_.span.file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, blanks});
        }
    }

    // An editor that writes tabs writes them in every line.
    void indent_all(unsigned int width) {
        const std::string_view text = sources_.text(d_.span.file);
        Fix fix;
        for (std::size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size() - 1) + 1) {
            const std::size_t end = std::min(text.find_first_not_of(" \t", at), text.size());
            if (text.substr(at, end - at).find('\t') == std::string_view::npos) continue;
            std::string blanks;
            for (const char c : text.substr(at, end - at)) blanks += std::string(c == '\t' ? width : 1, ' ');
            fix.edits.push_back(
                {{d_.span.file, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)}, std::move(blanks)});
        }
        if (fix.edits.size() < 2) return;
        fix.title = "indent " + base::counted(fix.edits.size(), "line") + " with " + base::counted(width, "blank") +
                    " for each tab";
        fixes_.push_back(std::move(fix));
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

    // The `do` of a step is gone: an action that takes all that `with` gives, and needs nothing else.
    void call_what_takes_these() {
        diag::Sink known;
        const auto tree = c_.model ? syntax::read_tree(sources_, d_.span.file, known) : std::nullopt;
        if (!tree) return;
        for (std::size_t i = 0; i < tree->nodes.size(); ++i) {
            const syntax::NodeId step(i);
            if ((*tree)[step].type != syntax::TreeNode::Type::map || tree->span(step) != d_.span) continue;
            std::set<std::string_view> given;
            std::optional<base::Span> place;  // before `on` or `with`, as people write it
            for (const auto [key, value] : tree->members(step)) {
                if (tree->text(key) != "on" && tree->text(key) != "with") continue;
                if (!place) place = tree->span(key);
                if (tree->text(key) == "with" && (*tree)[value].type == syntax::TreeNode::Type::map)
                    for (const auto [name, argument] : tree->members(value)) given.insert(tree->text(name));
            }
            if (place) call_what_takes(given, *place);
            return;
        }
    }
    // What takes nothing could be any of many.
    void call_what_takes(const std::set<std::string_view>& given, base::Span place) {
        const std::string_view text = sources_.text(place.file);
        const std::size_t line = place.begin == 0 ? 0 : text.rfind('\n', place.begin - 1) + 1;
        const std::string_view before = text.substr(line, place.begin - line);
        const bool is_block = before.find_first_not_of("- ") == std::string_view::npos;
        const std::string behind = is_block ? "\n" + std::string(before.size(), ' ') : ", ";
        const auto takes_these = [&](const std::vector<resolve::Parameter>& parameters) {
            std::size_t taken = 0;
            for (const resolve::Parameter& one : parameters) {
                if (given.contains(one.name))
                    ++taken;
                else if (!one.default_value && !one.default_expr)
                    return false;
            }
            return taken == given.size();
        };
        const auto offer = [&](const std::string& name) {
            if (fixes_.size() < max_words)
                add("write `do: " + name + "`", {{place.file, place.begin, place.begin}, "do: " + name + behind});
        };
        if (given.empty()) return;
        for (const resolve::Action& action : c_.model->actions)
            if (takes_these(action.parameters)) offer(action.compiled.name);
        for (const resolve::Procedure& procedure : c_.model->procedures)
            if (takes_these(procedure.parameters)) offer(procedure.name);
    }

    // The first line is gone, and the others say what it was: the name is that of the file.
    void say_what_it_is() {
        static constexpr std::string_view keys_of = "it has the keys of a ";
        const std::size_t at = d_.message.find(keys_of);
        if (at == std::string::npos) return;
        const std::string what = d_.message.substr(at + keys_of.size(), d_.message.find(',', at) - at - keys_of.size());
        const std::string_view path = sources_.path(d_.span.file);
        const std::string_view file = path.substr(path.rfind('/') + 1);
        const std::string name(file.substr(0, file.find('.')));
        if (!syntax::is_name(name)) return;
        add("write `" + what + ": " + name + "` above it",
            {{d_.span.file, d_.span.begin, d_.span.begin}, what + ": " + name + "\n"});
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

// What becomes of the others with a change that takes a finding away.
struct Outcome {
    std::size_t come = 0;  // errors of later stages, which could not be reached before
    std::size_t left = 0;  // errors of all
};

// The finding is gone, and what has come is of a later stage; nothing if it is not so.
std::optional<Outcome> outcome(const Compilation& before, const Diagnostic& finding, const Compilation& after) {
    const Counts now = counts_of(after);
    const Counts then = counts_of(before);
    const auto count = [&](const Counts& counts) {
        const auto found = counts.find({finding.code, finding.message});
        return found == counts.end() ? std::size_t{0} : found->second;
    };
    if (count(now) >= count(then)) return std::nullopt;
    // A key that is there twice is read once, so that names were looked up all the same.
    const int reached = finding.code == syntax::codes::duplicate_key.code ? 2 : finding.code / 1000;
    Outcome outcome;
    for (const Diagnostic& d : after.sink.all()) {
        if (d.severity != diag::Severity::error) continue;
        ++outcome.left;
        if (then.contains({d.code, d.message})) continue;
        ++outcome.come;
        const bool is_behind_files =
            is_of_files(finding.code) && d.code / 1000 == finding.code / 1000 && !is_of_files(d.code);
        if (d.code / 1000 <= reached && !is_behind_files) return std::nullopt;
    }
    return outcome;
}

struct Proposal {
    Fix fix;
    Outcome outcome;
};
using Proposals = std::map<std::size_t, std::vector<Proposal>>;  // by the finding

// One that brings errors is not offered beside one that brings none. Where one leaves no error at all, every finding
// was of that one cause, and changes that leave some would hide it.
void keep_best(Proposals& proposals) {
    const auto leaves_none = [](const Proposal& one) { return one.outcome.left == 0; };
    const bool is_one_cause = std::any_of(proposals.begin(), proposals.end(), [&](const auto& of_finding) {
        return std::any_of(of_finding.second.begin(), of_finding.second.end(), leaves_none);
    });
    for (auto& [finding, ways] : proposals) {
        std::size_t fewest = ways.front().outcome.come;
        for (const Proposal& one : ways) fewest = std::min(fewest, one.outcome.come);
        std::erase_if(ways, [&](const Proposal& one) {
            return (one.outcome.come > 0 && fewest == 0) || (is_one_cause && one.outcome.left > 0);
        });
    }
}

class Proposing {
  public:
    Proposing(const Compilation& c, const base::Files& files, const std::stop_token& stop)
        : c_(c), trials_(96, stop, &files) {}

    // Guesses are tried where nothing else leaves the text without new errors, up to the first one that leaves none at
    // all, and not many more than the first one that brings none.
    std::vector<Proposal> at(const Diagnostic& finding) {
        std::vector<Proposal> found;
        const auto brings_none = [](const Proposal& one) { return one.outcome.come == 0; };
        Candidates candidates(c_, finding);
        for (Fix& fix : candidates.ways())
            if (auto proposal = tried(finding, std::move(fix))) found.push_back(std::move(*proposal));
        if (std::any_of(found.begin(), found.end(), brings_none)) return found;
        static constexpr int max_more = 4;
        std::optional<Proposal> best;
        int more = 0;
        for (Fix& fix : candidates.guesses()) {
            if (best && (best->outcome.left == 0 || more > max_more)) break;
            auto proposal = tried(finding, std::move(fix));
            const auto rank = [](const Proposal& one) { return std::pair(one.outcome.come, one.outcome.left); };
            if (proposal && (!best || rank(*proposal) < rank(*best))) best = std::move(proposal);
            if (best && brings_none(*best)) ++more;
        }
        if (best) found.push_back(std::move(*best));
        return found;
    }

  private:
    std::optional<Proposal> tried(const Diagnostic& finding, Fix fix) {
        const auto changed = trials_.with(c_, fix);
        const auto result = changed ? outcome(c_, finding, *changed) : std::nullopt;
        return result ? std::optional(Proposal{std::move(fix), *result}) : std::nullopt;
    }

    const Compilation& c_;
    Trials trials_;
};

}  // namespace

// All findings share one bound, and the first ones are served first.
std::shared_ptr<const Compilation> with_proposals(const std::shared_ptr<const Compilation>& compilation,
                                                  const base::Files& files, const std::stop_token& stop) {
    Proposing proposing(*compilation, files, stop);
    Proposals proposals;
    const std::vector<Diagnostic>& all = compilation->sink.all();
    for (std::size_t i = 0; i < all.size(); ++i)
        if (std::vector<Proposal> found = proposing.at(all[i]); !found.empty()) proposals[i] = std::move(found);
    if (proposals.empty()) return compilation;
    keep_best(proposals);
    auto proposed = std::make_shared<Compilation>(*compilation);
    std::size_t i = 0;
    proposed->sink.change_each([&](Diagnostic& d) {
        if (const auto found = proposals.find(i++); found != proposals.end())
            for (Proposal& one : found->second) d.proposals.push_back(std::move(one.fix));
    });
    return proposed;
}

}  // namespace pvsplan::compiler
