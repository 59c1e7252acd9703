#include "runtime/lsp/step_lenses.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <vector>

#include "runtime/view/plan_order.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::lsp {
namespace {

using checks::WorstMoment;
using compiler::Compilation;
using resolve::Step;
using Nodes = std::vector<std::uint32_t>;  // ascending

// A step of a plan is one node or, in a loop or a procedure, many. It has those of all steps below it, in ascending
// order.
class StepLenses {
  public:
    // Numbers are given as `show` gives them. A node counts for every step around it, once each.
    StepLenses(const Compilation& c, const std::function<void(base::Span, const std::string&)>& tell)
        : c_(c), tell_(tell) {
        const std::uint32_t size = c.facts().size();
        const expand::Expansion& expansion = c.stages->expansion;
        std::uint32_t number = 0;
        for (std::uint32_t node = 0; node < size; ++node) {
            const bool is_step = !compiler::is_join(c, node);
            numbers_.push_back(is_step ? ++number : 0);
            if (!is_step) continue;
            const Step* innermost = nullptr;
            for (std::uint32_t at = expansion.nodes[node].scope; at != expand::none; at = expansion.scopes[at].parent) {
                const Step* const step = expansion.scopes[at].step;
                if (step != nullptr && step != innermost) nodes_of_[step].push_back(node);
                innermost = step;
            }
        }
        if (size <= view::max_compared) overlaps_.emplace(c.facts().predecessors);
    }

    void tell(const resolve::Block& block) const {
        for (const Step& step : block.steps) {
            if (const auto nodes = nodes_of_.find(&step); nodes != nodes_of_.end()) tell(step, nodes->second);
            tell(step.block);
        }
    }

  private:
    void tell(const Step& step, const Nodes& nodes) const {
        const std::string others = overlap_text(nodes);
        const std::string worst = worst_during(nodes);
        if (others.empty() && worst.empty()) return;
        tell_(step.head, (nodes.size() == 1 ? "step " : "steps ") + view::ranges(numbers_of(nodes)) + others +
                             (worst.empty() ? "" : "; " + worst));
    }

    // " may overlap with each other and with 3-7". Nothing of a plan that is too large to compare each step with each
    // other.
    [[nodiscard]] std::string overlap_text(const Nodes& nodes) const {
        if (!overlaps_) return "";
        const Nodes all = overlaps_->with(nodes);
        Nodes others;
        std::set_difference(all.begin(), all.end(), nodes.begin(), nodes.end(), std::back_inserter(others));
        const Nodes numbers = numbers_of(others);
        const bool is_among_them = std::any_of(all.begin(), all.end(), [&](std::uint32_t node) {
            return numbers_[node] > 0 && std::binary_search(nodes.begin(), nodes.end(), node);
        });
        if (!is_among_them && numbers.empty()) return "";
        const std::string with_others = numbers.empty() ? "" : "with " + short_ranges(numbers);
        if (!is_among_them) return " may overlap " + with_others;
        return " may overlap with each other" + (with_others.empty() ? "" : " and " + with_others);
    }

    [[nodiscard]] Nodes numbers_of(const Nodes& nodes) const {
        Nodes numbers;
        for (const std::uint32_t node : nodes)
            if (numbers_[node] > 0) numbers.push_back(numbers_[node]);
        return numbers;
    }

    // A lens is one line: of many ranges the count and the ends.
    static std::string short_ranges(const Nodes& numbers) {
        static constexpr std::size_t max_length = 32;
        const std::string text = view::ranges(numbers);
        if (text.size() <= max_length) return text;
        return std::to_string(numbers.size()) + " of " + std::to_string(numbers.front()) + "-" +
               std::to_string(numbers.back());
    }

    // The requirement with the least room among those whose worst moment these nodes bring about or end.
    [[nodiscard]] std::string worst_during(const Nodes& nodes) const {
        const auto is_one = [&](std::uint32_t node) { return std::binary_search(nodes.begin(), nodes.end(), node); };
        const auto room = [](const WorstMoment& worst) {
            return worst.allowed - static_cast<std::int64_t>(worst.open.size());
        };
        std::optional<std::size_t> least;
        for (std::size_t i = 0; i < c_.decisions.size(); ++i) {
            const std::optional<WorstMoment>& worst = c_.decisions[i].worst;
            if (!worst) continue;
            const bool is_here = std::any_of(worst->open.begin(), worst->open.end(), [&](const auto& open) {
                return std::any_of(open.begin(), open.end(), [&](const schedule::Interval& interval) {
                    return is_one(interval.begin) || is_one(interval.end);
                });
            });
            if (is_here && (!least || room(*worst) < room(*c_.decisions[*least].worst))) least = i;
        }
        return least ? worst_text(c_, *least) : "";
    }

    const Compilation& c_;
    const std::function<void(base::Span, const std::string&)>& tell_;
    std::map<const Step*, Nodes> nodes_of_;
    Nodes numbers_;  // by node; 0: a join, which people do not see
    std::optional<view::Overlaps> overlaps_;
};

}  // namespace

void tell_of_steps(const Compilation& c, const std::function<void(base::Span, const std::string&)>& tell) {
    StepLenses(c, tell).tell(c.model->block);
}

// The kind is written by its plural, where it has one: `4 servers down`.
std::string worst_text(const Compilation& c, std::size_t requirement) {
    const checks::Decision& decision = c.decisions[requirement];
    if (decision.reached < 0) return "";
    std::string text = "at worst " + std::to_string(decision.reached);
    const std::optional<program::StateDemand>& state = c.requirements[requirement].demand.state;
    if (!decision.worst || !state) return text;
    text += " of " + std::to_string(decision.worst->members.size()) + " ";
    for (const resolve::Kind& kind : c.model->kinds)
        if (kind.name == state->kind) text += (kind.plural.empty() ? kind.name : kind.plural) + " ";
    return text + view::state_word(*state);
}

}  // namespace pvsplan::lsp
