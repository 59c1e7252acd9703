#include "runtime/view/plan_diff_report.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "runtime/view/schedule_text.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::view {
namespace {

using diff::OrderChange;
using diff::RequirementChange;
using diff::StepChange;

// A page of a review: all sections together stay within 40 lines.
constexpr std::size_t max_requirements = 6;
constexpr std::size_t max_losses = 4;
constexpr std::size_t max_orders = 4;
constexpr std::size_t max_steps = 5;
constexpr std::size_t max_others = 3;
constexpr std::size_t max_details = 2;

// Words for people; those of the JSON are others, and are promised.
std::string_view word_of(RequirementChange::Type type) {
    using RequirementType = RequirementChange::Type;
    switch (type) {
        case RequirementType::violated:
        case RequirementType::still_violated: return "violated";
        case RequirementType::dropped: return "dropped";
        case RequirementType::weakened: return "weakened";
        case RequirementType::redefined: return "redefined";
        case RequirementType::waived: return "waived";
        case RequirementType::unproved: return "unproved";
        case RequirementType::waivable: return "waivable";
        case RequirementType::mended: return "mended";
        case RequirementType::added: return "added";
        case RequirementType::strengthened: return "stronger";
        case RequirementType::renamed: return "renamed";
    }
    return "";
}

std::string_view word_of(StepChange::Type type) {
    using StepType = StepChange::Type;
    switch (type) {
        case StepType::no_return: return "no return";
        case StepType::undo_lost: return "undo lost";
        case StepType::once_lost: return "not once";
        case StepType::approval_lost: return "approval";
        case StepType::safeguard_lost: return "safeguard";
        case StepType::runs: return "changed";
        case StepType::added: return "added";
        case StepType::removed: return "removed";
        case StepType::renamed: return "renamed";
        case StepType::changed: return "changed";
    }
    return "";
}

std::string quoted(const std::string& text) { return "`" + text + "`"; }

// Of objects, such as `server/*`, too.
std::string steps(const std::string& step, std::uint64_t count) {
    const bool are_objects = step.ends_with("/*");
    return quoted(step) + (count > 1 ? " (" + base::counted(count, are_objects ? "object" : "step") + ")" : "");
}

// The requirements whose schedules are shown, by these. One that shows two violations is shown once; of others, where
// only the worst is shown, the first.
using ShownSchedules = std::map<std::vector<std::string>, std::string>;

// One schedule often violates several requirements: printed for each, it would hide that there is one cause.
void add_schedule(DiffItem& item, std::vector<std::string> schedule, DiffShows shows, ShownSchedules& shown) {
    if (schedule.empty()) return;
    if (const auto same = shown.find(schedule); same != shown.end()) {
        item.schedule_elsewhere = "the schedule of `" + same->second + "` shows it as well";
    } else if (shows == DiffShows::worst && !shown.empty()) {
        item.schedule_elsewhere = "a schedule of its own shows it: `pvsplan diff --all` prints that";
    } else {
        shown.emplace(schedule, item.text);
        item.schedule = std::move(schedule);
    }
}

// The types of change are in the order of what is worst, so that all up to `redefined` are red. The reason why
// something is asked stands with what is lost: it says what that would cost.
DiffItem item_of(const PlanDiff& diff, const RequirementChange& change, DiffShows shows, ShownSchedules& shown) {
    using RequirementType = RequirementChange::Type;
    const bool is_worst = change.type <= RequirementType::redefined;
    DiffItem item{std::string(word_of(change.type)),
                  is_worst                    ? Ink::red
                  : diff::is_bad(change.type) ? Ink::yellow
                                              : Ink::green,
                  change.name};
    item.details = change.why;
    const bool is_there = change.after != RequirementChange::none;
    const diff::Version& in = is_there ? *diff.after : *diff.before;
    const program::Requirement& requirement = in.plan.requirements[is_there ? change.after : change.before];
    if (is_worst && !requirement.because.empty()) item.details.push_back("it is asked because: " + requirement.because);
    if (change.type != RequirementType::violated) return item;
    if (!requirement.waived_because.empty()) item.details.push_back("it is waived: " + requirement.waived_because);
    const checks::Decision& decision = in.decisions[change.after];
    if (decision.witness) add_schedule(item, schedule_lines(in.facts, *decision.witness), shows, shown);
    return item;
}

// What was and what is are told side by side, where both are known; a step that is new or gone has one of them.
DiffItem item_of(const StepChange& change) {
    const bool is_loss = change.type <= StepChange::Type::safeguard_lost;
    const Ink ink = is_loss ? Ink::red : change.type == StepChange::Type::runs ? Ink::yellow : Ink::cyan;
    // One iteration of many has to be told from all of them.
    const bool is_one = change.count == 1 && change.step.find("[*]") != std::string::npos;
    DiffItem item{std::string(word_of(change.type)), ink,
                  steps(is_one && !change.example.empty() ? change.example : change.step, change.count)};
    const auto told = [](const std::string& value) { return value.empty() ? "nothing" : quoted(value); };
    if (change.type == StepChange::Type::renamed)
        item.text = quoted(change.before) + " is called " + steps(change.after, change.count) + " now";
    else if (!change.before.empty() && !change.after.empty())
        item.text += ": " + change.what + " " + told(change.before) + " became " + told(change.after);
    else if (!change.before.empty() || !change.after.empty())
        item.text +=
            ": " + (change.what.empty() ? (change.after.empty() ? change.before : change.after)
                                        : change.what + " " + told(change.before) + " became " + told(change.after));
    else if (!change.what.empty())
        item.text += ": " + change.what;
    return item;
}

std::string_view word_of(program::Edge::Because because) {
    switch (because) {
        case program::Edge::Because::sequence: return "in sequence";
        case program::Edge::Because::after: return "by `after`";
        case program::Edge::Because::at_most: return "by `at_most`";
        case program::Edge::Because::data: return "by what it reads";
    }
    return "";
}

// The step that waits comes first: it is the one that may now run too early. Of many pairs one is named.
DiffItem item_of(const OrderChange& change) {
    using OrderType = OrderChange::Type;
    const std::string pairs = change.pairs > 1 ? " (" + base::counted(change.pairs, "pair") + ")" : "";
    const std::string by =
        std::string(word_of(change.because)) +
        (change.place.file.empty() ? "" : ", " + change.place.file + ":" + std::to_string(change.place.line));
    DiffItem item;
    if (change.type == OrderType::gained) {
        item = {"waits", Ink::green, quoted(change.later) + " waits for " + quoted(change.earlier) + " now" + pairs};
        item.details = {by};
    } else {
        const bool is_turned = change.type == OrderType::turned;
        item = {is_turned ? "turned" : "overlap", is_turned ? Ink::red : Ink::yellow,
                quoted(change.later) + (is_turned ? " now comes before " : " no longer waits for ") +
                    quoted(change.earlier) + pairs};
        item.details = {"it did " + by};
    }
    if (change.pairs > 1)
        item.details.front() += "; such as " + quoted(change.example_later) + " and " + quoted(change.example_earlier);
    return item;
}

// Changes come worst first, so that those that are left out are the ones that matter least.
template <class Changes, class Make>
DiffSection section(std::string title, const Changes& changes, std::size_t max_items, DiffShows shows,
                    const Make& make) {
    DiffSection section{std::move(title), {}, 0};
    for (const auto& change : changes) {
        if (shows == DiffShows::worst && section.items.size() == max_items) {
            section.left_out = changes.size() - max_items;
            break;
        }
        section.items.push_back(make(change));
        auto& details = section.items.back().details;
        if (shows == DiffShows::worst && details.size() > max_details) details.resize(max_details);
    }
    return section;
}

}  // namespace

