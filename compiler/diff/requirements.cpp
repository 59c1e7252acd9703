#include "compiler/diff/requirements.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "compiler/diff/choices.hpp"
#include "compiler/diff/strength.hpp"

namespace pvsplan::diff {
namespace {

using program::Requirement;
using RequirementType = RequirementChange::Type;
using checks::Verdict;

// An event that steps of an action are, or a state that they set, in one of the plans only.
struct Redefinition {
    std::string action;
    std::string verb;       // of an event
    std::string attribute;  // of a state
    bool is_lost = false;   // of an event: the plan before has it
};

// Whether the condition reads that state.
bool speaks_of(const program::ExprPtr& expr, const std::string& attribute) {
    if (!expr) return false;
    bool found = false;
    program::for_each_part(*expr, [&](const program::Expr& part) {
        found = found || (part.op == program::Expr::Op::state && part.name == attribute);
    });
    return found;
}

// Requirements are matched by name first, then by what they demand.
class Requirements {
  public:
    Requirements(const Version& before, const Version& after, const Same& same)
        : before_(before), after_(after), same_(same) {
        for (std::uint32_t i = 0; i < after.plan.requirements.size(); ++i)
            named_.try_emplace(after.plan.requirements[i].name, i);
        for (std::uint32_t i = 0; i < before.plan.requirements.size(); ++i)
            named_before_.try_emplace(before.plan.requirements[i].name, i);
        find_redefinitions();
    }

    std::vector<RequirementChange> all() && {
        for (std::uint32_t i = 0; i < before_.plan.requirements.size(); ++i) one_of_before(i);
        for (std::uint32_t i = 0; i < after_.plan.requirements.size(); ++i)
            if (!matched_.contains(i)) one_that_is_new(i);
        std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.type < b.type; });
        return std::move(found_);
    }

  private:
    // A requirement of the same name is the same one, and may demand less or more. Without one, another that is new and
    // demands as much takes its place; else it was dropped.
    void one_of_before(std::uint32_t i) {
        const Requirement& was = before_.plan.requirements[i];
        const auto namesake = named_.find(was.name);
        if (namesake != named_.end()) {
            const std::uint32_t j = namesake->second;
            matched_.insert(j);
            std::vector<std::string> why = falls_short(was, j);
            const bool is_moved = !why.empty() && kept_by_new(was);
            if (is_moved)
                add(RequirementType::renamed, {"a new one demands as much as this one did"}, i, j);
            else if (!why.empty())
                add(RequirementType::weakened, std::move(why), i, j);
            else if (!is_at_most(was, j))
                add(RequirementType::strengthened, {}, i, j);
            became(i, j);
            return;
        }
        if (const std::optional<std::uint32_t> j = kept_by_new(was)) {
            if (matched_.insert(*j).second) became(i, *j);
            add(RequirementType::renamed, {"it was called `" + was.name + "`"}, i, *j);
            return;
        }
        add(RequirementType::dropped, {}, i, RequirementChange::none);
    }

    // What it demands was not asked before, so only its own violation is bad.
    void one_that_is_new(std::uint32_t j) {
        const bool is_violated = after_.decisions[j].verdict == Verdict::violated;
        add(is_violated ? RequirementType::violated : RequirementType::added, reason(j), RequirementChange::none, j);
    }

    // What a requirement of both says of the plan now.
    void became(std::uint32_t i, std::uint32_t j) {
        const Requirement& was = before_.plan.requirements[i];
        const Requirement& now = after_.plan.requirements[j];
        const Verdict old_verdict = before_.decisions[i].verdict;
        const Verdict verdict = after_.decisions[j].verdict;
        const bool was_fine = old_verdict == Verdict::holds;
        if (verdict == Verdict::violated && old_verdict != Verdict::violated)
            add(RequirementType::violated, reason(j), i, j);
        if (verdict == Verdict::violated && old_verdict == Verdict::violated)
            add(RequirementType::still_violated, still(i, j), i, j);
        if (verdict == Verdict::undecided && old_verdict != Verdict::undecided && old_verdict != Verdict::violated)
            add(RequirementType::unproved, reason(j), i, j);
        if (verdict == Verdict::vacuous && was_fine)
            add(RequirementType::unproved, {"nothing matches it any more, so it asks nothing"}, i, j);
        if (old_verdict == Verdict::violated && verdict == Verdict::holds) add(RequirementType::mended, {}, i, j);
        if (!now.waived_because.empty() && was.waived_because.empty())
            add(RequirementType::waived, {"because: " + now.waived_because}, i, j);
        if (now.is_waivable && !was.is_waivable) add(RequirementType::waivable, {"a plan may waive it now"}, i, j);
        if (std::vector<std::string> why = redefined(was); !why.empty())
            add(RequirementType::redefined, std::move(why), i, j);
    }

