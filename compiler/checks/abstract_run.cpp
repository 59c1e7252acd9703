#include "compiler/checks/abstract_run.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compiler/program/open_undo.hpp"
#include "compiler/schedule/fact_names.hpp"

namespace pvsplan::checks {

using graph::StateVariable;
using program::Expr;
using program::ObjectId;
using program::Value;

// What the expressions of the program may ask: the frame of the step that runs, states as they are by then, and what is
// known of what is undone.
class AbstractRun::Env final : public program::Env {
  public:
    Env(const graph::Facts& facts, const std::vector<program::Node>& nodes, const AbstractState& state,
        const Undone& undone)
        : ran(nodes.size()), facts_(facts), nodes_(nodes), state_(state), undone_(undone), names_(facts) {}
    std::vector<Value> frame;
    std::function<void(StateVariable)> reads;
    std::vector<std::optional<bool>> ran;  // by node of the program, its actions so far; false: it was skipped

    // The worst of the outputs that were read since it was last asked.
    struct Read {
        Output output = Output::there;
        std::string text;
    };
    Read take_read() { return std::exchange(read_, {}); }

    // Two frames share the numbers: those from `undone_frame` on are of the step that is undone.
    [[nodiscard]] Value local(std::uint32_t number) const override {
        const std::vector<Value>& of = number < program::undone_frame ? frame : undone_.frame;
        const std::uint32_t place = number < program::undone_frame ? number : number - program::undone_frame;
        return place < of.size() ? of[place] : Value::none();
    }
    [[nodiscard]] Value attribute(ObjectId object, const std::string& name) const override {
        return facts_.attribute(object, name);
    }
    // Each read is noted: it decides which writers have to be ordered with the step.
    [[nodiscard]] Value state(ObjectId object, const std::string& name) const override {
        const auto variable = facts_.variable_of(object, name);
        if (!variable) return Value::none();
        reads(*variable);
        return state_.at(*variable);
    }
    // Without a step it is the state of the object at hand, before the step that runs now; with one it is that of the
    // step that is undone, of which there is only one.
    [[nodiscard]] Value before(const std::string& name, const std::string& step) const override {
        if (step.empty()) return !frame.empty() && frame[0].as_object() ? state(*frame[0].as_object(), name) : Value();
        const auto variable = undone_.on ? facts_.variable_of(undone_.on, name) : std::nullopt;
        return variable ? undone_.before.at(*variable) : Value::none();
    }
    // A step of this program itself has run or was skipped; of any other the run that is undone knows. The worst
    // reading is kept: a missing output stops the run, one that may be missing only makes it uncertain.
    [[nodiscard]] Value output(const std::string& step, const std::string& name) const override {
        Output is = undone_.ends ? undone_.ends->output(step) : Output::there;
        if (const std::optional<bool> own = own_ran(step)) is = *own ? Output::there : Output::none;
        if (is != Output::there && (read_.output == Output::there || is == Output::missing))
            read_ = {is, "steps." + step + "." + name};
        if (is == Output::none) return Value::none();
        return derived_unknown({.op = Expr::Op::output, .name = name, .step = step});
    }
    // Without an answer it is an unknown of its own, and equal to itself wherever it is asked again.
    [[nodiscard]] Value special(Expr::Op op, const std::string& step) const override {
        const StepEnds* ends = undone_.ends;
        std::optional<bool> known;
        if (ends && op == Expr::Op::done) known = ends->done(step);
        if (ends && op == Expr::Op::started) known = ends->started(step);
        if (ends && op == Expr::Op::failed) known = ends->failed(step);
        return known ? Value::boolean(*known) : derived_unknown({.op = op, .step = step});
    }
    [[nodiscard]] Value json(const std::vector<std::string>& path) const override {
        Expr expr{.op = Expr::Op::json};
        for (const std::string& name : path)
            expr = Expr{.op = Expr::Op::member, .name = name, .args = {program::make_expr(expr)}};
        return derived_unknown(expr);
    }
    // The expression with all that is known put in. Two equal ones are one unknown, so that a condition and its
    // negation are never both possible.
    [[nodiscard]] Value derived_unknown(const Expr& expr) const override {
        Expr closed = expr;
        closed.span = {};
        for (program::ExprPtr& arg : closed.args) arg = program::with_values(arg, *this, *facts_.unknowns);
        return facts_.unknowns->value_of(program::make_expr(std::move(closed)), names_);
    }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }
    [[nodiscard]] bool charge(std::size_t elements) const override { return facts_.budget.charge(elements); }
    [[nodiscard]] program::ListIndex* list_index() const override { return facts_.list_index.get(); }

