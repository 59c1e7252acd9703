#include "runtime/view/show_text.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/diag/display.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/view/plan_order.hpp"
#include "runtime/view/verdict_text.hpp"
#include "runtime/view/window_text.hpp"

namespace pvsplan::view {
namespace {

using program::Node;

constexpr std::size_t few_steps = 60;     // up to here everything is shown
constexpr std::size_t few_left_out = 2;   // of a loop
constexpr std::size_t few_instances = 4;  // of a loop
constexpr std::uint32_t max_path_width = 40;

// By the chain that takes longest, as it is expected: from earlier runs, else from what actions say of themselves. It
// is said from which.
std::string expected_time(const program::Plan& plan, const UsualDurations& usual) {
    const auto estimate = [&](std::uint32_t i) { return expected_ms(plan, usual, i); };
    const auto chain = longest_chain(plan.graph, estimate);
    const std::int64_t sum =
        std::accumulate(chain.begin(), chain.end(), std::int64_t{0},
                        [&](std::int64_t s, std::uint32_t i) { return s + expected_ms(plan, usual, i); });
    if (!usual.empty()) return "usually " + duration_for_people(sum);
    if (sum == 0) return "no earlier run to tell from";
    std::uint64_t unknown = 0;
    for (std::uint32_t i = 0; i < plan.graph.nodes.size(); ++i)
        unknown += plan.graph.nodes[i].type == Node::Type::action && expected_ms(plan, usual, i) == 0 ? 1 : 0;
    return "about " + duration_for_people(sum) + ", as its actions say" +
           (unknown > 0 ? ", without " + base::counted(unknown, "step") + " of which nobody knows" : "");
}

std::string listed(const std::vector<std::string>& paths) {
    std::string text;
    for (const std::string& path : paths) base::append(text, ", ", diag::harmless(path));
    return text;
}

// "rest" of "rest[pvs02]"; empty: no iteration.
std::string loop_of(const std::string& path) {
    return path.ends_with(']') ? path.substr(0, path.rfind('[')) : std::string();
}

std::pair<std::string, std::string> instance_of(const std::string& path) {
    const std::size_t open = path.find('[');
    const std::size_t close = path.find(']', open);
    if (open == std::string::npos || close == std::string::npos) return {};
    return {path.substr(0, open), path.substr(0, close + 1)};
}

// The outputs of simulated steps are not known.
bool is_nothing(const program::Expr& expr) { return expr.op == program::Expr::Op::literal && expr.value.is_none(); }

// Whether all steps start in the same window: then it is said once, at the end.
bool have_one_window(const program::Plan& plan) {
    const auto& nodes = plan.graph.nodes;
    const auto first =
        std::find_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.type == Node::Type::action; });
    return std::all_of(first, nodes.end(), [&](const Node& node) {
        return node.type != Node::Type::action || node.window == first->window;
    });
}

// Prints one plan, or the steps of a rollback in its place; used once. Numbers are those by which steps may be named on
// the command line, so that joins have none and steps that are not shown keep theirs.
class Shower {
  public:
    Shower(const program::Plan& plan, const Stream& stream, Shows shows, const UsualDurations& usual)
        : plan_(plan), stream_(stream), shows_(shows), usual_(usual) {
        const auto& nodes = plan.graph.nodes;
        for (std::uint32_t i = 0; i < nodes.size(); ++i)
            if (nodes[i].type != Node::Type::join) number_[i] = static_cast<std::uint32_t>(number_.size() + 1);
        if (nodes.size() <= max_compared) overlaps_.emplace(predecessors_of(plan.graph));
        if (shows == Shows::digest && number_.size() > few_steps) find_hidden();
        for (const auto& [node, number] : number_)
            if (!hidden_.contains(node)) {
                path_columns_ = std::max(path_columns_, std::min(diag::columns(nodes[node].id), max_path_width));
                what_columns_ = std::max(what_columns_, std::min(diag::columns(what(nodes[node])), max_path_width));
            }
        number_columns_ = std::to_string(number_.size()).size();
    }

