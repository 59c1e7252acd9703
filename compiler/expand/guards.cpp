#include "compiler/expand/guards.hpp"

namespace pvsplan::expand {

// `c` and `not c` ask one question, of which the guard wants the one answer or the other.
std::uint32_t Guards::add(program::ExprPtr condition, base::Span span, std::uint32_t scope, std::uint32_t parent,
                          const CompileEnv& env) {
    const program::Question question = program::question_of(condition);
    std::string key = program::to_text(*question.asked, program::DistinctNames(env.names()));
    // State may differ between moments; everything else has one value in a run.
    if (program::reads_state(*condition)) key += "@" + std::to_string(scope);
    const auto [variable, is_new] = variables_.try_emplace(key, out_.guard_variables);
    if (is_new) ++out_.guard_variables;
    out_.guards.push_back({std::move(condition), variable->second, question.wanted, parent, scope, span});
    return static_cast<std::uint32_t>(out_.guards.size() - 1);
}

}  // namespace pvsplan::expand