  private:
    // Few programs read an output of their own, so their steps are listed when one is asked for first.
    [[nodiscard]] std::optional<bool> own_ran(const std::string& step) const {
        if (numbers_.empty())
            for (std::uint32_t i = 0; i < nodes_.size(); ++i) numbers_.emplace(nodes_[i].id, i);
        const auto number = numbers_.find(step);
        return number == numbers_.end() ? std::nullopt : ran[number->second];
    }

    const graph::Facts& facts_;
    const std::vector<program::Node>& nodes_;
    const AbstractState& state_;
    const Undone& undone_;
    schedule::FactNames names_;
    mutable std::unordered_map<std::string_view, std::uint32_t> numbers_;
    mutable Read read_;
};

// The guards of the program have no value until their first node is reached.
AbstractRun::AbstractRun(const graph::Facts& facts, const graph::Rollback& rollback, AbstractState& state,
                         const Undone& undone)
    : facts_(facts), rollback_(rollback), state_(state), undone_(undone) {
    guards_.resize(rollback.program.guards.size());
}

// The numbers of a program are one order that it allows; touch() makes sure that any other gives the same.
bool AbstractRun::run() {
    Env env(facts_, rollback_.program.graph.nodes, state_, undone_);
    for (std::uint32_t i = 0; i < rollback_.program.graph.nodes.size(); ++i) {
        const program::Node& node = rollback_.program.graph.nodes[i];
        env.reads = [this, i](StateVariable variable) { touch(variable, i, false); };
        // A `when` reads no frame; that of the step before must not be seen by it.
        env.frame.clear();
        const std::optional<bool> is_met = runs(i, env);
        if (!is_met) return false;
        if (node.type != program::Node::Type::action) continue;
        env.ran[i] = *is_met;
        if (*is_met && !step(i, env)) return false;
    }
    return true;
}

// Each condition is evaluated when the first of its nodes could start.
std::optional<bool> AbstractRun::runs(std::uint32_t number, Env& env) {
    std::vector<std::uint32_t> around;  // from the inside out
    for (program::GuardId guard = rollback_.program.graph.nodes[number].guard; guard;
         guard = rollback_.program.guards[guard.index()].parent)
        around.push_back(guard.value);
    for (auto at = around.rbegin(); at != around.rend(); ++at) {
        std::optional<bool>& holds = guards_[*at];
        if (!holds) {
            const Value truth = program::evaluate(*rollback_.program.guards[*at].condition, env);
            const bool* known = truth.as_boolean();
            if (lacks(number, truth, env)) return std::nullopt;
            holds = !known || *known;
            if (!known)
                cannot_tell(
                    {.condition = *at < rollback_.guard_places.size() ? rollback_.guard_places[*at] : base::Span()});
        }
        // An inner condition is not evaluated where an outer one excludes it: its values may not exist then.
        if (!*holds) return false;
    }
    return true;
}

// As the engine has it: what was skipped is no value, and what has not finished is none that is known.
bool AbstractRun::lacks(std::uint32_t number, const Value& value, Env& env) {
    const Env::Read read = env.take_read();
    const bool is_lacking =
        (read.output == Output::missing && value.has_unknown()) || (read.output == Output::none && value.has_none());
    if (read.output == Output::unsure && value.has_unknown()) cannot_tell({.output = read.text});
    if (!is_lacking) return false;
    const bool has_action = rollback_.program.graph.nodes[number].type == program::Node::Type::action;
    obstacle_ = {.node = number,
                 .action = has_action ? &facts_.actions[rollback_.actions[number]] : nullptr,
                 .lacks_output = read.text};
    return true;
}