    // A rollback in place of the plan.
    std::string text_of(const Rollback& rollback) && {
        rollback_ = &rollback;
        const std::string_view what = rollback.has_begun ? "what is left of the rollback of " : "rollback of ";
        out_ += inked(stream_, std::string(what) + rollback.run, Ink::bold) + " (" + plan_.name + " on farm " +
                plan_.farm + ")";
        if (plan_.is_protected) out_ += inked(stream_, " (protected)", Ink::yellow);
        out_ += "\n";
        simulated();
        if (!number_.empty()) out_ += "\n";
        steps();
        out_ += "\n";
        back_to(rollback);
        for (const program::NoReturn& one : rollback.no_return) stays(one);
        if (number_.empty()) {
            words("nothing is left to undo", 0);
        } else {
            words(base::counted(number_.size(), "step"), 0);
            times();
        }
        return std::move(out_);
    }

    // From what the plan is to what it does to what is known of it, the digest last.
    std::string text() && {
        out_ += inked(stream_, "plan " + plan_.name, Ink::bold) + " on farm " + plan_.farm;
        if (plan_.is_protected) out_ += inked(stream_, " (protected)", Ink::yellow);
        out_ += "\n";
        words(plan_.summary, 0);
        simulated();
        parameters();
        left_out();
        out_ += "\n";
        steps();
        out_ += "\n";
        closing();
        return std::move(out_);
    }

  private:
    void simulated() {
        const std::string simulated = program::simulated_text(plan_);
        if (simulated.empty()) return;
        for (const std::string& line : diag::wrapped(simulated, stream_.width))
            out_ += inked(stream_, line, Ink::yellow) + "\n";
    }

    // How far the rollback goes back, and what it therefore leaves as it is.
    void back_to(const Rollback& rollback) {
        if (rollback.back_to.empty()) return;
        out_ += inked(stream_, "goes back to before " + diag::harmless(rollback.back_to), Ink::yellow) + "\n";
        if (rollback.stays.empty())
            words("nothing that changed the farm ended before it", 2);
        else
            words("what ended before it stays: " + listed(rollback.stays), 2);
    }

    // A step that the rollback does not undo, and why.
    void stays(const program::NoReturn& one) {
        out_ += inked(stream_, diag::harmless(one.node) + " stays as it is", Ink::yellow) + "\n";
        words(diag::harmless(one.why), 2);
        if (!one.stays.empty()) words("and what ran before it: " + listed(one.stays), 2);
    }

    // What is hidden is counted where it is, between what is shown.
    void steps() {
        std::uint64_t skipped = 0;
        for (const auto& [node, number] : number_) {
            if (hidden_.contains(node)) {
                ++skipped;
                continue;
            }
            gap(skipped);
            skipped = 0;
            step(node);
        }
        gap(skipped);
    }

    void words(const std::string& text, std::uint32_t indent) {
        if (text.empty()) return;
        for (const std::string& line : diag::wrapped(text, stream_.width - std::min(stream_.width - 20, indent)))
            out_ += std::string(indent, ' ') + line + "\n";
    }

    void parameters() {
        if (plan_.parameters.empty()) return;
        const program::PlanNames names(plan_);
        std::string text = "with ";
        for (const auto& [name, value] : plan_.parameters)
            text += (text.size() > 5 ? ", " : "") + name + " = " + program::to_text(value, names);
        words(text, 0);
    }

    // The steps that are left out because of the states before the run.
    void left_out() {
        for (auto first = plan_.left_out.begin(); first != plan_.left_out.end();) {
            const std::string loop = loop_of(first->step);
            auto last = first + 1;
            while (last != plan_.left_out.end() && !loop.empty() && loop_of(last->step) == loop) ++last;
            const auto all = static_cast<std::size_t>(last - first);
            if (shows_ == Shows::digest && all > few_left_out) {
                words("skips " + base::counted(all, "iteration") + " of " + diag::harmless(loop) + " (--all says why)",
                      0);
                first = last;
            }
            for (; first != last; ++first)
                words("skips " + diag::harmless(first->step) + ": " + diag::harmless(first->why), 0);
        }
    }

