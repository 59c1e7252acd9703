// Preconditions. The writers of a state variable are ordered with its readers (check_races), so the value that a reader
// sees depends on the run-time conditions alone.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "compiler/base/lists.hpp"
#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"
#include "compiler/checks/remedy.hpp"
#include "compiler/schedule/frame_env.hpp"
#include "compiler/schedule/state_variables.hpp"

namespace pvsplan::checks {

using schedule::FrameEnv;
using schedule::variable_of;
using schedule::variable_text;
using schedule::variables_read;
namespace {

using graph::Facts;
using graph::Index;
using graph::StateVariable;

constexpr std::size_t max_shown = 10'000;  // findings, including those that are only counted
constexpr std::size_t max_variables = 12;
constexpr std::size_t max_mixes = 4096;

// A possible value of a state, and its writer (no_index: the initial value).
struct Candidate {
    graph::ValueIndex value;
    Index by = graph::no_index;
};

enum class Possible : std::uint8_t { no, yes, open };  // open: there are too many conditions to try

class PreconditionCheck {
  public:
    PreconditionCheck(const Facts& facts, const graph::Vocabulary* vocabulary, diag::Sink& sink)
        : facts_(facts), vocabulary_(vocabulary), sink_(sink), now_(facts.initial.size()) {
        for (StateVariable variable = 0; variable < facts.initial.size(); ++variable)
            now_[variable] = {{facts.initial[variable]}};
    }

    // A walk in topological order. `now_` holds, for each state, the values that it may have at this node: a write that
    // always happens forgets all before it, one under a condition joins them.
    void run() {
        for (Index node = 0; node < facts_.size() && shown_ < max_shown; ++node) {
            if (const auto fact = facts_.requires_of(node)) check(*fact);
            for (const graph::SetFact& set : facts_.sets[node]) {
                if (facts_.guard[node] == graph::no_guard) now_[set.variable].clear();
                blamed_.erase(set.variable);
                now_[set.variable].push_back({set.value, node});
            }
        }
    }

  private:
    using Pick = std::vector<std::size_t>;  // by state variable that is read: index of the candidate

    // All mixes of the possible values are tried; a mix counts only if some truth of the conditions makes it visible. A
    // mix that fails is told at once, one that is undecided only if none fails.
    void check(const graph::RequireFact& fact) {
        const std::vector<StateVariable> variables = variables_read(facts_, fact);
        std::size_t mixes = 1;
        for (const StateVariable variable : variables) mixes = std::min(mixes * now_[variable].size(), max_mixes + 1);
        Pick pick(variables.size(), 0);
        FrameEnv env(facts_, fact.node);
        env.state_of = [&](StateVariable variable) {
            const auto at = std::lower_bound(variables.begin(), variables.end(), variable);
            // An exhausted budget makes the list of variables incomplete; the verdict is then discarded.
            if (at == variables.end() || *at != variable) return program::Value::none();
            return facts_.values[now_[variable][pick[static_cast<std::size_t>(at - variables.begin())]].value];
        };
        if (mixes > max_mixes) {
            ++shown_;
            sink_.report(
                precondition_unknown, facts_.finding_at(fact.node), diag::StepPath(facts_.path(fact.node)),
                diag::Words("`" + env.print(*fact.condition) + "`, which depends on too many run-time conditions"));
            return;
        }
        Pick open;  // the first that is undecided
        for (std::size_t mix = 0; mix < mixes; ++mix) {
            std::size_t rest = mix;
            for (std::size_t i = 0; i < variables.size(); ++i) {
                pick[i] = rest % now_[variables[i]].size();
                rest /= now_[variables[i]].size();
            }
            const program::Value truth = program::evaluate(*fact.condition, env);
            if (truth.as_boolean() && *truth.as_boolean()) continue;
            const Possible possible = can_be_seen(fact.node, variables, pick);
            if (possible == Possible::no) continue;
            if (truth.is_unknown() || possible == Possible::open) {
                if (open.empty()) open = pick;
                continue;
            }
            blame(fact, variables, pick, env, precondition_fails);
            return;
        }
        if (open.empty()) return;
        pick = open;  // the states that are told are those in which it is undecided
        blame(fact, variables, pick, env, precondition_unknown);
    }

