#include "compiler/diff/bodies.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "compiler/base/lists.hpp"
#include "compiler/diff/actions.hpp"

namespace pvsplan::diff {
namespace {

using program::Body;
using program::Plan;

constexpr std::size_t max_told = 100;  // characters of a line that is told as it is

std::string_view word_of(Body::Type type) {
    switch (type) {
        case Body::Type::none: return "nothing";
        case Body::Type::powershell: return "a PowerShell script";
        case Body::Type::command: return "a command";
        case Body::Type::sql: return "SQL";
        case Body::Type::manual: return "what a person does";
        case Body::Type::wait: return "a wait";
    }
    return "";
}

// How often each line is there now, less how often it was.
std::map<std::string_view, int> line_counts(const Body& was, const Body& now) {
    std::map<std::string_view, int> count;
    const auto each = [&](std::string_view text, int by) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            count[text.substr(at, end - at)] += by;
            at = end + 1;
        }
    };
    each(now.text, 1);
    each(was.text, -1);
    return count;
}

// The words of a command, or the one line of a script that is there instead of another; empty: more than that differs.
struct Told {
    std::string before;
    std::string after;
};
// The words of both commands; what is not written out stands as `${…}`.
Told words_of(const Body& was, const Body& now, const Same& same) {
    const auto text = [](const Body& body, const Plan& plan) {
        std::string words;
        for (const program::ExprPtr& one : body.arguments) {
            const std::string* literal = one->op == program::Expr::Op::literal ? one->value.as_string() : nullptr;
            base::append(words, " ",
                         literal ? *literal : "${" + program::to_text(*one, program::PlanNames(plan)) + "}");
        }
        return words;
    };
    return {text(was, same.before()), text(now, same.after())};
}
// Where exactly one line went and one came. Blanks around it say nothing.
Told line_of(const Body& was, const Body& now) {
    Told told;
    for (const auto& [line, by] : line_counts(was, now)) {
        if (by == 0) continue;
        std::string& of = by < 0 ? told.before : told.after;
        if (!of.empty() || by < -1 || by > 1) return {};
        const std::size_t begin = line.find_first_not_of(" \t\r");
        of = begin == std::string_view::npos ? "" : line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
    }
    return told;
}

// The first that is different of what a wait says; empty: all of it is told as lost, with the steps.
StepChange wait_of(const program::Action& was, const program::Action& now, const Same& same, StepChange change) {
    const auto told = [&](const char* what, std::string before, std::string after) {
        change.what = what;
        change.before = std::move(before);
        change.after = std::move(after);
    };
    const auto time = [&](std::int64_t ms) {
        return ms == 0 ? "" : program::to_text(program::Value::duration(ms), program::PlanNames(same.after()));
    };
    const ActionLosses losses = losses_of(was, now, same);
    const Same of_action = same.within(was, now);
    if (!losses.waits_less && !of_action(was.run.until, now.run.until))
        told("waits until", program::to_text(*was.run.until, program::PlanNames(same.before())),
             program::to_text(*now.run.until, program::PlanNames(same.after())));
    else if (!losses.waits_longer && was.run.at_most_ms != now.run.at_most_ms)
        told("waits at most", time(was.run.at_most_ms), time(now.run.at_most_ms));
    else if (was.run.every_ms != now.run.every_ms)
        told("looks every", time(was.run.every_ms), time(now.run.every_ms));
    return change;
}

// What the reviewer reads of it: both texts where they are short, else how much is different.
StepChange change_of(const program::Action& was, const program::Action& now, const Same& same) {
    StepChange change{.type = StepChange::Type::runs, .step = now.name, .place = now.source};
    if (was.run.type != now.run.type) {
        change.what =
            "what it runs is " + std::string(word_of(now.run.type)) + ", and was " + std::string(word_of(was.run.type));
        return change;
    }
    if (now.run.type == Body::Type::wait) return wait_of(was, now, same, std::move(change));
    const Told told = now.run.arguments.empty() ? line_of(was.run, now.run) : words_of(was.run, now.run, same);
    const auto is_short = [](const std::string& one) { return !one.empty() && one.size() <= max_told; };
    if (is_short(told.before) && is_short(told.after) && told.before != told.after) {
        change.what = "what it runs:";
        change.before = told.before;
        change.after = told.after;
    } else {
        change.what = "what it runs is different" + changed_lines(was.run, now.run);
    }
    return change;
}

// Those of the plan itself, and those that would undo it.
struct Uses {
    std::uint64_t steps = 0;
    std::uint64_t undoing = 0;
    std::string example;
};
using UsesByAction = std::map<std::string_view, Uses>;

// A step that undoes may itself be undone by nothing, so that this ends.
void count(const program::Graph& graph, std::uint64_t Uses::*as, UsesByAction& uses) {
    for (const program::Node& node : graph.nodes) {
        if (node.action.empty()) continue;
        Uses& of = uses[node.action];
        ++(of.*as);
        if (of.example.empty()) of.example = node.id;
        count(node.undo.steps, &Uses::undoing, uses);
    }
}

}  // namespace

// The text byte for byte: a blank may matter to a script.
bool is_same_body(const Body& was, const Body& now, const Same& same) {
    return was.type == now.type && was.text == now.text && was.every_ms == now.every_ms &&
           was.at_most_ms == now.at_most_ms && same(was.until, now.until) &&
           std::equal(was.arguments.begin(), was.arguments.end(), now.arguments.begin(), now.arguments.end(), same);
}

// Counted without their order, so that a line that was moved is none.
std::string changed_lines(const Body& was, const Body& now) {
    int more = 0;
    int fewer = 0;
    for (const auto& [line, by] : line_counts(was, now)) (by > 0 ? more : fewer) += by > 0 ? by : -by;
    if (more + fewer == 0) return "";
    std::string text;
    if (more > 0) base::append(text, " ", "+" + std::to_string(more));
    if (fewer > 0) base::append(text, " ", "-" + std::to_string(fewer));
    return " (" + text + (more + fewer == 1 ? " line)" : " lines)");
}

// Uses are counted only where something differs: a plan may have a million steps.
std::vector<StepChange> compare_bodies(const Plan& before, const Plan& after, const Same& same) {
    std::vector<StepChange> all;
    for (const auto& [name, was] : before.actions) {
        const auto now = after.actions.find(name);
        if (now == after.actions.end() || is_same_body(was.run, now->second.run, same.within(was, now->second)))
            continue;
        StepChange change = change_of(was, now->second, same);
        if (!change.what.empty()) all.push_back(std::move(change));
    }
    if (all.empty()) return all;
    UsesByAction uses;
    count(after.graph, &Uses::steps, uses);
    for (const program::RecoverSteps& one : after.recoveries) count(one.steps, &Uses::undoing, uses);
    for (StepChange& change : all) {
        const Uses& of = uses[change.step];
        change.example = of.example;
        change.count = of.steps > 0 ? of.steps : of.undoing;
        if (of.steps == 0) change.what.insert(0, "where it undoes, ");
    }
    return all;
}

}  // namespace pvsplan::diff
