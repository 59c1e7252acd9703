#include "runtime/engine/missing.hpp"

#include <algorithm>

#include "runtime/state/rollback_program.hpp"

namespace pvsplan::engine {

using program::Expr;
using program::Value;
using state::Phase;
using Op = Expr::Op;

namespace {

// The rollback program is asked before the plan: a step of it reads its own outputs first.
std::string why_no_output(const std::string& step, const std::string& name, const state::RunState& run) {
    const auto phase_in = [&](const state::ExecutionGraph& execution, const state::ExecutionState& state,
                              std::string& text) {
        const auto found = execution.by_path.find(step);
        if (found == execution.by_path.end()) return false;
        const state::NodeState& at = state.nodes[found->second.index()];
        const auto guard = execution.node(found->second).guard;
        if (at.phase == Phase::finished && at.outputs.contains(name))
            text = "was simulated, so that nobody knows its `" + name + "`";
        else if (at.phase == Phase::finished)
            text = "is done, but nobody saw its `" + name + "`: it was not read off its command";
        else if (guard && state::decision_of(execution, state, guard) == state::Decision::fails)
            text = "was skipped, so that it has no `" + name + "`";
        else
            text = "is " + std::string(state::name_of(at.phase)) + ", so that it has no `" + name + "`";
        return true;
    };
    std::string text = "has not run";
    if (!(run.back && phase_in(run.back->execution, run.back->state, text))) phase_in(run.execution, run.forward, text);
    return "`" + step + "` " + text;
}

std::string why_no_fact(const Expr& part, const state::RunState& run, const state::RunEnv& env) {
    if (part.args.empty()) return "";
    const Value object = program::evaluate(*part.args[0], env);
    if (object.as_object() == nullptr || object.as_object()->is_none()) return "";
    const std::string id = program::PlanNames(*run.plan).id_text(*object.as_object());
    if (part.op == Op::attribute) return id + " has no `" + part.name + "`";
    return id + "." + part.name + " is not known: no observation tells it";
}

}  // namespace

// `none` that is written in the plan is meant; one that comes from anywhere else is a value that is not there.
bool is_missing(const Value& value, const Expr& expr) {
    return value.has_unknown() || (value.has_none() && expr.op != Op::literal);
}

// The parts are asked in their order, and the first that is missing is the reason: others may be missing because of it.
std::string why_missing(const Expr& expr, const state::RunState& run, const state::RunEnv& env) {
    std::string why;
    program::for_each_part(expr, [&](const Expr& part) {
        const bool may_miss = part.op == Op::output || part.op == Op::before || part.op == Op::state ||
                              part.op == Op::attribute || part.op == Op::local;
        if (!why.empty() || !may_miss) return;
        const Value value = program::evaluate(part, env);
        if (!value.has_unknown() && !value.has_none()) return;
        if (part.op == Op::output)
            why = why_no_output(part.step, part.name, run);
        else if (part.op == Op::before)
            why = "nobody knew `" + part.name + "` before the step";
        else if (part.op == Op::local)
            why = "`" + part.name + "` has no value";
        else
            why = why_no_fact(part, run, env);
    });
    return why;
}

std::string missing_text(const Expr& expr, const state::RunState& run, const state::RunEnv& env) {
    const std::string why = why_missing(expr, run, env);
    return "`" + program::to_text(expr, program::PlanNames(*run.plan)) + "`" + (why.empty() ? "" : ": " + why);
}

}  // namespace pvsplan::engine
