#include "runtime/lsp/hints.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "runtime/doc/facts.hpp"
#include "runtime/lsp/descriptions.hpp"
#include "runtime/lsp/json_text.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;
using checks::Verdict;
using compiler::Compilation;
using resolve::Step;
using resolve::Use;

// How many of some requirements hold.
struct Count {
    std::size_t hold = 0;
    std::size_t violated = 0;
    std::size_t all = 0;
};

std::string text_of(const Compilation& c, const Count& count) {
    if (c.decisions.empty()) return "not decided yet, as there are errors";
    const std::string of = std::to_string(count.all);
    if (count.violated > 0) return "violated · " + std::to_string(count.violated) + " of " + of;
    if (count.hold == count.all) return "holds · " + of + " of " + of;
    return "holds · " + std::to_string(count.hold) + " of " + of + ", the others are undecided or say nothing";
}

// Of how many objects, where a requirement counts all of a kind: " of 4 down(server)".
std::string counted_text(const Compilation& c, const program::Demand& demand) {
    const bool is_of_all = demand.form == program::Demand::Form::always && demand.state && !demand.state->where;
    if (!is_of_all || demand.per) return "";
    for (const resolve::Kind& kind : c.model->kinds)
        if (kind.name == demand.state->kind)
            return " of " + std::to_string(kind.objects.size()) + " " + demand.state->text;
    return "";
}

std::string verdict_text(const Compilation& c, std::size_t i) {
    if (i >= c.decisions.size()) return "not decided yet, as there are errors";
    const checks::Decision& decision = c.decisions[i];
    std::string text(checks::name_of(decision.verdict));
    if (decision.reached >= 0)
        text += " · at worst " + std::to_string(decision.reached) + counted_text(c, c.requirements[i].demand);
    return c.requirements[i].waived_because.empty() ? text : text + " · waived";
}

// For each step of a block whether it, in some way, waits for each of the others.
std::vector<std::vector<bool>> waits_in(const resolve::Block& block) {
    const std::size_t size = block.steps.size();
    std::vector<std::vector<bool>> waits(size, std::vector<bool>(size));
    for (std::size_t i = 0; i < size; ++i) {
        std::vector<std::size_t> next = {i};
        while (!next.empty()) {
            const Step& step = block.steps[next.back()];
            next.pop_back();
            for (const auto* const all : {&step.after, &step.reads})
                for (const resolve::StepRef& ref : *all)
                    if (ref.up == 0 && ref.index < size && !waits[i][ref.index]) {
                        waits[i][ref.index] = true;
                        next.push_back(ref.index);
                    }
        }
    }
    return waits;
}

class Lenses {
  public:
    explicit Lenses(const At& at) : at_(at), c_(at.compilation), uri_(at.places.uri(at.file)) {}

    std::string json() {
        std::map<std::uint32_t, std::pair<base::Span, Count>> asked;  // by the entry that asks for them
        Count all;
        for (std::size_t i = 0; i < c_.requirements.size() && i < c_.requirement_places.size(); ++i) {
            const program::RequirementPlaces& places = c_.requirement_places[i];
            count(i, all);
            if (places.whole.file == at_.file)
                add(places.name.is_nowhere() ? places.whole : places.name, verdict_text(c_, i), i);
            if (places.asked_at.is_nowhere() || places.asked_at.file != at_.file) continue;
            auto& entry = asked[places.asked_at.begin];
            entry.first = places.asked_at;
            count(i, entry.second);
        }
        for (const auto& [begin, entry] : asked) add(entry.first, text_of(c_, entry.second), std::nullopt);
        const base::Span plan = c_.model->plan_span;
        if (c_.alone.empty() && plan.file == at_.file && all.all > 0)
            add(plan, text_of(c_, all) + rollback(), std::nullopt);
        if (c_.has_graph) overlaps(c_.model->block);
        return json_text(lenses_);
    }

