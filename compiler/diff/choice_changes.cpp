#include "compiler/diff/choice_changes.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "compiler/diff/choices.hpp"
#include "compiler/diff/strength.hpp"

namespace pvsplan::diff {
namespace {

using program::ExprPtr;
using program::Node;
using StepType = StepChange::Type;

constexpr const char* at_most = "at_most";

// The first node of each pattern.
using Nodes = std::unordered_map<std::string, const Node*>;
Nodes nodes_of(const program::Plan& plan) {
    Nodes nodes;
    for (const Node& node : plan.graph.nodes)
        if (node.type != Node::Type::join) nodes.try_emplace(pattern_of(node.id), &node);
    return nodes;
}

std::optional<std::int64_t> number_of(const ExprPtr& expr) {
    if (!expr || expr->op != program::Expr::Op::literal || expr->value.as_integer() == nullptr) return std::nullopt;
    return *expr->value.as_integer();
}

class ChoiceChanges {
  public:
    ChoiceChanges(const Version& before, const Version& after, const Matching& matching, const Same& same,
                  const Differences& told)
        : matching_(matching),
          same_(same),
          was_(*before.choices),
          now_(*after.choices),
          nodes_before_(nodes_of(before.plan)),
          nodes_after_(nodes_of(after.plan)),
          before_names_(before.plan),
          after_names_(after.plan) {
        for (const LoopChange& one : told.loops) told_.emplace(one.loop + "[*]", at_most);
        for (const auto* all : {&told.losses, &told.steps})
            for (const StepChange& one : *all) {
                told_.emplace(one.step, one.what);
                if (one.type == StepType::undo_lost) undo_lost_.insert(one.step);
            }
    }

    StepChanges all() && {
        std::set<std::string> found;
        for (const auto& [step, was] : was_.steps) {
            const auto now = now_.steps.find(renamed(matching_, step));
            if (now == now_.steps.end()) {
                gone(was);
                continue;
            }
            found.insert(now->first);
            compare(was, now->second);
        }
        for (const auto& [step, now] : now_.steps)
            if (!found.contains(step)) come(now);
        for (const auto& [loop, was] : was_.loops)
            if (const auto now = now_.loops.find(renamed(matching_, loop)); now != now_.loops.end())
                loops(now->first, was, now->second);
        defaults();
        if (!was_.is_whole || !now_.is_whole)
            add(StepType::safeguard_lost, "the plan",
                "which steps other parameters leave out is not compared: that is too much", "", "");
        return std::move(changes_);
    }

  private:
    void compare(const Choice& was, const Choice& now) {
        if (!same_(was.when, now.when)) {
            const bool is_weaker = !is_within(was.when, now.when, same_);
            StepType type = StepType::changed;
            if (is_weaker && now.type == Choice::Type::approval) type = StepType::approval_lost;
            if (is_weaker && now.type == Choice::Type::undoing) type = StepType::undo_lost;
            add(type, now.step, type == StepType::changed ? "when" : may_be_left_out, text(was.when, before_names_),
                text(now.when, after_names_));
        }
        // Another action or object is told by what the step does on this farm; here it is the same.
        if (was.action != now.action) return;
        const bool is_approval = now.type == Choice::Type::approval && reads_parameter(now.on, now_);
        by_parameter(now.step, "on", was.on, now.on, is_approval ? StepType::approval_lost : StepType::changed);
        for (const auto& [name, value] : now.with) by_parameter(now.step, name, argument(was, name), value);
        for (const auto& [name, value] : was.with)
            if (!argument(now, name)) by_parameter(now.step, name, value, nullptr);
    }
    static ExprPtr argument(const Choice& of, const std::string& name) {
        for (const auto& [other, value] : of.with)
            if (other == name) return value;
        return nullptr;
    }
    void by_parameter(const std::string& step, const std::string& what, const ExprPtr& was, const ExprPtr& now,
                      StepType type = StepType::changed) {
        if (!same_(was, now) && (reads_parameter(was, now_) || reads_parameter(now, now_)))
            add(type, step, what, was ? text(was, before_names_) : "another value",
                now ? text(now, after_names_) : "another value");
    }

