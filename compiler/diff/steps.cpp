#include "compiler/diff/steps.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/diff/actions.hpp"
#include "compiler/diff/strength.hpp"
#include "compiler/diff/undoing.hpp"

namespace pvsplan::diff {
namespace {

using program::Node;
using program::Plan;
using program::Undo;
using StepType = StepChange::Type;

constexpr std::string_view the_plan = "the plan";

// A join does nothing: it has other steps wait.
bool is_step(const Node& node) { return node.type != Node::Type::join; }

// 0 stands for none.
std::string duration_text(std::int64_t milliseconds, const program::ObjectNames& names) {
    return milliseconds == 0 ? "" : program::to_text(program::Value::duration(milliseconds), names);
}

std::string_view word_of(program::OnFailure on_failure) {
    switch (on_failure) {
        case program::OnFailure::halt: return "halt";
        case program::OnFailure::rollback: return "rollback";
        case program::OnFailure::carry_on: return "continue";
    }
    return "";
}

// "rest[*]" of "rest[*].stop" and "rest[*].install".
std::string shared_beginning(const std::string& a, const std::string& b) {
    if (a == b || a == the_plan) return a;
    std::size_t end = 0;
    for (std::size_t i = 0; i <= std::min(a.size(), b.size()); ++i) {
        const auto ends = [&](const std::string& one) { return i == one.size() || one[i] == '.' || one[i] == ':'; };
        if (i > 0 && ends(a) && ends(b)) end = i;
        if (i < a.size() && i < b.size() && a[i] != b[i]) break;
    }
    return end == 0 ? std::string(the_plan) : a.substr(0, end);
}

// Exit codes that count as success.
std::string codes(const program::Action& action) {
    std::string text;
    for (const std::int64_t code : action.exit_codes) base::append(text, ", ", std::to_string(code));
    return text;
}

// What the events of a step are of: for an approval, what it is about.
std::string objects(const Plan& plan, const Node& node) {
    std::string text;
    for (const program::Event& event : node.does) base::append(text, ", ", plan.objects[event.object.index()].name);
    return text;
}

std::string undo_text(const Node& node) {
    if (node.undo.type == Undo::Type::nothing) return "nothing";
    std::string text;
    for (const Node& step : node.undo.steps.nodes)
        if (is_step(step)) base::append(text, ", ", step.action);
    return text;
}

std::string text_of(const program::ExprPtr& expr, const program::ObjectNames& names) {
    return expr ? program::to_text(*expr, names) : "";
}

// Null for an approval, which does nothing.
const program::Action* action_of(const Plan& plan, const Node& node) {
    const auto found = plan.actions.find(node.action);
    return found == plan.actions.end() ? nullptr : &found->second;
}

std::string retry_text(const program::Retry& retry, const program::ObjectNames& names) {
    if (retry.times == 0) return "";
    return base::counted(retry.times, "time") +
           (retry.delay_ms == 0 ? "" : " after " + duration_text(retry.delay_ms, names));
}

// How many iterations of its loop may fail; 0: no loop, or no bound.
std::uint32_t max_failures(const Plan& plan, const Node& node) {
    return node.instance ? plan.instances[node.instance.index()].max_failures : 0;
}

// Whether nobody may approve who might not have before: by names, as who belongs to a group is not known here.
bool is_as_strict(const Plan& before, const Node& was, const Plan& after, const Node& now) {
    static const program::Approvers anybody;
    const program::Approvers& few = now.approvers ? *now.approvers : anybody;
    const program::Approvers& many = was.approvers ? *was.approvers : anybody;
    const auto are_within = [](const std::vector<std::string>& some, const std::vector<std::string>& all) {
        return all.empty() || (!some.empty() && std::all_of(some.begin(), some.end(), [&](const std::string& one) {
                   return std::find(all.begin(), all.end(), one) != all.end();
               }));
    };
    const auto excludes_starter = [](const program::Approvers& approvers, const Plan& plan) {
        return approvers.is_not_by_starter || !plan.approvers.empty();
    };
    return are_within(few.by, many.by) && are_within(after.approvers, before.approvers) &&
           (excludes_starter(few, after) || !excludes_starter(many, before));
}

// One pass over both plans; the order of findings is that of the steps, and that of parts in compare().
class Steps {
  public:
    Steps(const Plan& before, const Plan& after, const Matching& matching, const Same& same)
        : before_(before),
          after_(after),
          matching_(matching),
          same_(same),
          before_names_(before),
          after_names_(after) {}

