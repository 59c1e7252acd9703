#include "runtime/state/env.hpp"

#include "compiler/program/plan_env.hpp"
#include "runtime/state/printed_json.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::state {

using program::Expr;
using program::Value;

// Whether the node is the step itself, or within the group, call or iteration that has this path.
bool is_within(std::string_view node, std::string_view step) {
    if (step.empty()) return true;
    if (!node.starts_with(step)) return false;
    return node.size() == step.size() || node[step.size()] == '.' || node[step.size()] == '[' ||
           node[step.size()] == ':';
}

namespace {

enum class Reached : std::uint8_t { done, started, failed };

// A group is done once every step of it is finished or skipped, and one is finished: what was skipped as a whole is not
// done.
Value reached(const ExecutionGraph& execution, const ExecutionState& state, const std::string& step, Reached what) {
    bool all_finished = true;
    bool any_finished = false;
    bool any_began = false;
    bool any_failed = false;
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const auto& node = execution.graph->nodes[i];
        if (node.type == program::Node::Type::join || !is_within(node.id, step)) continue;
        const auto& at = state.nodes[i];
        const bool is_finished = at.phase == Phase::finished;
        any_finished |= is_finished;
        any_began |= is_finished || at.began;
        any_failed |= at.phase == Phase::failed || at.phase == Phase::retrying || at.phase == Phase::in_doubt;
        const bool is_skipped = node.guard && decision_of(execution, state, node.guard) == Decision::fails;
        all_finished &= is_finished || is_skipped;
    }
    switch (what) {
        case Reached::done: return Value::boolean(all_finished && any_finished);
        case Reached::started: return Value::boolean(any_began);
        case Reached::failed: return Value::boolean(any_failed);
    }
    return {};
}

}  // namespace

// The same unknown has the same number each time it is asked for, so it is seen to be one.
Value RunEnv::unknown(const std::string& what) const {
    return Value::unknown(Value::Unknown::Type::expression,
                          unknowns_.emplace(what, static_cast<std::uint32_t>(unknowns_.size())).first->second);
}

// A condition outside of any step has no frame: its locals are unknown, never wrong.
Value RunEnv::local(std::uint32_t number) const {
    return number < frame.size() ? frame[number] : unknown("local " + std::to_string(number));
}

Value RunEnv::attribute(program::ObjectId object, const std::string& name) const {
    return program::attribute_of(*run_->plan, object, name);
}

// What was just observed goes before what the journal knows, which may be older.
Value RunEnv::state(program::ObjectId object, const std::string& name) const {
    const auto not_known = [&] { return unknown("state " + std::to_string(object.value) + " " + name); };
    if (reads == Reads::no_state) return not_known();
    if (seen != nullptr)
        if (const auto it = seen->find(object); it != seen->end()) {
            if (const auto value = it->second.find(name); value != it->second.end())
                return value->second.is_none() ? not_known()
                                               : value->second;  // undefined: nobody knows what it will be
            if (reads == Reads::what_is_seen) return not_known();
        }
    const auto& known = run_->farm.at(object.index());
    const auto found = known.find(name);
    return found == known.end() || found->second.is_none() ? not_known() : found->second;
}

// A state that nobody had observed by then stays unknown, so that an undo restores no guess.
Value RunEnv::before(const std::string& name, const std::string& step) const {
    const States* const then = step.empty() ? before_state : before_of(step);
    if (then != nullptr)
        if (const auto found = then->find(name); found != then->end() && !found->second.is_none()) return found->second;
    return unknown("before " + step + " " + name);
}

// Looks at the forward program alone: a rollback step asks how things were before the step that it undoes.
const States* RunEnv::before_of(const std::string& step) const {
    const auto found = run_->execution.by_path.find(step);
    if (found == run_->execution.by_path.end()) return nullptr;
    const auto& before = run_->forward.nodes[found->second.index()].before;
    const auto own = before.find(run_->execution.node(found->second).on);
    return own == before.end() ? nullptr : &own->second;
}

// A step that was skipped has no output, and that is known; the output of one that has not finished is unknown. For one
// that was simulated, and put nothing out, none is recorded.
Value RunEnv::output(const std::string& step, const std::string& name) const {
    const auto look = [&](const ExecutionGraph& execution, const ExecutionState& state) -> std::optional<Value> {
        const auto found = execution.by_path.find(step);
        if (found == execution.by_path.end()) return std::nullopt;
        const auto& at = state.nodes[found->second.index()];
        if (at.phase == Phase::finished) {  // it has no outputs if a person or an observation told that it is done
            const auto value = at.outputs.find(name);
            const bool is_there = value != at.outputs.end();
            const bool is_known = is_there && (untold == Untold::is_none || !value->second.is_none());
            return is_known ? std::optional(value->second) : std::nullopt;
        }
        const auto guard = execution.node(found->second).guard;
        if (guard && decision_of(execution, state, guard) == Decision::fails) return Value::none();
        return std::nullopt;
    };
    // A step of the rollback goes first: it may have the path of the one that it undoes.
    if (run_->back)
        if (auto value = look(run_->back->execution, run_->back->state)) return *value;
    if (auto value = look(run_->execution, run_->forward)) return *value;
    return unknown("output " + step + " " + name);
}

// For a `when`: an output that was not told may be anything.
RunEnv env_of_conditions(const RunState& run) {
    RunEnv env(run);
    env.untold = RunEnv::Untold::is_unknown;
    return env;
}

Value RunEnv::special(Expr::Op op, const std::string& step) const {
    switch (op) {
        case Expr::Op::exit_code: return result ? Value::integer(result->exit_status) : unknown("exit");
        // A text of which a part is missing is none: whoever reads it would take it for the whole.
        case Expr::Op::stdout_text: {
            if (result == nullptr) return unknown("stdout");
            if (result->is_cut) {
                fault_ = "it printed more than is kept, and a part of it was dropped";
                return Value::none();
            }
            std::string text = result->out;
            while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
            return Value::string(std::move(text));
        }
        case Expr::Op::done: return reached(run_->execution, run_->forward, step, Reached::done);
        case Expr::Op::started: return reached(run_->execution, run_->forward, step, Reached::started);
        case Expr::Op::failed: return reached(run_->execution, run_->forward, step, Reached::failed);
        default: return unknown("special " + step);
    }
}

// The last fault stays, for the message about an output that has no value.
Value RunEnv::json(const std::vector<std::string>& path) const {
    if (result != nullptr) {
        const PrintedJson printed = printed_json(result->out);
        JsonMember member = printed.fault.empty() ? member_at(printed.text, path) : JsonMember{};
        if (!printed.fault.empty())
            fault_ = printed.fault;
        else if (!member.fault.empty())
            fault_ = "in the JSON that it printed, " + member.fault;
        return std::move(member.value);
    }
    std::string what = "json";
    for (const auto& part : path) what += "." + part;
    return unknown(what);
}

Value RunEnv::derived_unknown(const Expr& expr) const { return unknown("derived " + program::to_text(expr, names_)); }

}  // namespace pvsplan::state