// All values are evaluated before any is set, so that they see the states before the step. A precondition that is not
// known lets the step run, and the result is uncertain unless undefined values are allowed.
bool AbstractRun::step(std::uint32_t number, Env& env) {
    const program::Node& node = rollback_.program.graph.nodes[number];
    const graph::ActionFact& called = facts_.actions[rollback_.actions[number]];
    const program::ExprPtr open = number < rollback_.on.size() ? rollback_.on[number] : nullptr;
    std::vector<Value> frame(1, node.on ? Value::object(node.on) : Value());
    if (open) frame[0] = program::evaluate(*open, env);
    for (const program::ExprPtr& argument : node.with) {
        frame.push_back(argument ? program::evaluate(*argument, env) : Value());
        if (argument && lacks(number, frame.back(), env)) return false;
    }
    // Filled in as far as the step gets, so that whatever stops it below is told with its action and its object.
    obstacle_ = {.node = number, .action = &called};
    if (frame[0].as_object()) obstacle_.on = *frame[0].as_object();
    if (open && !frame[0].as_object()) {
        obstacle_.lacks_object = true;
        return false;
    }
    env.frame = std::move(frame);
    if (called.action->precondition) {
        const Value truth = program::evaluate(*called.action->precondition, env);
        const bool* known = truth.as_boolean();
        if (known && !*known) return false;
        if (!known && !allows_undefined_) cannot_tell({.condition = called.requires_place});
    }
    std::vector<std::pair<StateVariable, Value>> changes;
    for (const auto& set : called.action->sets) {
        const Value object = program::evaluate(*set.object, env);
        const auto variable =
            object.as_object() ? facts_.variable_of(*object.as_object(), set.attribute) : std::nullopt;
        if (variable) changes.emplace_back(*variable, program::evaluate(*set.value, env));
    }
    for (auto& [variable, value] : changes) {
        touch(variable, number, true);
        state_.set(variable, std::move(value));
    }
    return true;
}

// Steps that touch a state, and of which one changes it, have to have an order: else the engine may run them in
// another one.
void AbstractRun::touch(StateVariable variable, std::uint32_t node, bool writes) {
    if (rollback_.is_chain) return;
    Touched& so_far = touched_[variable];
    const auto ask = [&](std::uint32_t earlier) {
        if (!is_ordered(earlier, node)) cannot_tell({.raced = variable});
    };
    // A writer is compared with the last one and with all that read since; everything before is ordered with these
    // already.
    if (so_far.writer) ask(*so_far.writer);
    if (!writes) return so_far.readers.push_back(node);
    for (const std::uint32_t reader : so_far.readers) ask(reader);
    so_far = {.writer = node};
}

// Every edge leads to a node with a higher number.
bool AbstractRun::is_ordered(std::uint32_t earlier, std::uint32_t later) {
    // What follows a join alone comes after what that comes after, which is found out once for all that follow it.
    static constexpr int near = 16;
    for (int i = 0; i < near && later > earlier; ++i) {
        const auto before = rollback_.before[later];
        if (before.size() != 1) break;
        later = before.front();
    }
    if (later <= earlier) return later == earlier;
    // One sweep backwards for each node that is asked about, and kept: linear in the nodes before it.
    const auto [known, is_new] = ancestors_.try_emplace(later);
    if (is_new) {
        known->second.assign(later + 1, false);
        known->second[later] = true;
        for (std::uint32_t at = later + 1; at-- > 0;)
            if (known->second[at])
                for (const std::uint32_t before : rollback_.before[at]) known->second[before] = true;
    }
    return known->second[earlier];
}

void AbstractRun::cannot_tell(Uncertainty why) {
    if (!uncertainty_) uncertainty_ = why;
}

}  // namespace pvsplan::checks
