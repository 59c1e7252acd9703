#include "compiler/expand/loop_elements.hpp"

#include <utility>

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
        if (text.find(one) == std::string::npos) text += (text.empty() ? "" : ", ") + one;
    });
    return text;
}

}  // namespace

bool reads_state(const Expr& expr) {
    bool found = false;
    program::for_each_part(expr, [&](const Expr& part) { found = found || part.op == Op::state; });
    return found;
}

std::optional<LoopElements> elements_of(const ExprPtr& list, CompileEnv& env) {
    LoopElements found;
    const bool decides_by_state = list->op == Op::filter && list->args.size() > 1 && reads_state(*list->args[1]);
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
        if (!env.charge(1)) break;
        variable.to(element);
        const Value truth = env.evaluate(condition);
        const bool* const is_in = truth.as_boolean();
        if (is_in && !*is_in) {
            found.left_out.push_back({element, states_text(condition, env)});
            continue;
        }
        if (!is_in) found.only_if.emplace(found.all.size(), program::specialise(env.close(condition), env));
        found.all.push_back(element);
    }
    return found;
}

}  // namespace pvsplan::expand
