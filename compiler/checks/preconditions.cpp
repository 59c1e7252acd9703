// Preconditions: setters of a state are ordered with who reads it, so what it sees depends on the conditions alone.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"
#include "compiler/checks/frame_env.hpp"
#include "compiler/checks/remedy.hpp"
#include "compiler/checks/slots.hpp"

namespace pvsplan::checks {
namespace {

using graph::Facts;
using graph::Index;
using graph::Slot;

constexpr std::size_t most_shown = 10'000;  // also those that are only counted
constexpr std::size_t most_variables = 12;
constexpr std::size_t most_mixes = 4096;

// A value that a state may have, and who set it (no_index: it had it at first).
struct Candidate {
    graph::ValueIndex value;
    Index by = graph::no_index;
};

enum class Possible : std::uint8_t { no, yes, open };  // open: too many conditions to try

class PreconditionCheck {
  public:
    PreconditionCheck(const Facts& facts, const resolve::Model* model, diag::Sink& sink)
        : facts_(facts), model_(model), sink_(sink), now_(facts.initial.size()) {
        for (Slot slot = 0; slot < facts.initial.size(); ++slot) now_[slot] = {{facts.initial[slot]}};
    }

    void run() {
        std::size_t next = 0;
        for (Index node = 0; node < facts_.size() && shown_ < most_shown; ++node) {
            for (; next < facts_.requires_.size() && facts_.requires_[next].node == node; ++next)
                check(facts_.requires_[next]);
            for (const graph::SetFact& set : facts_.sets[node]) {
                if (facts_.guard[node] == graph::no_guard) now_[set.slot].clear();
                blamed_.erase(set.slot);
                now_[set.slot].push_back({set.value, node});
            }
        }
    }

  private:
    using Pick = std::vector<std::size_t>;  // by slot that is read: which candidate

    void check(const graph::RequireFact& fact) {
        const std::vector<Slot> slots = slots_read(facts_, fact);
        std::size_t mixes = 1;
        for (const Slot slot : slots) mixes = std::min(mixes * now_[slot].size(), most_mixes + 1);
        Pick pick(slots.size(), 0);
        FrameEnv env(facts_, fact.node);
        env.state_of = [&](Slot slot) {
            const auto at = std::lower_bound(slots.begin(), slots.end(), slot);
            // Once the budget is exhausted, not every state is known that is read; then what is said means nothing.
            if (at == slots.end() || *at != slot) return program::Value::none();
            return facts_.values[now_[slot][pick[static_cast<std::size_t>(at - slots.begin())]].value];
        };
        if (mixes > most_mixes) {
            ++shown_;
            sink_.report(precondition_unknown, facts_.finding_at(fact.node), facts_.path(fact.node),
                         "`" + env.print(*fact.condition) + "`, which depends on too many run-time conditions");
            return;
        }
        Pick open;  // the first that cannot be told
        for (std::size_t mix = 0; mix < mixes; ++mix) {
            std::size_t rest = mix;
            for (std::size_t i = 0; i < slots.size(); ++i) {
                pick[i] = rest % now_[slots[i]].size();
                rest /= now_[slots[i]].size();
            }
            const program::Value truth = program::evaluate(*fact.condition, env);
            if (truth.as_boolean() && *truth.as_boolean()) continue;
            const Possible possible = can_be_seen(fact.node, slots, pick);
            if (possible == Possible::no) continue;
            if (truth.is_unknown() || possible == Possible::open) {
                if (open.empty()) open = pick;
                continue;
            }
            blame(fact, slots, pick, env, precondition_fails);
            return;
        }
        if (!open.empty()) blame(fact, slots, open, env, precondition_unknown);
    }