    // Losses are told apart from changes, also where they are of one step: nobody should have to find them among
    // timeouts.
    StepChanges all() && {
        for (const auto& [was, now] : matching_.renamed)
            changes_.steps.push_back({StepType::renamed, now, steps_below(now), "", "", was, now, {}});
        // New steps and changed ones, in the order of the new plan; then removed ones, in the order of the old.
        for (std::uint32_t i = 0; i < after_.graph.nodes.size(); ++i) {
            const Node& now = after_.graph.nodes[i];
            if (!is_step(now)) continue;
            if (matching_.before[i] == no_node) {
                add(changes_.steps, StepType::added, now, "", "", does(after_, now));
            } else {
                compare(before_.graph.nodes[matching_.before[i]], now);
            }
        }
        for (std::uint32_t i = 0; i < before_.graph.nodes.size(); ++i) {
            const Node& was = before_.graph.nodes[i];
            if (!is_step(was) || matching_.after[i] != no_node) continue;
            if (was.type == Node::Type::approval)
                add(changes_.losses, StepType::approval_lost, was, "nobody is asked any more", "", "");
            add(changes_.steps, StepType::removed, was, "", does(before_, was), "");
        }
        other_actions();
        return std::move(changes_);
    }

  private:
    // What becomes weaker is told as a loss; everything else only as a change.
    void compare(const Node& was, const Node& now) {
        losses(was, now);
        const auto differs = [&](const char* what, std::string old_text, std::string new_text) {
            add(changes_.steps, StepType::changed, now, what, std::move(old_text), std::move(new_text));
        };
        if (was.type != now.type || was.action != now.action || !same_(was.on, now.on))
            differs("does", does(before_, was), does(after_, now));
        if (was.text != now.text) differs(asks, was.text, now.text);
        parameters(was, now);
        if (const program::ExprPtr a = condition(before_, was), b = condition(after_, now); !same_(a, b)) {
            const bool is_lost = was.type == Node::Type::approval && !is_within(a, b, same_);
            add(is_lost ? changes_.losses : changes_.steps, is_lost ? StepType::approval_lost : StepType::changed, now,
                is_lost ? may_be_left_out : "when", text_of(a, before_names_), text_of(b, after_names_));
        }
        timeouts(was, now);
        retries(was, now);
        const bool goes_on = was.on_failure != now.on_failure && now.on_failure == program::OnFailure::carry_on;
        if (was.on_failure != now.on_failure)
            shared(now, goes_on, "on_failure", std::string(word_of(was.on_failure)),
                   std::string(word_of(now.on_failure)));
        const std::uint32_t failures = max_failures(before_, was);
        if (const std::uint32_t most = max_failures(after_, now); most != failures && !goes_on)
            held(now, most > failures, "max_failures of its loop", failures == 0 ? "" : std::to_string(failures),
                 most == 0 ? "" : std::to_string(most));
        windows(was, now);
        actions(was, now);
    }