// In the order in which a reviewer asks: what is wrong, what is promised no more, what can no longer be undone, what
// may overlap, what is done. Empty sections are left out.
std::vector<DiffSection> sections_of(const PlanDiff& diff, DiffShows shows) {
    std::vector<DiffSection> all;
    if (!diff.wrong.empty()) {
        DiffSection wrong;
        for (const std::string& one : diff.wrong) wrong.items.push_back({"error", Ink::red, one});
        all.push_back(std::move(wrong));
    }
    ShownSchedules shown;
    all.push_back(section("", diff.differences.requirements, max_requirements, shows,
                          [&](const auto& change) { return item_of(diff, change, shows, shown); }));
    all.push_back(section("Undo, approvals, safeguards", diff.differences.losses, max_losses, shows,
                          [](const auto& change) { return item_of(change); }));
    DiffSection order =
        section("Order", diff.differences.order, max_orders, shows, [](const auto& change) { return item_of(change); });
    for (const diff::LoopChange& loop : diff.differences.loops)
        order.items.insert(order.items.begin(), {"at once", loop.after > loop.before ? Ink::yellow : Ink::green,
                                                 quoted(loop.loop) + ": " + std::to_string(loop.after) +
                                                     " at a time instead of " + std::to_string(loop.before)});
    if (!diff.differences.is_order_whole)
        order.items.push_back({"unknown", Ink::yellow,
                               "through steps that only one of the plans has, the order is not compared: too many wait "
                               "for each other"});
    all.push_back(std::move(order));
    all.push_back(
        section("Steps", diff.differences.steps, max_steps, shows, [](const auto& change) { return item_of(change); }));
    all.push_back(section("Farm, parameters, actions", diff.differences.others, max_others, shows,
                          [](const diff::OtherChange& change) {
                              return DiffItem{"changed", Ink::cyan, change.what + " " + change.how};
                          }));
    all.erase(std::remove_if(all.begin(), all.end(), [](const auto& one) { return one.items.empty(); }), all.end());
    return all;
}