    // For some way in which the conditions turn out: the reader and who set what it sees are there, and nobody who
    // would have set it later is.
    [[nodiscard]] Possible can_be_seen(Index reader, const std::vector<Slot>& slots, const Pick& pick) const {
        std::vector<Index> there{reader};
        std::vector<Index> absent;
        for (std::size_t i = 0; i < slots.size(); ++i) {
            const std::vector<Candidate>& all = now_[slots[i]];
            if (all[pick[i]].by != graph::no_index) there.push_back(all[pick[i]].by);
            for (std::size_t k = pick[i] + 1; k < all.size(); ++k) absent.push_back(all[k].by);
        }
        std::map<std::uint32_t, std::uint32_t> bit_of;
        for (const std::vector<Index>* nodes : {&there, &absent})
            for (const Index node : *nodes)
                for (graph::GuardIndex g = facts_.guard[node]; g != graph::no_guard; g = facts_.guards[g].parent)
                    bit_of.emplace(facts_.guards[g].variable, static_cast<std::uint32_t>(bit_of.size()));
        if (bit_of.size() > most_variables) return Possible::open;
        for (std::uint32_t truths = 0; truths < (1U << bit_of.size()); ++truths) {
            const auto is_there = [&](Index node) {
                for (graph::GuardIndex g = facts_.guard[node]; g != graph::no_guard; g = facts_.guards[g].parent)
                    if (((truths >> bit_of.at(facts_.guards[g].variable) & 1U) != 0) != facts_.guards[g].value)
                        return false;
                return true;
            };
            if (!std::all_of(there.begin(), there.end(), is_there) ||
                std::any_of(absent.begin(), absent.end(), is_there))
                continue;
            graph::GuardValues values;
            for (const auto& [variable, bit] : bit_of) values.emplace_back(variable, (truths >> bit & 1U) != 0);
            if (facts_.guard_domain.can_be(values)) return Possible::yes;
        }
        return Possible::no;
    }

    void blame(const graph::RequireFact& fact, const std::vector<Slot>& slots, const Pick& pick, FrameEnv& env,
               const Declared<StepPath, Words>& code) {
        ++shown_;
        const program::Expr& part = first_failing(*fact.condition, env);
        const std::vector<Slot> read = checks::slots_read(facts_, part, env);
        Index culprit = graph::no_index;
        std::string states;
        std::string unknown;
        for (std::size_t i = 0; i < slots.size(); ++i) {
            if (std::find(read.begin(), read.end(), slots[i]) == read.end()) continue;
            const auto& [value, by] = now_[slots[i]][pick[i]];
            if (by != graph::no_index) culprit = culprit == graph::no_index ? by : std::max(culprit, by);
            if (facts_.values[value].is_unknown()) {
                unknown = facts_.unknown_text(facts_.values[value].as_unknown()->id);
                continue;
            }
            states += (states.empty() ? "" : ", ") +
                      ("`" + slot_text(facts_, slots[i]) + "` is " + env.print(facts_.values[value]));
        }
        const std::string required = "`" + env.print(part) + "`";
        const std::string wanted = required + (states.empty() ? "" : ", but " + states);
        const std::string path = facts_.path(fact.node);
        if (const std::string open = open_parameter(part, env);
            !open.empty() && unknown.empty() && &code == &precondition_unknown) {
            sink_.report(precondition_open, facts_.finding_at(fact.node), path, required)
                .related(fact.span, "what is required")
                .hint("give it a value with `--set " + open + "=VALUE`")
                .remedies({"--set " + open});
            return;
        }
        Lack lack;
        if (&code == &precondition_fails) lack = lack_of(part, env);
        // Whoever reads a state after that finds it as the first has found it.
        if (lack.slot && !blamed_.insert(*lack.slot).second) return;
        if (&code == &precondition_fails && culprit == graph::no_index)
            if (Remedy other = other_argument(part, env); !other.names.empty()) lack.remedy = std::move(other);
        auto reported = sink_.report(code, facts_.finding_at(fact.node), path, wanted);
        if (&code == &precondition_unknown && !unknown.empty()) reported.hint("it depends on " + unknown);
        if (culprit != graph::no_index)
            reported.related(facts_.place(culprit), "`" + facts_.path(culprit) + "` made it so");
        reported.related(fact.span, "what is required");
        reported.hint(lack.remedy.text).remedies(std::move(lack.remedy.names));
    }