    // A longer one notices later what hangs; one that is somewhat longer than before is the same safeguard, set to what
    // the step needs. `kill` is weaker than `doubt`: a command is cut off half-way and counts as
    // failed, and nobody has looked at what it has done.
    void timeouts(const Node& was, const Node& now) {
        if (was.timeout_ms != now.timeout_ms)
            held(now, is_much_longer(was.timeout_ms, now.timeout_ms), "timeout",
                 duration_text(was.timeout_ms, before_names_), duration_text(now.timeout_ms, after_names_));
        if (was.at_timeout == now.at_timeout || was.timeout_ms == 0 || now.timeout_ms == 0) return;
        const auto word = [](program::AtTimeout one) { return one == program::AtTimeout::kill ? "kill" : "doubt"; };
        held(now, now.at_timeout == program::AtTimeout::kill, "at its timeout", word(was.at_timeout),
             word(now.at_timeout));
    }

    // What holds a run back, or makes it halt: told as lost where it is weaker.
    void held(const Node& node, bool is_lost, const char* what, std::string was, std::string now) {
        add(is_lost ? changes_.losses : changes_.steps, is_lost ? StepType::safeguard_lost : StepType::changed, node,
            what, std::move(was), std::move(now));
    }

    // What may not be done twice is done again where an attempt failed.
    void retries(const Node& was, const Node& now) {
        if (was.retry.times == now.retry.times && was.retry.delay_ms == now.retry.delay_ms) return;
        const program::Action* action = action_of(after_, now);
        const bool is_lost = now.retry.times > was.retry.times && action != nullptr && !action->repeatable;
        add(is_lost ? changes_.losses : changes_.steps, is_lost ? StepType::once_lost : StepType::changed, now, "retry",
            retry_text(was.retry, before_names_), retry_text(now.retry, after_names_));
    }

    // A window that is open at a time when the old one was closed is a loss, however short it is.
    void windows(const Node& was, const Node& now) {
        std::string a = window_text(before_, was);
        std::string b = window_text(after_, now);
        if (a == b) return;
        shared(now, !program::is_open_within(after_.windows, now.window, before_.windows, was.window), "window",
               std::move(a), std::move(b));
    }

    // What most steps have by their group: one change for all of which it became the same other one.
    void shared(const Node& node, bool is_lost, const char* what, std::string was, std::string now) {
        const std::string pattern = pattern_of(node.id);
        for (StepChange& other : is_lost ? changes_.losses : changes_.steps)
            if (other.what == what && other.before == was && other.after == now) {
                ++other.count;
                other.step = shared_beginning(other.step, pattern);
                return;
            }
        held(node, is_lost, what, std::move(was), std::move(now));
    }

    // Compared once for each pair, however many steps do them.
    void actions(const Node& was, const Node& now) {
        const program::Action* a = action_of(before_, was);
        const program::Action* b = action_of(after_, now);
        if (a == nullptr || b == nullptr) return;
        const auto [at, is_new] = weaker_.try_emplace({a, b});
        if (is_new) at->second = losses_of(*a, *b, same_);
        for (auto& [what, old_text, new_text] : told_of(at->second, *a, *b))
            held(now, true, what, std::move(old_text), std::move(new_text));
    }

    // Those that no step of both plans does, but an undo.
    void other_actions() {
        for (const auto& [name, was] : before_.actions) {
            const auto now = after_.actions.find(name);
            if (now == after_.actions.end() || weaker_.contains({&was, &now->second})) continue;
            for (auto& [what, old_text, new_text] : told_of(losses_of(was, now->second, same_), was, now->second))
                changes_.losses.push_back({StepType::safeguard_lost, name, 1, "", what, std::move(old_text),
                                           std::move(new_text), now->second.source});
        }
    }

    struct Told {
        const char* what;
        std::string before;
        std::string after;
    };
    [[nodiscard]] std::vector<Told> told_of(const ActionLosses& losses, const program::Action& was,
                                            const program::Action& now) const {
        std::vector<Told> all;
        const auto add = [&](const char* what, const program::ExprPtr& old_one, const program::ExprPtr& new_one) {
            all.push_back({what, text_of(old_one, before_names_), text_of(new_one, after_names_)});
        };
        if (losses.requires_less) add("requires", was.precondition, now.precondition);
        if (losses.accepts_more) all.push_back({"exit codes", codes(was), codes(now)});
        if (losses.waits_less) add("waits until", was.run.until, now.run.until);
        if (losses.waits_longer)
            all.push_back({"waits at most", duration_text(was.run.at_most_ms, before_names_),
                           duration_text(now.run.at_most_ms, after_names_)});
        return all;
    }