    // Hides all iterations of a long loop but the first and the last.
    void find_hidden() {
        std::map<std::string, std::vector<std::string>> instances;  // "rest" -> "rest[a]", …
        std::set<std::string> seen;
        for (const auto& [node, number] : number_) {
            const auto [loop, instance] = instance_of(plan_.graph.nodes[node].id);
            if (loop.empty()) continue;
            if (seen.insert(instance).second) instances[loop].push_back(instance);
        }
        std::set<std::string> gone;
        for (const auto& [loop, all] : instances)
            if (all.size() > few_instances) gone.insert(all.begin() + 1, all.end() - 1);
        for (const auto& [node, number] : number_)
            if (gone.contains(instance_of(plan_.graph.nodes[node].id).second)) hidden_.insert(node);
    }

    void gap(std::uint64_t skipped) {
        if (skipped == 0) return;
        out_ += std::string(number_columns_ + 2, ' ') +
                inked(stream_, "… " + base::counted(skipped, "step") + " alike (--all shows them)", Ink::faint) + "\n";
    }

    // One line where there is room: what it may overlap with stands in a column of its own, else below.
    void step(std::uint32_t index) {
        const Node& node = plan_.graph.nodes[index];
        std::string number = std::to_string(number_[index]);
        number.insert(0, number_columns_ - number.size(), ' ');
        std::string path = diag::harmless(node.id);
        path.resize(std::max<std::size_t>(path.size(),
                                          path.size() + path_columns_ - std::min(path_columns_, diag::columns(path))),
                    ' ');
        const std::string line = "  " + path + "  " + what(node);
        const std::string concurrent = concurrent_text(index);
        const auto used = static_cast<std::uint32_t>(number_columns_ + diag::columns(line));
        const auto column = static_cast<std::uint32_t>(number_columns_ + 4 + path_columns_ + what_columns_);
        const std::uint32_t gap = 2 + (used < column ? column - used : 0);
        out_ += inked(stream_, number, Ink::faint) + line;
        const auto indent = static_cast<std::uint32_t>(number_columns_ + 4);
        if (!concurrent.empty() && used + gap + diag::columns(concurrent) <= stream_.width) {
            out_ += std::string(gap, ' ') + inked(stream_, concurrent, Ink::cyan) + "\n";
        } else {
            out_ += "\n";
            words(concurrent, indent);
        }
        remarks(node, indent);
    }

    [[nodiscard]] std::string what(const Node& node) const {
        if (node.type == Node::Type::approval) return "waits for a person";
        return node.action + (node.on.is_none() ? "" : " " + diag::harmless(plan_.objects[node.on.index()].name));
    }

    // Nothing of a plan that is too large to compare each step with each other.
    std::string concurrent_text(std::uint32_t index) {
        if (!overlaps_) return "";
        std::vector<std::uint32_t> numbers;
        for (const std::uint32_t other : overlaps_->with({&index, 1}))
            if (const auto found = number_.find(other); found != number_.end()) numbers.push_back(found->second);
        if (numbers.empty()) return "";
        static constexpr std::size_t max_length = 24;
        const std::string all = ranges(numbers);
        if (all.size() <= max_length) return "overlaps " + all;
        return "overlaps " + std::to_string(numbers.size()) + " of " + std::to_string(numbers.front()) + "-" +
               std::to_string(numbers.back());
    }