    // What is compared with the state that nothing has changed is what the plan was given: another value would do,
    // wherever else this one is too low, or too high.
    [[nodiscard]] Remedy other_argument(const program::Expr& part, const FrameEnv& env) const {
        using Op = program::Expr::Op;
        static constexpr Op comparisons[] = {Op::less, Op::less_equal, Op::greater, Op::greater_equal};
        if (!model_ || std::find(std::begin(comparisons), std::end(comparisons), part.op) == std::end(comparisons))
            return {};
        for (const program::ExprPtr& side : part.args) {
            if (side->op != Op::slot || side->slot == 0) continue;
            const program::Value value = env.slot(side->slot);
            for (std::size_t i = 0; i < model_->parameters.size(); ++i) {
                if (value.is_unknown() || value.is_none() || !(model_->arguments[i] == value)) continue;
                const std::string& name = model_->parameters[i].name;
                return {{"value of " + name},
                        "the parameter `" + name + "` of the plan is " + env.print(value) +
                            "; give it another value with `--set " + name + "=VALUE`"};
            }
        }
        return {};
    }

    // A parameter of the plan without a value that the condition depends on.
    [[nodiscard]] std::string open_parameter(const program::Expr& condition, const FrameEnv& env) const {
        std::string name;
        program::for_each_part(condition, [&](const program::Expr& part) {
            if (part.op != program::Expr::Op::slot || !name.empty() || !model_) return;
            const program::Value value = env.slot(part.slot);
            if (value.is_unknown() && value.as_unknown()->id < model_->parameters.size())
                name = model_->parameters[value.as_unknown()->id].name;
        });
        return name;
    }

    // The first part of a condition of several that does not hold.
    static const program::Expr& first_failing(const program::Expr& condition, const FrameEnv& env) {
        if (condition.op != program::Expr::Op::logical_and) return condition;
        const program::Value first = program::evaluate(*condition.args[0], env);
        return first_failing(*condition.args[first.as_boolean() && *first.as_boolean() ? 1 : 0], env);
    }

    // The state that a part of a condition reads, and what would set it otherwise.
    struct Lack {
        std::optional<Slot> slot;
        Remedy remedy;
    };
    [[nodiscard]] Lack lack_of(const program::Expr& condition, FrameEnv& env) const {
        const auto seen = env.state_of;
        Lack found;
        program::for_each_part(condition, [&](const program::Expr& part) {
            if (part.op != program::Expr::Op::state || found.slot) return;
            const program::Value object = program::evaluate(*part.args[0], env);
            if (!object.as_object()) return;
            found.slot = slot_of(facts_, *object.as_object(), part.name);
            if (!found.slot || !model_) return;
            const std::string& kind = model_->kinds[facts_.object_kind[object.as_object()->index()]].name;
            found.remedy =
                remedy_of_state(*model_, kind, part.name, env.print(condition), [&](const program::Value* value) {
                    if (!value) return condition.op == program::Expr::Op::equal;
                    env.state_of = [&](Slot s) { return s == *found.slot ? *value : seen(s); };
                    const program::Value truth = program::evaluate(condition, env);
                    env.state_of = seen;
                    return truth.as_boolean() && *truth.as_boolean();
                });
        });
        return found;
    }

    const Facts& facts_;
    const resolve::Model* model_;
    diag::Sink& sink_;
    std::vector<std::vector<Candidate>> now_;  // by slot; only the first can be without a condition
    std::set<Slot> blamed_;                    // as it is now, for which a step that cannot start was reported
    std::size_t shown_ = 0;
};

}  // namespace

void check_preconditions(const Facts& facts, const resolve::Model* model, diag::Sink& sink) {
    PreconditionCheck(facts, model, sink).run();
}

}  // namespace pvsplan::checks