    // Everything after which less can be put back, or more may happen, than before.
    void losses(const Node& was, const Node& now) {
        using UndoType = Undo::Type;
        if (now.undo.type == UndoType::impossible && was.undo.type != UndoType::impossible)
            add(changes_.losses, StepType::no_return, now, now.undo.why, "", "");
        else if (now.undo.type == UndoType::nothing && was.undo.type == UndoType::steps)
            add(changes_.losses, StepType::undo_lost, now, now.undo.why.empty() ? "nothing undoes it" : now.undo.why,
                "", "");
        else if (was.undo.type == UndoType::steps && now.undo.type == UndoType::steps && !is_same_undo(was, now))
            changed_undo(was, now);
        else if (was.undo.type == UndoType::impossible && now.undo.type != UndoType::impossible)
            add(changes_.steps, StepType::changed, now, "undo", "impossible", undo_text(now));
        else if (was.undo.type == now.undo.type && was.undo.why != now.undo.why)
            add(changes_.steps, StepType::changed, now,
                now.undo.type == UndoType::nothing ? "why nothing undoes it:" : "why it cannot be undone:",
                was.undo.why, now.undo.why);
        if (const auto* a = action_of(before_, was), *b = action_of(after_, now);
            a != nullptr && b != nullptr && !a->repeatable && b->repeatable)
            add(changes_.losses, StepType::once_lost, now, "`" + b->name + "` may be repeated now", "", "");
        approvals(was, now);
    }

    // A loss unless all of the old undo is still there, in its order: undoes_as_much().
    void changed_undo(const Node& was, const Node& now) {
        const bool is_lost =
            !undoes_as_much({was.undo.steps, was.undo.guards}, {now.undo.steps, now.undo.guards}, same_);
        std::vector<StepChange>& into = is_lost ? changes_.losses : changes_.steps;
        const StepType type = is_lost ? StepType::undo_lost : StepType::changed;
        std::string was_text = undo_text(was);
        std::string now_text = undo_text(now);
        if (was_text == now_text)  // the same actions, with other values or under other conditions
            add(into, type, now, "what undoes it is different", "", "");
        else
            add(into, type, now, "undo", std::move(was_text), std::move(now_text));
    }

    // That somebody has to be named now, where anybody would do, is no loss.
    void approvals(const Node& was, const Node& now) {
        if (was.type == Node::Type::approval && now.type != Node::Type::approval)
            return add(changes_.losses, StepType::approval_lost, now, "nobody is asked any more", "", "");
        if (was.type != Node::Type::approval) return;
        if (std::string about = objects(before_, was), about_now = objects(after_, now); about != about_now)
            add(about.empty() ? changes_.steps : changes_.losses,
                about.empty() ? StepType::changed : StepType::approval_lost, now, "is about", about, about_now);
        const std::string who = program::who_may_approve(before_.approvers, was.approvers ? &*was.approvers : nullptr);
        const std::string who_now =
            program::who_may_approve(after_.approvers, now.approvers ? &*now.approvers : nullptr);
        if (who == who_now) return;
        const bool is_lost = !is_as_strict(before_, was, after_, now);
        add(is_lost ? changes_.losses : changes_.steps, is_lost ? StepType::approval_lost : StepType::changed, now,
            "who may approve", who, who_now.empty() ? "anybody" : who_now);
    }

    [[nodiscard]] bool is_same_undo(const Node& was, const Node& now) const {
        return same_(was.undo.steps, now.undo.steps) && same_(was.undo.guards, now.undo.guards);
    }

