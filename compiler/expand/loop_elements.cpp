#include "compiler/expand/loop_elements.hpp"

#include <unordered_set>
#include <utility>

#include "compiler/base/lists.hpp"
#include "compiler/expand/codes.hpp"

namespace pvsplan::expand {

using program::Expr;
using program::ExprPtr;
using Op = Expr::Op;

namespace {

// The variable of a filter is bound to one element after another for as long as this lives.
class Bound {
  public:
    Bound(CompileEnv& env, std::uint32_t local) : env_(env), local_(local), size_(env.locals.size()) {
        if (local >= size_) env.locals.resize(local + 1);
        hidden_ = env.locals[local];
    }
    ~Bound() {
        env_.locals[local_] = std::move(hidden_);
        env_.locals.resize(size_);
    }
    Bound(const Bound&) = delete;
    Bound& operator=(const Bound&) = delete;
    void to(const Value& element) { env_.locals[local_] = element; }

  private:
    CompileEnv& env_;
    std::uint32_t local_;
    std::size_t size_;
    Value hidden_;
};

// "pvs02.version is 2402": the states that the condition reads, as they are before the run.
std::string states_text(const ExprPtr& condition, CompileEnv& env) {
    std::string text;
    program::for_each_part(*condition, [&](const Expr& part) {
        if (part.op != Op::state) return;
        const Value of = env.evaluate(part.args[0]);
        const Value value = env.evaluate(program::make_expr(part));
        if (!of.as_object() || value.has_unknown()) return;
        const std::string one = std::string(env.names().name(*of.as_object())) + "." + part.name + " is " +
                                program::to_text(value, env.names());
        if (text.find(one) == std::string::npos) base::append(text, ", ", one);
    });
    return text;
}

// Whether the condition would be open without a look at states. Else the element is none of the list at any time.
bool do_states_decide(const ExprPtr& condition, CompileEnv& env) {
    const bool reads = std::exchange(env.reads_before_run, false);
    const Value truth = env.if_known(*condition);
    // The condition is asked a second time only for elements that are left out.
    env.reads_before_run = reads;
    return truth.is_unknown();
}

// One list behind another. Left out is what neither has.
LoopElements joined(LoopElements first, LoopElements second) {
    const std::size_t before = first.all.size();
    for (auto& [index, condition] : second.only_if) first.only_if.emplace(before + index, std::move(condition));
    LoopElements whole{.all = std::move(first.all),
                       .only_if = std::move(first.only_if),
                       .is_over_nothing = first.is_over_nothing && second.is_over_nothing};
    whole.all.insert(whole.all.end(), second.all.begin(), second.all.end());
    const std::unordered_set<Value, Value::Hash> in_either(whole.all.begin(), whole.all.end());
    for (LoopElements::Left& left : second.left_out)
        if (!in_either.contains(left.value)) whole.left_out.push_back(std::move(left));
    return whole;
}

}  // namespace

// Element by element only if the filter reads a state: then each one that is left out is told with its reason, and one
// that is not decided yet stays, under its condition. Lists that are joined with `+` are taken apart for that.
std::optional<LoopElements> elements_of(const ExprPtr& list, CompileEnv& env) {
    if (list->op == Op::add && program::reads_state(*list)) {
        std::optional<LoopElements> first = elements_of(list->args[0], env);
        std::optional<LoopElements> second = elements_of(list->args[1], env);
        if (!first || !second) return std::nullopt;
        return joined(std::move(*first), std::move(*second));
    }
    LoopElements found;
    const bool decides_by_state =
        list->op == Op::filter && list->args.size() > 1 && program::reads_state(*list->args[1]);
    const Value whole = env.evaluate(decides_by_state ? list->args[0] : list);
    if (!whole.as_list()) return std::nullopt;
    found.is_over_nothing = whole.as_list()->empty();
    if (!decides_by_state) {
        found.all = *whole.as_list();
        return found;
    }
    const ExprPtr& condition = list->args[1];
    Bound variable(env, list->local);
    for (const Value& element : *whole.as_list()) {
        // A filter within a filter is quadratic; the budget ends it, and the caller sees that it did.
        if (!env.charge(1)) break;
        variable.to(element);
        const Value truth = env.if_known(*condition);
        const bool* const is_in = truth.as_boolean();
        if (is_in && !*is_in) {
            found.left_out.push_back({element, do_states_decide(condition, env) ? states_text(condition, env) : ""});
            continue;
        }
        if (!is_in) found.only_if.emplace(found.all.size(), program::specialise(env.close(condition), env));
        found.all.push_back(element);
    }
    return found;
}

void report_unknown_list(const Expr& list, RunsWhen when, const diag::Place& place, diag::Sink& sink) {
    auto reported = sink.report(not_known_yet, place, "the list of this `for_each`");
    if (!program::reads_state(list))
        reported.hint("give the parameters that it reads a value with `--set NAME=VALUE`");
    else if (when == RunsWhen::at_once)
        reported.hint(
            "it reads states: say in the farm file what is expected (`state:`); `apply` observes what they are");
    else
        reported.hint(
            "the steps that undo a plan run later, when states are others: go over all, and let `when` decide");
}

}  // namespace pvsplan::expand