    // Whether under some assignment of the conditions the reader runs, the writers of the values that it sees run, and
    // no later writer of these variables runs.
    [[nodiscard]] Possible can_be_seen(Index reader, const std::vector<StateVariable>& variables,
                                       const Pick& pick) const {
        std::vector<Index> there{reader};
        std::vector<Index> absent;
        for (std::size_t i = 0; i < variables.size(); ++i) {
            const std::vector<Candidate>& all = now_[variables[i]];
            if (all[pick[i]].by != graph::no_index) there.push_back(all[pick[i]].by);
            for (std::size_t k = pick[i] + 1; k < all.size(); ++k) absent.push_back(all[k].by);
        }
        std::map<std::uint32_t, std::uint32_t> bit_of;
        for (const std::vector<Index>* nodes : {&there, &absent})
            for (const Index node : *nodes)
                for (graph::GuardIndex g = facts_.guard[node]; g != graph::no_guard; g = facts_.guards[g].parent)
                    bit_of.emplace(facts_.guards[g].variable, static_cast<std::uint32_t>(bit_of.size()));
        if (bit_of.size() > max_variables) return Possible::open;
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

    // Tells the first part of the condition that does not hold, the states that it reads and the last step that set one
    // of them. One finding for each state and value, however many steps read it.
    void blame(const graph::RequireFact& fact, const std::vector<StateVariable>& variables, const Pick& pick,
               FrameEnv& env, const Declared<StepPath, Words>& code) {
        ++shown_;
        const program::Expr& part = first_failing(*fact.condition, env);
        const std::vector<StateVariable> read = checks::variables_read(facts_, part, env);
        Index culprit = graph::no_index;
        std::string states;
        std::string unknown;
        for (std::size_t i = 0; i < variables.size(); ++i) {
            if (std::find(read.begin(), read.end(), variables[i]) == read.end()) continue;
            const auto& [value, by] = now_[variables[i]][pick[i]];
            if (by != graph::no_index) culprit = culprit == graph::no_index ? by : std::max(culprit, by);
            if (facts_.values[value].is_unknown()) {
                unknown = facts_.unknown_text(*facts_.values[value].as_unknown());
                continue;
            }
            base::append(states, ", ",
                         "`" + variable_text(facts_, variables[i]) + "` is " + env.print(facts_.values[value]));
        }
        const std::string required = "`" + env.print(part) + "`";
        const std::string wanted = required + (states.empty() ? "" : ", but " + states);
        const std::string path = facts_.path(fact.node);
        if (const std::string open = open_parameter(part, env);
            !open.empty() && unknown.empty() && &code == &precondition_unknown) {
            sink_.report(precondition_open, facts_.finding_at(fact.node), diag::StepPath(path), diag::Words(required))
                .related(fact.span, "what is required")
                .hint("give it a value with `--set " + open + "=VALUE`")
                .remedies({"--set " + open});
            return;
        }
        Lack lack;
        if (&code == &precondition_fails) lack = lack_of(part, env);
        // Later readers of the variable see the same value: one report is enough.
        if (lack.variable && !blamed_.insert(*lack.variable).second) return;
        if (&code == &precondition_fails && culprit == graph::no_index)
            if (Remedy other = other_argument(part, env); !other.names.empty()) lack.remedy = std::move(other);
        auto reported = sink_.report(code, facts_.finding_at(fact.node), diag::StepPath(path), diag::Words(wanted));
        if (&code == &precondition_unknown && !unknown.empty()) reported.hint("it depends on " + unknown);
        if (culprit != graph::no_index)
            reported.related(facts_.place(culprit), "`" + facts_.path(culprit) + "` made it so");
        reported.related(fact.span, "what is required");
        reported.hint(lack.remedy.text).remedies(std::move(lack.remedy.names));
    }

    // No step has changed the state, so the argument that it is compared with is at fault: another value of it would
    // satisfy the condition, also in other steps for which this one is too low or too high.
    [[nodiscard]] Remedy other_argument(const program::Expr& part, const FrameEnv& env) const {
        using Op = program::Expr::Op;
        static constexpr Op comparisons[] = {Op::less, Op::less_equal, Op::greater, Op::greater_equal};
        if (!vocabulary_ || std::find(std::begin(comparisons), std::end(comparisons), part.op) == std::end(comparisons))
            return {};
        for (const program::ExprPtr& side : part.args) {
            if (side->op != Op::local || side->local == 0) continue;
            const program::Value value = env.local(side->local);
            for (const auto& [name, given] : vocabulary_->parameters) {
                if (value.is_unknown() || value.is_none() || !(given == value)) continue;
                return {{"value of " + name},
                        "the parameter `" + name + "` of the plan is " + env.print(value) +
                            "; give it another value with `--set " + name + "=VALUE`"};
            }
        }
        return {};
    }

    // The name of a parameter without a value on which the condition depends.
    [[nodiscard]] std::string open_parameter(const program::Expr& condition, const FrameEnv& env) const {
        std::string name;
        program::for_each_part(condition, [&](const program::Expr& part) {
            if (part.op != program::Expr::Op::local || !name.empty() || !vocabulary_) return;
            const program::Value value = env.local(part.local);
            const program::Value::Unknown* unknown = value.as_unknown();
            if (unknown && unknown->type == program::Value::Unknown::Type::parameter)
                name = vocabulary_->parameters.at(unknown->number).name;
        });
        return name;
    }

    // The first conjunct that does not hold.
    static const program::Expr& first_failing(const program::Expr& condition, const FrameEnv& env) {
        if (condition.op != program::Expr::Op::logical_and) return condition;
        const program::Value first = program::evaluate(*condition.args[0], env);
        return first_failing(*condition.args[first.as_boolean() && *first.as_boolean() ? 1 : 0], env);
    }

    // The state variable that a part of a condition reads, and what would set it to a value that satisfies it.
    struct Lack {
        std::optional<StateVariable> variable;
        Remedy remedy;
    };
    // `env` is lent: each value that some action sets is tried in it in place of the present one, which is then put
    // back.
    [[nodiscard]] Lack lack_of(const program::Expr& condition, FrameEnv& env) const {
        const auto seen = env.state_of;
        Lack found;
        program::for_each_part(condition, [&](const program::Expr& part) {
            if (part.op != program::Expr::Op::state || found.variable) return;
            const program::Value object = program::evaluate(*part.args[0], env);
            if (!object.as_object()) return;
            found.variable = variable_of(facts_, *object.as_object(), part.name);
            if (!found.variable || !vocabulary_) return;
            const std::string& kind = facts_.kinds[facts_.object_kind[object.as_object()->index()]];
            found.remedy = remedy_of_state(
                {facts_, *vocabulary_}, kind, part.name, env.print(condition), [&](const program::Value* value) {
                    if (!value) return condition.op == program::Expr::Op::equal;
                    env.state_of = [&](StateVariable s) { return s == *found.variable ? *value : seen(s); };
                    const program::Value truth = program::evaluate(condition, env);
                    env.state_of = seen;
                    return truth.as_boolean() && *truth.as_boolean();
                });
        });
        return found;
    }

    const Facts& facts_;
    const graph::Vocabulary* vocabulary_;
    diag::Sink& sink_;
    std::vector<std::vector<Candidate>> now_;  // by state variable; only the first can be unconditional
    std::set<StateVariable> blamed_;           // reported already for its present value
    std::size_t shown_ = 0;
};

}  // namespace

void check_preconditions(const Facts& facts, const graph::Vocabulary* vocabulary, diag::Sink& sink) {
    PreconditionCheck(facts, vocabulary, sink).run();
}

}  // namespace pvsplan::checks
