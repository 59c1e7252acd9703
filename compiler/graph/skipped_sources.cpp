#include "compiler/graph/skipped_sources.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace pvsplan::graph {
namespace {

using Conditions = std::set<std::pair<std::uint32_t, bool>>;  // guard variables with their values

Conditions conditions_from(const std::vector<GuardFact>& guards, GuardIndex innermost) {
    Conditions all;
    for (GuardIndex g = innermost; g != no_guard; g = guards[g].parent)
        all.emplace(guards[g].variable, guards[g].value);
    return all;
}

}  // namespace

std::vector<std::vector<OutputSource>> skipped_sources(
    const std::vector<GuardFact>& guards, const std::vector<program::ExprPtr>& conditions,
    const std::function<GuardIndex(const std::string& step)>& guard_of) {
    std::vector<std::vector<OutputSource>> sources(guards.size());
    for (GuardIndex g = 0; g < guards.size(); ++g) {
        std::set<std::string> steps;
        program::for_each_part(*conditions[g], [&](const program::Expr& part) {
            if (part.op == program::Expr::Op::output) steps.insert(part.step);
        });
        for (const std::string& step : steps) {
            const GuardIndex of_step = guard_of(step);
            if (of_step == no_guard) continue;
            const Conditions around = conditions_from(guards, guards[g].parent);
            const Conditions wanted = conditions_from(guards, of_step);
            if (!std::includes(around.begin(), around.end(), wanted.begin(), wanted.end()))
                sources[g].push_back({step, {wanted.begin(), wanted.end()}});
        }
    }
    return sources;
}

}  // namespace pvsplan::graph