  private:
    // Above each step of a group without order which others may run at the same time.
    void overlaps(const resolve::Block& block) {
        static constexpr std::size_t max_steps = 200;
        static constexpr std::size_t max_told = 4;
        for (const Step& step : block.steps) overlaps(step.block);
        if (block.is_ordered || block.steps.size() > max_steps) return;
        const auto waits = waits_in(block);
        for (std::size_t i = 0; i < block.steps.size(); ++i) {
            std::string text;
            std::size_t count = 0;
            for (std::size_t j = 0; j < block.steps.size(); ++j) {
                if (i == j || waits[i][j] || waits[j][i]) continue;
                if (++count <= max_told) text += (count == 1 ? "" : ", ") + block.steps[j].id;
            }
            if (count > max_told) text += " and " + std::to_string(count - max_told) + " more";
            const base::Span head = block.steps[i].head;
            if (count > 0 && head.file == at_.file) add(head, "may overlap with " + text, std::nullopt);
        }
    }
    void count(std::size_t i, Count& count) const {
        ++count.all;
        if (i >= c_.decisions.size()) return;
        if (c_.decisions[i].verdict == Verdict::holds) ++count.hold;
        if (c_.decisions[i].verdict == Verdict::violated && c_.requirements[i].waived_because.empty()) ++count.violated;
    }
    [[nodiscard]] std::string rollback() const {
        if (!c_.rollback || !c_.rollback->complete) return "";
        const std::size_t points = c_.rollback->no_return.size();
        if (points == 0) return " · every step can be undone";
        return " · " + std::to_string(points) + (points == 1 ? " point of no return" : " points of no return");
    }
    void add(base::Span span, const std::string& title, std::optional<std::size_t> requirement) {
        if (span.is_nowhere()) return;
        Json arguments = Json::array({uri_});
        if (requirement) arguments.push_back(c_.requirements[*requirement].name);
        lenses_.push_back(
            {{"range", at_.places.range(span)},
             {"command", {{"title", title}, {"command", std::string(verdict_command)}, {"arguments", arguments}}}});
    }

    const At& at_;
    const Compilation& c_;
    std::string uri_;
    Json lenses_ = Json::array();
};

class Hints {
  public:
    Hints(const At& at, std::uint32_t end) : at_(at), c_(at.compilation), end_(end) {}

    std::string json() {
        const Switches& wanted = at_.places.client().switches;
        if (wanted.iterations && c_.stages) {
            for (const expand::Scope& scope : c_.stages->expansion.scopes)
                if (scope.step && scope.element != expand::none) ++iterations_[scope.step];
            loops(c_.model->block);
        }
        if (wanted.durations) calls();
        if (wanted.verdicts)
            for (std::size_t i = 0; i < c_.decisions.size() && i < c_.requirement_places.size(); ++i)
                add(c_.requirement_places[i].whole, verdict_text(c_, i));
        return json_text(hints_);
    }

  private:
    void add(base::Span behind, const std::string& label) {
        if (behind.file != at_.file || behind.end < at_.offset || behind.end > end_) return;
        hints_.push_back(
            {{"position", at_.places.range(behind).end}, {"label", label}, {"paddingLeft", true}, {"kind", 1}});
    }
    void loops(const resolve::Block& block) {
        for (const Step& step : block.steps) {
            if (step.for_each) {
                const auto found = iterations_.find(&step);
                add(step.for_each->span, "× " + std::to_string(found == iterations_.end() ? 0 : found->second));
            }
            loops(step.block);
        }
    }
    void calls() {
        if (!c_.model->uses) return;
        for (const Use& use : c_.model->uses->all()) {
            if (use.of != Use::Of::action || use.place.file != at_.file) continue;
            for (const resolve::Action& action : c_.model->actions)
                if (action.span.file == use.definition.file && action.span.begin <= use.definition.begin &&
                    use.definition.end <= action.span.end && action.compiled.takes_ms > 0)
                    add(use.place, doc::duration_text(action.compiled.takes_ms));
        }
    }

    const At& at_;
    const Compilation& c_;
    std::uint32_t end_;
    std::map<const Step*, std::size_t> iterations_;
    Json hints_ = Json::array();
};

}  // namespace

std::string lenses_json(const At& at) {
    if (!at.places.client().switches.lenses) return "[]";
    return Lenses(at).json();
}

std::string inlay_hints_json(const At& at, std::uint32_t end) { return Hints(at, end).json(); }

}  // namespace pvsplan::lsp