    // By name: the order of parameters means nothing. Of another action its parameters say nothing.
    void parameters(const Node& was, const Node& now) {
        if (was.action != now.action || now.with.empty()) return;
        const program::Action* old_action = action_of(before_, was);
        const program::Action* action = action_of(after_, now);
        if (old_action == nullptr || action == nullptr) return;
        for (std::size_t i = 0; i < action->parameters.size() && i < now.with.size(); ++i) {
            const std::string& name = action->parameters[i].name;
            const auto old_one = std::find_if(old_action->parameters.begin(), old_action->parameters.end(),
                                              [&](const auto& parameter) { return parameter.name == name; });
            const auto at = static_cast<std::size_t>(old_one - old_action->parameters.begin());
            const program::ExprPtr old_value = at < was.with.size() ? was.with[at] : nullptr;
            if (!same_(old_value, now.with[i]))
                add(changes_.steps, StepType::changed, now, name, text_of(old_value, before_names_),
                    text_of(now.with[i], after_names_));
        }
    }

    // "pvs.server.stop pvs02"; of an iteration the object is told by its path already.
    static std::string does(const Plan& plan, const Node& node) {
        if (node.type == Node::Type::approval) return "waits for a person";
        const bool is_told = node.on.is_none() || node.id.find('[') != std::string::npos;
        return node.action + (is_told ? "" : " " + plan.objects[node.on.index()].name);
    }
    // All conditions around the step, from the outside in; null: always.
    static program::ExprPtr condition(const Plan& plan, const Node& node) {
        program::ExprPtr all;
        for (program::GuardId guard = node.guard; guard; guard = plan.guards[guard.index()].parent) {
            const program::ExprPtr& outer = plan.guards[guard.index()].condition;
            all = all ? program::make_expr({.op = program::Expr::Op::logical_and, .args = {outer, all}}) : outer;
        }
        return all;
    }
    static std::string window_text(const Plan& plan, const Node& node) {
        std::string text;
        for (program::WindowId id = node.window; id; id = plan.windows[id.index()].parent)
            base::append(text, "; ", program::text_of(plan.windows[id.index()]));
        return text;
    }
    // How many steps a renaming has moved.
    [[nodiscard]] std::uint64_t steps_below(const std::string& beginning) const {
        std::uint64_t count = 0;
        for (const Node& node : after_.graph.nodes)
            count += is_step(node) && begins_with(pattern_of(node.id), beginning) ? 1 : 0;
        return count;
    }

    // The iterations of one step are one change as long as the same is different. Values differ from iteration to
    // iteration, so of several the first stands for all.
    void add(std::vector<StepChange>& into, StepType type, const Node& node, const std::string& what, std::string was,
             std::string now) {
        const std::string pattern = pattern_of(node.id);
        const auto [at, is_new] =
            known_.try_emplace({&into == &changes_.losses, static_cast<int>(type), pattern, what}, into.size());
        if (is_new)
            into.push_back({type, pattern, 1, node.id, what, std::move(was), std::move(now), node.source});
        else
            ++into[at->second].count;
    }

    const Plan& before_;
    const Plan& after_;
    const Matching& matching_;
    const Same& same_;
    program::PlanNames before_names_;
    program::PlanNames after_names_;
    std::map<std::pair<const program::Action*, const program::Action*>, ActionLosses> weaker_;  // before and after
    std::map<std::tuple<bool, int, std::string, std::string>, std::size_t> known_;
    StepChanges changes_;
};

}  // namespace

// Changes by their type; within one type as they were found.
StepChanges compare_steps(const Plan& before, const Plan& after, const Matching& matching, const Same& same) {
    StepChanges all = Steps(before, after, matching, same).all();
    std::stable_sort(all.steps.begin(), all.steps.end(), [](const auto& a, const auto& b) { return a.type < b.type; });
    return all;
}

}  // namespace pvsplan::diff
