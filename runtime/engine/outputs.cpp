#include "runtime/engine/outputs.hpp"

#include <algorithm>

#include "runtime/engine/missing.hpp"
#include "runtime/engine/output_readers.hpp"

namespace pvsplan::engine {

using program::Node;
using program::NodeId;

namespace {

// A fault of reading the printed JSON is nearer to the cause than that a value is missing.
std::string missing_output(const state::RunState& run, const program::Expr& expr, const state::RunEnv& env) {
    const std::string why = env.fault().empty() ? why_missing(expr, run, env) : env.fault();
    return "has no value (`" + program::to_text(expr, program::PlanNames(*run.plan)) + "`)" +
           (why.empty() ? "" : ": " + why);
}

// Why a step that reads this output cannot take it. It is reported at the step that put it out, where it can be
// repaired.
std::string misfit_of_readers(const state::RunState& run, NodeId id, const std::string& name,
                              const program::Value& value) {
    const state::ExecutionGraph& execution = run.now();
    for (auto e = execution.first_out[id.index()]; e < execution.first_out[id.index() + 1]; ++e) {
        const Node& reader = execution.node(execution.out[e]);
        const program::Action* action = execution.action(reader);
        for (std::size_t i = 0; action && i < std::min(reader.with.size(), action->parameters.size()); ++i) {
            const auto& with = reader.with[i];
            const bool reads = with && with->op == program::Expr::Op::output && with->name == name;
            if (!reads || with->step != execution.node(id).id) continue;
            const program::Type& type = action->parameters[i].type;
            if (const std::string wrong = misfit(coerce(value, type), type); !wrong.empty())
                return "is taken by `" + reader.id + "` as its `" + action->parameters[i].name + "`, and is " + wrong;
        }
    }
    return "";
}

}  // namespace

// All or nothing: a step with an output that cannot be told has failed, and others are not handed a part of what it put
// out.
base::Result<std::map<std::string, std::string>> outputs_of(const state::RunState& run, NodeId id,
                                                            const OutputSources& from, const RunRedactor& redactor) {
    const Node& node = run.now().node(id);
    const program::Action& action = *run.now().action(node);
    const bool is_simulated = is_modelled(run, node);  // it prints nothing, so its outputs are none
    state::RunEnv env(run);
    env.frame = from.prepared.frame;
    env.result = &from.result;
    env.seen = &from.seen;
    const auto own = from.prepared.before.find(node.on);
    if (own != from.prepared.before.end()) env.before_state = &own->second;
    std::map<std::string, std::string> outputs;
    const program::PlanNames names(*run.plan);
    for (const auto& [name, expr] : action.outputs) {
        const auto declared = action.output_types.find(name);
        program::Type type = declared == action.output_types.end() ? program::Type{} : declared->second;
        program::Value value = coerce(program::evaluate(*expr, env), type);
        std::string wrong = is_missing(value, *expr) ? missing_output(run, *expr, env) : misfit(value, type);
        if (!wrong.empty() && !is_missing(value, *expr)) wrong = "is " + wrong;
        if (wrong.empty()) wrong = misfit_of_readers(run, id, name, value);
        if (is_simulated && !wrong.empty()) {
            value = program::Value::none();
        } else if (!wrong.empty()) {
            // The message quotes a cut text, which may end in a part of a secret.
            if (redactor.is_telling(from.result.out)) wrong = "has no value, and what it printed holds a secret";
            return base::Error{"its output `" + name + "` " + wrong};
        } else if (redactor.is_telling(program::to_text(value, names))) {
            return base::Error{"its output `" + name + "` holds a secret, which may not go on to other steps"};
        }
        program::write_value(outputs[name], value, nullptr, names);
    }
    return outputs;
}

std::string unknown_outputs(const state::RunState& run, NodeId node) {
    const std::vector<OutputReader> readers = output_readers(run, node);
    if (readers.empty()) return "";
    return "all that it sets is there, but nobody has seen its output `" + readers[0].output + "`, which " +
           readers[0].who + " reads: say it with `--done` and `--output " + readers[0].output + "=VALUE`";
}

}  // namespace pvsplan::engine