namespace {

// ", 2 requirements violated, 1 undecided" of the plan after.
std::string not_kept(const PlanDiff& diff) {
    const auto with = [&](checks::Verdict verdict) {
        return static_cast<std::uint64_t>(
            std::count_if(diff.after->decisions.begin(), diff.after->decisions.end(),
                          [&](const checks::Decision& one) { return one.verdict == verdict; }));
    };
    const std::uint64_t violated = with(checks::Verdict::violated);
    const std::uint64_t undecided = with(checks::Verdict::undecided);
    std::string text;
    if (violated > 0) text += ", " + base::counted(violated, "requirement") + " violated";
    if (undecided > 0)
        text +=
            ", " + (violated > 0 ? std::to_string(undecided) : base::counted(undecided, "requirement")) + " undecided";
    return text;
}

}  // namespace

// The first number says of what it is, those behind it are of the same; what gets better is not told in one line.
std::string summary_of(const PlanDiff& diff) {
    const bool is_whole = diff.before != nullptr && diff.after != nullptr;
    if (!diff.wrong.empty() && !is_whole) return "cannot be compared";
    if (diff.before == nullptr) return "the plan is new" + not_kept(diff);
    if (diff.after == nullptr) return "the plan is gone";
    if (diff.is_none()) return "nothing changes in what will happen";
    std::string text;
    const auto add = [&](std::uint64_t number, const std::string& thing, const std::string& what) {
        if (number > 0) base::append(text, ", ", base::counted(number, thing) + what);
    };
    using RequirementType = RequirementChange::Type;
    const auto& requirements = diff.differences.requirements;
    bool is_first = true;
    for (const auto& told :
         {std::pair(RequirementType::violated, "now violated"),
          std::pair(RequirementType::still_violated, "still violated"), std::pair(RequirementType::dropped, "dropped"),
          std::pair(RequirementType::weakened, "weakened"), std::pair(RequirementType::redefined, "redefined"),
          std::pair(RequirementType::waived, "waived"), std::pair(RequirementType::unproved, "no longer proved"),
          std::pair(RequirementType::waivable, "can be waived now")}) {
        const auto number = static_cast<std::uint64_t>(std::count_if(
            requirements.begin(), requirements.end(), [&](const auto& one) { return one.type == told.first; }));
        if (number == 0) continue;
        if (is_first)
            add(number, "requirement", " " + std::string(told.second));
        else
            text += ", " + std::to_string(number) + " " + told.second;
        is_first = false;
    }
    const auto with = [&](StepChange::Type type) {
        return static_cast<std::uint64_t>(std::count_if(diff.differences.losses.begin(), diff.differences.losses.end(),
                                                        [&](const auto& one) { return one.type == type; }));
    };
    add(with(StepChange::Type::no_return), "new point", " of no return");
    add(with(StepChange::Type::undo_lost), "undo", " lost");
    add(with(StepChange::Type::once_lost), "step", " that may happen twice");
    add(with(StepChange::Type::approval_lost), "approval", " lost");
    add(with(StepChange::Type::safeguard_lost), "safeguard", " weaker");
    if (text.empty()) text = "every requirement is kept" + not_kept(diff);
    const auto& steps = diff.differences.steps;
    const auto run_otherwise = std::count_if(
        steps.begin(), steps.end(), [](const diff::StepChange& one) { return one.type == StepChange::Type::runs; });
    if (run_otherwise > 0)
        text += ", " + base::counted(static_cast<std::uint64_t>(run_otherwise), "action") +
                (run_otherwise == 1 ? " runs" : " run") + " something else";
    if (!diff.wrong.empty()) text += ", but a version has errors";
    return text;
}

}  // namespace pvsplan::view
