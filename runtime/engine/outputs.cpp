// The outputs of a step, and whether the steps that read them can take them.
#include <algorithm>

#include "runtime/engine/missing.hpp"
#include "runtime/engine/output_readers.hpp"
#include "runtime/engine/runner.hpp"

namespace pvsplan::engine {

using program::Node;
using program::NodeId;

// The outputs of the step, by name, as JSON. An error names the first output that has no value, and why.
base::Result<std::map<std::string, std::string>> Runner::outputs_of(const Active& active) const {
    const Node& node = node_of(active.node);
    const program::Action& action = *run_->now().action(node);
    const bool is_simulated = is_modelled(*run_, node);  // it prints nothing, so its outputs are none
    state::RunEnv env(*run_);
    env.frame = active.prepared.frame;
    env.result = &*active.result;
    env.seen = &active.seen;
    const auto own = active.prepared.before.find(node.on);
    if (own != active.prepared.before.end()) env.before_state = &own->second;
    std::map<std::string, std::string> outputs;
    const program::PlanNames names(*plan_);
    for (const auto& [name, expr] : action.outputs) {
        const auto declared = action.output_types.find(name);
        program::Type type = declared == action.output_types.end() ? program::Type{} : declared->second;
        program::Value value = coerce(program::evaluate(*expr, env), type);
        std::string wrong = is_missing(value, *expr) ? missing_output(*expr, env) : misfit(value, type);
        if (!wrong.empty() && !is_missing(value, *expr)) wrong = "is " + wrong;
        if (wrong.empty()) wrong = misfit_of_readers(active.node, name, value);
        if (is_simulated && !wrong.empty()) {
            value = program::Value::none();
        } else if (!wrong.empty()) {
            if (redactor_.is_telling(
                    active.result->out))  // the message quotes a cut text, which may end in a part of a secret
                wrong = "has no value, and what it printed holds a secret";
            return base::Error{"its output `" + name + "` " + wrong};
        } else if (redactor_.is_telling(program::to_text(value, names))) {
            return base::Error{"its output `" + name + "` holds a secret, which may not go on to other steps"};
        }
        program::write_value(outputs[name], value, nullptr, names);
    }
    return outputs;
}

std::string Runner::missing_output(const program::Expr& expr, const state::RunEnv& env) const {
    const std::string why = env.fault().empty() ? why_missing(expr, *run_, env) : env.fault();
    return "has no value (`" + program::to_text(expr, program::PlanNames(*plan_)) + "`)" +
           (why.empty() ? "" : ": " + why);
}

// Why a step that reads this output cannot take it. It is reported at the step that put it out, where it can be
// repaired.
std::string Runner::misfit_of_readers(NodeId id, const std::string& name, const program::Value& value) const {
    const state::ExecutionGraph& execution = run_->now();
    for (auto e = execution.first_out[id.index()]; e < execution.first_out[id.index() + 1]; ++e) {
        const Node& reader = node_of(execution.out[e]);
        const program::Action* action = execution.action(reader);
        for (std::size_t i = 0; action && i < std::min(reader.with.size(), action->parameters.size()); ++i) {
            const auto& with = reader.with[i];
            const bool reads = with && with->op == program::Expr::Op::output && with->name == name;
            if (!reads || with->step != node_of(id).id) continue;
            const program::Type& type = action->parameters[i].type;
            if (const std::string wrong = misfit(coerce(value, type), type); !wrong.empty())
                return "is taken by `" + reader.id + "` as its `" + action->parameters[i].name + "`, and is " + wrong;
        }
    }
    return "";
}

// Why the outputs of a step are unknown whose command ended unseen, though all that it sets is there; empty: nobody
// reads them.
std::string Runner::unknown_outputs(NodeId node) const {
    const std::vector<OutputReader> readers = output_readers(*run_, node);
    if (readers.empty()) return "";
    return "all that it sets is there, but nobody has seen its output `" + readers[0].output + "`, which " +
           readers[0].who + " reads: say it with `--done` and `--output " + readers[0].output + "=VALUE`";
}

}  // namespace pvsplan::engine
