#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"

namespace pvsplan::checks {
namespace {

using graph::Facts;
using graph::GuardIndex;
using graph::Index;
using program::Expr;

// The steps whose outputs have to be there for the expression to have a value. A comparison has one without them, and
// `and` and `or` may be decided by their other operands.
void add_steps_read(const Expr& expr, std::set<std::string>& steps) {
    switch (expr.op) {
        case Expr::Op::equal:
        case Expr::Op::not_equal:
        case Expr::Op::in:
        case Expr::Op::not_in:
        case Expr::Op::logical_and:
        case Expr::Op::logical_or: return;
        case Expr::Op::output: steps.insert(expr.step); return;
        default: break;
    }
    for (const program::ExprPtr& arg : expr.args) add_steps_read(*arg, steps);
}

class OutputCheck {
  public:
    OutputCheck(const Facts& facts, diag::Sink& sink) : facts_(facts), sink_(sink) {}

    // Nodes with one row of values and one guard read alike.
    void run() {
        std::set<std::pair<std::uint32_t, GuardIndex>> looked_at;
        for (Index node = 0; node < facts_.size(); ++node) {
            if (!facts_.is_action[node] && !facts_.is_approval[node]) continue;
            look_at_conditions(node);
            if (!looked_at.emplace(facts_.frame[node], facts_.guard[node]).second) continue;
            std::set<std::string> steps;
            for (const program::Value& value : facts_.frames[facts_.frame[node]])
                if (value.has_unknown()) add_steps_read(*program::as_expr(value, *facts_.unknowns, {}), steps);
            look_at(node, facts_.guard[node], steps);
        }
    }

  private:
    // Where it can be told that a condition lacks no value, its `and` and `or` are decided in every run.
    void look_at_conditions(Index node) {
        for (GuardIndex g = facts_.guard[node]; g != graph::no_guard; g = facts_.guards[g].parent) {
            const graph::GuardFact& guard = facts_.guards[g];
            if (!guard.condition || !conditions_.insert(g).second) continue;
            std::set<std::string> steps;
            const auto can_lack = facts_.guard_domain.can_lack(guard.variable, values_around(guard.parent));
            if (!can_lack)
                add_steps_read(*guard.condition, steps);
            else if (*can_lack)
                program::for_each_part(*guard.condition, [&](const Expr& part) {
                    if (part.op == Expr::Op::output) steps.insert(part.step);
                });
            look_at(node, guard.parent, steps);
        }
    }

    // What reads them is evaluated where `guard` holds.
    void look_at(Index node, GuardIndex guard, const std::set<std::string>& steps) {
        for (const std::string& step : steps) {
            // A reader is safe if the step always runs, runs wherever the reader does, or is asked about by the
            // condition itself.
            const std::optional<Index> read = guarded(step);
            if (!read || surely_runs_where(guard, facts_.guard[*read]) || is_asked_about(guard, step)) continue;
            sink_
                .report(reads_maybe_skipped, facts_.finding_at(node), diag::StepPath(facts_.path(node)),
                        diag::OtherStep(step))
                .related(facts_.place(*read), "it runs only if `" + facts_.guards[facts_.guard[*read]].text + "`")
                .hint("let both have the same `when`, or put them into one group that has it");
        }
    }

    // The conditions that hold wherever this one does.
    [[nodiscard]] graph::GuardValues values_around(GuardIndex guard) const {
        graph::GuardValues hold;
        for (GuardIndex g = guard; g != graph::no_guard; g = facts_.guards[g].parent)
            hold.emplace_back(facts_.guards[g].variable, facts_.guards[g].value);
        return hold;
    }

    // Whether all conditions of `read` hold wherever those of `reader` do.
    [[nodiscard]] bool surely_runs_where(GuardIndex reader, GuardIndex read) const {
        const graph::GuardValues hold = values_around(reader);
        for (GuardIndex g = read; g != graph::no_guard; g = facts_.guards[g].parent) {
            graph::GuardValues otherwise = hold;
            otherwise.emplace_back(facts_.guards[g].variable, !facts_.guards[g].value);
            if (facts_.guard_domain.can_be(otherwise)) return false;
        }
        return true;
    }

    // A condition that says itself whether the step ran, and of which nothing further is known, is left to the run.
    [[nodiscard]] bool is_asked_about(GuardIndex guard, const std::string& step) const {
        bool is_asked = false;
        for (GuardIndex g = guard; g != graph::no_guard; g = facts_.guards[g].parent)
            if (facts_.guards[g].condition && !facts_.guard_domain.can_lack(facts_.guards[g].variable, {}))
                program::for_each_part(*facts_.guards[g].condition, [&](const Expr& part) {
                    is_asked = is_asked || (part.op == Expr::Op::output && part.step == step);
                });
        return is_asked;
    }

    // Nothing where it runs whatever happens.
    std::optional<Index> guarded(const std::string& path) {
        if (!std::exchange(is_listed_, true))
            for (Index node = 0; node < facts_.size(); ++node)
                if (facts_.is_action[node] && facts_.guard[node] != graph::no_guard)
                    by_path_.emplace(facts_.path(node), node);
        const auto found = by_path_.find(path);
        return found == by_path_.end() ? std::nullopt : std::optional(found->second);
    }

    const Facts& facts_;
    diag::Sink& sink_;
    std::set<GuardIndex> conditions_;                 // that were looked at
    std::unordered_map<std::string, Index> by_path_;  // of all actions under a condition; when asked for
    bool is_listed_ = false;
};

}  // namespace

void check_outputs(const Facts& facts, diag::Sink& sink) { OutputCheck(facts, sink).run(); }

}  // namespace pvsplan::checks
