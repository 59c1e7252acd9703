#include "runtime/view/state_figures.hpp"

#include <algorithm>
#include <set>

#include "compiler/checks/event_index.hpp"
#include "compiler/schedule/overlap.hpp"
#include "runtime/view/show_text.hpp"

namespace pvsplan::view {
namespace {

using program::Requirement;
using schedule::Timeline;
using schedule::Truth;
using schedule::Unknown;

bool is_asked_always(const Requirement& requirement) {
    return requirement.demand.form == program::Demand::Form::always && requirement.demand.state;
}

class Figures {
  public:
    Figures(const diff::Version& version, const ExpectedTimes& times)
        : version_(version), times_(times), index_(version.facts) {}

    // What the checks count, by their own timelines: a figure never says anything else than the proof. A bound from
    // below counts those that are not in the state.
    [[nodiscard]] StateFigures of(const Requirement& requirement) const {
        const program::StateDemand& state = *requirement.demand.state;
        const bool is_least = requirement.demand.bound == program::Demand::Bound::at_least;
        const Truth counted = is_least ? Truth::no : Truth::yes;
        StateFigures figures{(is_least ? "not " : "") + state.text, std::nullopt, {}};
        const program::ExprPtr key = key_of(state.kind);
        std::map<std::string, std::vector<Timeline>> groups;
        std::int64_t sum = 0;
        for (const program::ObjectId object : index_.objects(state)) {
            Timeline line = index_.timelines().of(*state.condition, object, {});
            sum += time_in(line, counted);
            if (key) groups[index_.key(*key, object)].push_back(std::move(line));
        }
        if (times_.end > 0) figures.expected_ms = sum;
        for (const auto& [name, lines] : groups)
            figures.max_at_once[name] = static_cast<std::int64_t>(
                schedule::Overlap(version_.facts, {}, index_.timelines(), lines, counted).bound(Unknown::counted));
        return figures;
    }

  private:
    // What the first requirement of that kind that is asked of each value by itself groups by; null: none is.
    [[nodiscard]] program::ExprPtr key_of(const std::string& kind) const {
        for (const Requirement& one : version_.plan.requirements)
            if (is_asked_always(one) && one.demand.per && one.demand.state->kind == kind) return one.demand.per;
        return nullptr;
    }

    // As long as everything begins as early as it can and takes what is expected. Stretches that overlap count once.
    [[nodiscard]] std::int64_t time_in(const Timeline& line, Truth counted) const {
        std::vector<std::pair<std::int64_t, std::int64_t>> stretches;
        for (const auto& open : index_.timelines().conjunctions(line, {}, counted, Unknown::counted)) {
            std::int64_t from = 0;
            std::int64_t to = times_.end;
            for (const schedule::Interval& one : open) {
                if (one.begin != graph::no_index) from = std::max(from, times_.begins[one.begin]);
                if (one.end != graph::no_index) to = std::min(to, times_.ends[one.end]);
            }
            if (from < to) stretches.emplace_back(from, to);
        }
        std::sort(stretches.begin(), stretches.end());
        std::int64_t sum = 0;
        std::int64_t told = 0;
        for (const auto& [from, to] : stretches) {
            sum += std::max<std::int64_t>(0, to - std::max(from, told));
            told = std::max(told, to);
        }
        return sum;
    }

    const diff::Version& version_;
    const ExpectedTimes& times_;
    checks::EventIndex index_;
};

}  // namespace

// Earlier runs do not count, so that two versions are compared by the same measure.
ExpectedTimes expected_times(const program::Plan& plan) {
    Times lengths;
    for (std::uint32_t i = 0; i < plan.graph.nodes.size(); ++i) lengths.push_back(expected_ms(plan, {}, i));
    ExpectedTimes times{.begins = earliest_begins(plan.graph, lengths)};
    times.end = last_end(times.begins, lengths);
    for (std::size_t i = 0; i < lengths.size(); ++i) times.ends.push_back(times.begins[i] + lengths[i]);
    return times;
}

// One figure for each kind: a second requirement on it counts the same objects, mostly in the same state.
std::vector<StateFigures> state_figures(const diff::Version& version, const ExpectedTimes& times) {
    std::vector<StateFigures> all;
    std::optional<Figures> figures;
    std::set<std::string> kinds;
    for (const Requirement& requirement : version.plan.requirements) {
        if (!is_asked_always(requirement) || !kinds.insert(requirement.demand.state->kind).second) continue;
        if (!figures) figures.emplace(version, times);
        all.push_back(figures->of(requirement));
    }
    return all;
}

}  // namespace pvsplan::view
