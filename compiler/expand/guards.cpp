#include "compiler/expand/guards.hpp"

namespace pvsplan::expand {

std::uint32_t Guards::add(const resolve::Step& step, std::uint32_t scope, std::uint32_t parent, CompileEnv& env) {
    const program::ExprPtr condition = program::specialise(env.close(step.when), env);
    bool reads_state = false;
    program::for_each_part(*condition, [&](const program::Expr& part) {
        reads_state = reads_state || part.op == program::Expr::Op::state;
    });
    const program::Question question = program::question_of(condition);
    std::string key = program::to_text(*question.asked, program::DistinctNames(env.names()));
    // State may differ between moments; everything else has one value in a run.
    if (reads_state) key += "@" + std::to_string(scope);
    const auto [variable, is_new] = variables_.try_emplace(key, out_.guard_variables);
    if (is_new) ++out_.guard_variables;
    out_.guards.push_back({condition, variable->second, question.wanted, parent, scope, step.when->span});
    return static_cast<std::uint32_t>(out_.guards.size() - 1);
}

}  // namespace pvsplan::expand