    // Steps that are left out with these parameters, and on this farm.
    void gone(const Choice& was) {
        if (nodes_before_.contains(was.step) || was.type == Choice::Type::undoing) return;
        const std::string when = condition(was.when, before_names_);
        if (was.type == Choice::Type::approval)
            add(StepType::approval_lost, was.step, "nobody is asked any more" + when, "", "");
        add(StepType::removed, was.step, "", does(was) + when, "");
    }
    void come(const Choice& now) {
        if (!nodes_after_.contains(now.step) && now.type != Choice::Type::undoing)
            add(StepType::added, now.step, "", "", does(now) + condition(now.when, after_names_));
    }
    static std::string does(const Choice& choice) {
        return choice.action.empty() ? "waits for a person" : choice.action;
    }
    static std::string condition(const ExprPtr& when, const program::ObjectNames& names) {
        return when ? " when `" + program::to_text(*when, names) + "`" : ", which goes over nothing here";
    }

    // Where both have the same value here: a given one, or one that is made otherwise.
    void defaults() {
        for (const auto& [name, now] : now_.parameters) {
            const auto was = was_.parameters.find(name);
            if (was == was_.parameters.end() || !same_(was->second.value, now.value)) continue;
            if (!same_(was->second.default_value, now.default_value))
                add(StepType::changed, "parameter " + name, "default", text(was->second.default_value, before_names_),
                    text(now.default_value, after_names_));
        }
    }

    // What has an effect on this farm is told by its order and its steps.
    void loops(const std::string& loop, const LoopChoice& was, const LoopChoice& now) {
        by_parameter(loop, "for_each", was.list, now.list);
        if (same_(was.at_most, now.at_most) && same_(was.per, now.per)) return;
        const auto words = [](const LoopChoice& one, const program::ObjectNames& names) {
            const std::string most = one.at_most ? program::to_text(*one.at_most, names) : "all";
            return most + (one.per ? " per " + program::to_text(*one.per, names) : "");
        };
        const std::optional<std::int64_t> most = number_of(was.at_most);
        const std::optional<std::int64_t> most_now = number_of(now.at_most);
        const bool is_weaker = reads_parameter(now.at_most, now_) && !(most && most_now && *most_now <= *most);
        add(is_weaker ? StepType::safeguard_lost : StepType::changed, loop, at_most, words(was, before_names_),
            words(now, after_names_));
    }

    static std::string text(const ExprPtr& expr, const program::ObjectNames& names) {
        return expr ? program::to_text(*expr, names) : "";
    }

    void add(StepType type, const std::string& step, std::string what, std::string was, std::string now) {
        if (told_.contains({step, what}) || is_told_of_group(step)) return;
        StepChange change{.type = type, .step = step};
        const auto& nodes = type == StepType::removed ? nodes_before_ : nodes_after_;
        if (const auto node = nodes.find(step); node != nodes.end()) change.place = node->second->source;
        change.what = std::move(what);
        change.before = std::move(was);
        change.after = std::move(now);
        (type <= StepType::safeguard_lost ? changes_.losses : changes_.steps).push_back(std::move(change));
    }

    // "rest[*]:recover.back", "rest[*].stop:undo.start": that what undoes it is different.
    [[nodiscard]] bool is_told_of_group(const std::string& step) const {
        for (const char* const way : {":recover.", ":undo."}) {
            const std::size_t end = step.find(way);
            if (end != std::string::npos && undo_lost_.contains(end == 0 ? "the plan" : step.substr(0, end)))
                return true;
        }
        return false;
    }

    const Matching& matching_;
    const Same& same_;
    const Choices& was_;
    const Choices& now_;
    Nodes nodes_before_;
    Nodes nodes_after_;
    program::PlanNames before_names_;
    program::PlanNames after_names_;
    std::set<std::pair<std::string, std::string>> told_;  // step and what
    std::set<std::string> undo_lost_;
    StepChanges changes_;
};

}  // namespace

StepChanges compare_choices(const Version& before, const Version& after, const Matching& matching, const Same& same,
                            const Differences& told) {
    if (before.choices == nullptr || after.choices == nullptr) return {};
    return ChoiceChanges(before, after, matching, same, told).all();
}

}  // namespace pvsplan::diff