    // A text that could not be read is as strong as itself.
    [[nodiscard]] std::vector<std::string> falls_short(const Requirement& was, std::uint32_t j) const {
        const Requirement& now = after_.plan.requirements[j];
        if (was.demand.form == program::Demand::Form::error && was.require == now.require) return {};
        std::vector<std::string> why = shortfalls(was.demand, now.demand, same_);
        return why.empty() ? by_parameters(was, now) : why;
    }
    // With these parameters it demands as much; with others it may not. One that no longer hangs on any demands it for
    // sure.
    [[nodiscard]] std::vector<std::string> by_parameters(const Requirement& was, const Requirement& now) const {
        if (before_.choices == nullptr || after_.choices == nullptr) return {};
        const auto in = [](const Version& version, const Requirement& requirement) -> const program::Demand& {
            return version.choices->demands.at(
                static_cast<std::size_t>(&requirement - version.plan.requirements.data()));
        };
        const program::Demand& demand = in(after_, now);
        if (!reads_parameter(demand, *after_.choices)) return {};
        return shortfalls(in(before_, was), demand, same_.of_texts());
    }
    // Whether the new one demands nothing that the old one did not.
    [[nodiscard]] bool is_at_most(const Requirement& was, std::uint32_t j) const {
        const Requirement& now = after_.plan.requirements[j];
        if (was.demand.form == program::Demand::Form::error && was.require == now.require) return true;
        return shortfalls(now.demand, was.demand, same_.reversed()).empty();
    }
    // A requirement that only the plan after has, and that demands as much. One that was there before does not count:
    // then there were two reasons, and one is gone.
    [[nodiscard]] std::optional<std::uint32_t> kept_by_new(const Requirement& was) const {
        for (std::uint32_t j = 0; j < after_.plan.requirements.size(); ++j) {
            const Requirement& now = after_.plan.requirements[j];
            if (!named_before_.contains(now.name) && now.waived_because.empty() && falls_short(was, j).empty())
                return j;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::vector<std::string> reason(std::uint32_t j) const {
        const std::string& reason = after_.decisions[j].reason;
        return reason.empty() ? std::vector<std::string>() : std::vector<std::string>{reason};
    }

    // A violation of both plans is told with its old reason only where that was another.
    [[nodiscard]] std::vector<std::string> still(std::uint32_t i, std::uint32_t j) const {
        const std::string& was = before_.decisions[i].reason;
        std::vector<std::string> why = reason(j);
        if (was == after_.decisions[j].reason)
            why.emplace_back("so it was before");
        else
            why.push_back("before: " + was);
        return why;
    }

    // Both ways: what an action does no longer, and what it does now. Only actions of both plans: one that is gone or
    // new is told by its steps.
    void find_redefinitions() {
        for (const auto& [name, was] : before_.plan.actions) {
            const auto found = after_.plan.actions.find(name);
            if (found == after_.plan.actions.end()) continue;
            const program::Action& now = found->second;
            const Same same = same_.within(was, now);
            events(name, was.does, now.does, true, same);
            events(name, now.does, was.does, false, same.reversed());
            sets(name, was.sets, now.sets, same);
            sets(name, now.sets, was.sets, same.reversed());
        }
    }
    // Events of `some` that `others` have not.
    void events(const std::string& action, const std::vector<program::Action::DoneTo>& some,
                const std::vector<program::Action::DoneTo>& others, bool is_lost, const Same& same) {
        for (const program::Action::DoneTo& one : some)
            if (std::none_of(others.begin(), others.end(), [&](const program::Action::DoneTo& other) {
                    return one.verb == other.verb && same(one.object, other.object);
                }))
                redefinitions_.push_back({action, one.verb, {}, is_lost});
    }
    // States likewise: each way, since either changes what a state means.
    void sets(const std::string& action, const std::vector<program::Action::Sets>& some,
              const std::vector<program::Action::Sets>& others, const Same& same) {
        for (const program::Action::Sets& one : some)
            if (std::none_of(others.begin(), others.end(), [&](const program::Action::Sets& other) {
                    return one.attribute == other.attribute && same(one.object, other.object) &&
                           same(one.value, other.value);
                }))
                redefinitions_.push_back({action, {}, one.attribute});
    }

    // What it speaks of and means less now than in the plan before.
    [[nodiscard]] std::vector<std::string> redefined(const Requirement& was) const {
        std::vector<std::string> why;
        for (const Redefinition& one : redefinitions_) {
            std::string text;
            for (const EventSide& side : event_sides(was.demand))
                if (side.events->verb == one.verb && (one.is_lost ? side.wants_all : side.wants_some))
                    text = "`" + one.action + "` is " + (one.is_lost ? "no longer" : "now") + " `" + one.verb + "`";
            if (!one.attribute.empty() && was.demand.state && speaks_of(was.demand.state->condition, one.attribute))
                text = "`" + one.action + "` sets `" + one.attribute + "` differently";
            if (!text.empty() && std::find(why.begin(), why.end(), text) == why.end()) why.push_back(text);
        }
        return why;
    }

    void add(RequirementType type, std::vector<std::string> why, std::uint32_t i, std::uint32_t j) {
        const bool is_there = j != RequirementChange::none;
        found_.push_back({type, is_there ? after_.plan.requirements[j].name : before_.plan.requirements[i].name,
                          std::move(why), i, j});
    }

    const Version& before_;
    const Version& after_;
    const Same& same_;
    std::map<std::string, std::uint32_t> named_;
    std::map<std::string, std::uint32_t> named_before_;
    std::set<std::uint32_t> matched_;  // requirements of the plan after
    std::vector<Redefinition> redefinitions_;
    std::vector<RequirementChange> found_;
};

}  // namespace

bool is_bad(RequirementChange::Type type) { return type < RequirementType::mended; }

std::vector<RequirementChange> violations(const Version& version) {
    std::vector<RequirementChange> all;
    for (std::uint32_t i = 0; i < version.plan.requirements.size(); ++i)
        if (version.decisions[i].verdict == Verdict::violated)
            all.push_back({RequirementType::violated,
                           version.plan.requirements[i].name,
                           {version.decisions[i].reason},
                           RequirementChange::none,
                           i});
    return all;
}

std::vector<RequirementChange> compare_requirements(const Version& before, const Version& after, const Same& same) {
    return Requirements(before, after, same).all();
}

}  // namespace pvsplan::diff
