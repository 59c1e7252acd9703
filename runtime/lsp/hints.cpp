#include "runtime/lsp/hints.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "runtime/doc/facts.hpp"
#include "runtime/lsp/descriptions.hpp"
#include "runtime/lsp/json_text.hpp"
#include "runtime/lsp/step_lenses.hpp"

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

// A waived violation counts neither as violated nor as one that holds.
std::string text_of(const Compilation& c, const Count& count) {
    if (c.decisions.empty()) return "not decided yet, as there are errors";
    const std::string of = std::to_string(count.all);
    if (count.violated > 0) return "violated · " + std::to_string(count.violated) + " of " + of;
    if (count.hold == count.all) return "holds · " + of + " of " + of;
    return "holds · " + std::to_string(count.hold) + " of " + of + ", the others are undecided or say nothing";
}

std::string verdict_text(const Compilation& c, std::size_t i) {
    if (i >= c.decisions.size()) return "not decided yet, as there are errors";
    const checks::Decision& decision = c.decisions[i];
    std::string text(checks::name_of(decision.verdict));
    if (const std::string worst = worst_text(c, i); !worst.empty()) text += " · " + worst;
    return c.requirements[i].waived_because.empty() ? text : text + " · waived";
}

// Places are of one file: what other files of the compilation say is shown where they are open.
class Lenses {
  public:
    explicit Lenses(const At& at) : at_(at), c_(at.compilation), uri_(at.places.uri(at.file)) {}

    // Requirements that an entry asks for (`policies: [pvs/rolling]`) stand in a file that may not be open, so that a
    // sum of them stands at the entry.
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
        if (c_.has_graph)
            tell_of_steps(c_, [&](base::Span step, const std::string& text) {
                if (step.file == at_.file) add(step, text, std::nullopt);
            });
        return json_text(lenses_);
    }

  private:
    void count(std::size_t i, Count& count) const {
        ++count.all;
        if (i >= c_.decisions.size()) return;
        if (c_.decisions[i].verdict == Verdict::holds) ++count.hold;
        if (c_.decisions[i].verdict == Verdict::violated && c_.requirements[i].waived_because.empty()) ++count.violated;
    }
    // Nothing where the rollback was not looked at to its end.
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

    // Iterations are counted from the expansion, since a loop over a filter has as many as the farm gives it.
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
    // A loop over nothing has no scope, and is told as one of no iteration.
    void loops(const resolve::Block& block) {
        for (const Step& step : block.steps) {
            if (step.for_each) {
                const auto found = iterations_.find(&step);
                add(step.for_each->span, "× " + std::to_string(found == iterations_.end() ? 0 : found->second));
            }
            loops(step.block);
        }
    }
    // By the place of the definition, since a name may be that of an action in several modules.
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