    // Only what a person has to know before saying yes: who is asked, what is decided later, what cannot be undone,
    // what ends it.
    void remarks(const Node& node, std::uint32_t indent) {
        const program::PlanNames names(plan_);
        words(node.text, indent);
        if (node.type == Node::Type::approval)
            if (const std::string who =
                    program::who_may_approve(plan_.approvers, node.approvers ? &*node.approvers : nullptr);
                !who.empty())
                words("may approve: " + diag::harmless(who), indent);
        if (rollback_ != nullptr) values(node, indent);
        const program::ExprPtr condition = node.guard ? plan_.guards[node.guard.index()].condition : nullptr;
        if (condition && condition->op != program::Expr::Op::literal)
            words("only when " + program::to_text(*condition, names), indent);
        const auto action = plan_.actions.find(node.action);
        if (action != plan_.actions.end() && action->second.run.type == program::Body::Type::manual)
            words("by hand: a person does it and says so", indent);
        else if (action != plan_.actions.end() && node.on.is_none() && !action->second.at && !is_simulated_)
            words("on this machine: it works on no object", indent);
        if (rollback_ == nullptr && node.undo.type == program::Undo::Type::impossible) {
            out_ += std::string(indent, ' ') + inked(stream_, "no rollback past this", Ink::yellow);
            out_ += "\n";
            words(node.undo.why, indent);
        }
        if (node.at_timeout == program::AtTimeout::kill)
            words("past " + duration_for_people(node.timeout_ms) + " its command is killed, and it has failed", indent);
        if (node.window && !has_one_window_) words(starts_text(plan_, node.window), indent);
        if (node.on_failure == program::OnFailure::rollback) words("if it fails, the run is rolled back", indent);
    }

    // The summary of a step of a rollback, with the values from the run: "file = \\nas01\backup.bak".
    void values(const Node& node, std::uint32_t indent) {
        const auto action = plan_.actions.find(node.action);
        if (action == plan_.actions.end()) return;
        if (told_.insert(node.action).second) words(action->second.summary, indent);
        const program::PlanNames names(plan_);
        std::string text;
        for (std::size_t i = 0; i < node.with.size(); ++i)
            if (node.with[i] && action->second.parameters[i].type.category != program::Type::Category::secret &&
                !is_nothing(*node.with[i]))
                text += (text.empty() ? "with " : ", ") + action->second.parameters[i].name + " = " +
                        program::to_text(*node.with[i], names);
        words(diag::harmless(text), indent);
    }

    // The digest stands last: it is what a reviewer compares.
    void closing() {
        std::uint64_t no_return = 0;
        for (const Node& node : plan_.graph.nodes) {
            approvals_ += node.type == Node::Type::approval ? 1 : 0;
            no_return += node.undo.type == program::Undo::Type::impossible ? 1 : 0;
        }
        std::string text = base::counted(number_.size(), "step");
        if (approvals_ > 0) text += ", " + base::counted(approvals_, "approval");
        text += no_return > 0 ? ", " + base::counted(no_return, "point") + " of no return" : ", all can be undone";
        words(text, 0);
        times();
        if (!plan_.requirements.empty()) {
            std::uint64_t hold = 0;
            for (const auto& r : plan_.requirements) hold += r.verdict == "holds" || r.verdict == "vacuous" ? 1 : 0;
            const std::size_t all = plan_.requirements.size();
            words(hold == all
                      ? (all == 1 ? "the requirement holds" : "all " + base::counted(all, "requirement") + " hold")
                      : std::to_string(hold) + " of " + base::counted(all, "requirement") + " hold",
                  0);
            for (const auto& r : plan_.requirements)
                if (!r.waived_because.empty())
                    words("`" + r.name + "` is waived (" + r.verdict + "): " + r.waived_because, 0);
        }
        for (const std::string& one : notices(plan_)) words(diag::harmless(one), 0);
        words(plan_.digest, 0);
    }

    // Told only where every action has a timeout, for without that there is no bound. Steps wait for each other where
    // more could run than may at once: whenever the longest chain does not go on, as many as may are under way.
    std::string bound_by_timeouts() const {
        static constexpr std::int64_t max_ms = 1'000'000'000'000;  // 31 years: so that no sum overflows
        static constexpr std::int64_t at_once = 64;                // unless --max-parallel says otherwise
        const auto& nodes = plan_.graph.nodes;
        const auto limit = [&](std::uint32_t i) {
            const program::Retry& retry = nodes[i].retry;
            return nodes[i].timeout_ms * (1 + retry.times) + retry.delay_ms * retry.times;
        };
        std::int64_t work = 0;
        std::size_t actions = 0;
        for (std::uint32_t i = 0; i < nodes.size(); ++i) {
            if (nodes[i].type != Node::Type::action) continue;
            if (nodes[i].timeout_ms <= 0 || limit(i) > max_ms) return "";
            work += limit(i);
            ++actions;
        }
        if (nodes.empty()) return "";
        std::int64_t sum = 0;
        for (const std::uint32_t i : longest_chain(plan_.graph, limit)) sum += limit(i);
        if (actions > at_once) sum += (work - sum + at_once - 1) / at_once;
        return "; at most " + duration_for_people(sum) + " by the timeouts";
    }

    void times() {
        const auto& nodes = plan_.graph.nodes;
        const auto is_step = [&](std::uint32_t i) { return nodes[i].type == Node::Type::join ? 0 : 1; };
        std::int64_t count = 0;
        for (const std::uint32_t i : longest_chain(plan_.graph, is_step)) count += is_step(i);
        words("longest chain: " + base::counted(static_cast<std::uint64_t>(count), "step"), 0);
        const std::string text = "expected time: " + expected_time(plan_, usual_) + bound_by_timeouts();
        words(text + (approvals_ > 0 ? "; people not counted" : ""), 0);
        const auto estimate = [&](std::uint32_t i) { return expected_ms(plan_, usual_, i); };
        for (const std::string& line : window_lines(plan_, estimate)) words(line, 0);
    }

    const program::Plan& plan_;
    const Rollback* rollback_ = nullptr;  // null: the plan itself
    bool is_simulated_ = program::simulated_part(plan_) == program::Simulated::all;
    bool has_one_window_ = have_one_window(plan_);
    const Stream& stream_;
    Shows shows_;
    const UsualDurations& usual_;
    std::map<std::uint32_t, std::uint32_t> number_;  // node -> what people see; joins have none
    std::set<std::uint32_t> hidden_;
    std::set<std::string> told_;  // actions of a rollback of which it was said what they do
    std::optional<Overlaps> overlaps_;
    std::uint64_t approvals_ = 0;
    std::uint32_t path_columns_ = 4;
    std::uint32_t what_columns_ = 4;
    std::size_t number_columns_ = 1;
    std::string out_;
};

}  // namespace

// What was measured goes before what an action says of itself.
std::int64_t expected_ms(const program::Plan& plan, const UsualDurations& usual, std::uint32_t i) {
    const Node& node = plan.graph.nodes[i];
    if (const auto found = usual.find(node.id); found != usual.end()) return found->second;
    const auto action = plan.actions.find(node.action);
    return node.type == Node::Type::action && action != plan.actions.end() ? action->second.takes_ms : 0;
}

// Commands are told with all of their words: they run on the machine of whoever says yes.
std::vector<std::string> notices(const program::Plan& plan) {
    std::vector<std::string> all;
    for (const program::Notify& one : plan.notify) {
        std::vector<std::string> when;
        for (const program::Notify::When each : one.on) when.emplace_back(program::name_of(each));
        std::string text = program::one_of(when) + " tells " + program::text_of(one);
        if (one.channel == program::Notify::Channel::command) {
            text += ", which runs on this machine";
            for (std::size_t i = 1; i < one.command.size(); ++i)
                text += (i == 1 ? ", with " : ", ") + ("`" + one.command[i] + "`");
        }
        all.push_back(std::move(text));
    }
    if (!all.empty() && program::simulated_part(plan) == program::Simulated::all)
        all.emplace_back("nobody is told while the farm is simulated");
    return all;
}

std::string show_text(const program::Plan& plan, const Stream& stream, Shows shows, const UsualDurations& usual) {
    return Shower(plan, stream, shows, usual).text();
}

std::string rollback_text(const program::Plan& plan, const Rollback& rollback, const Stream& stream, Shows shows,
                          const UsualDurations& usual) {
    return Shower(plan, stream, shows, usual).text_of(rollback);
}

}  // namespace pvsplan::view
