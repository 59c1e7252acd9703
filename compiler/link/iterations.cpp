#include "compiler/link/iterations.hpp"

namespace pvsplan::link {

Iterations iterations_of(const expand::Expansion& expansion, const resolve::Model& model) {
    const std::size_t size = expansion.scopes.size();
    std::vector<char> has_step(size, 0);
    for (const expand::Node& node : expansion.nodes)
        for (std::uint32_t at = node.scope; at != expand::none && has_step[at] == 0; at = expansion.scopes[at].parent)
            has_step[at] = 1;
    std::vector<std::uint32_t> max_failures(size, 0);
    for (const expand::Instance& one : expansion.instances)
        max_failures[one.scope] = expansion.loops[one.loop].max_failures;
    Iterations of{.innermost = std::vector<program::InstanceId>(size)};
    for (std::uint32_t i = 0; i < size; ++i) {  // a scope comes after the one around it
        const expand::Scope& scope = expansion.scopes[i];
        const program::InstanceId around =
            scope.parent == expand::none ? program::InstanceId() : of.innermost[scope.parent];
        of.innermost[i] = around;
        if (scope.element == expand::none || has_step[i] == 0) continue;
        std::string loop = expansion.path_of_scope(scope.parent, model);
        loop += (loop.empty() ? "" : ".") + scope.step->id;
        of.innermost[i] = program::InstanceId(of.all.size());
        of.all.push_back({.path = expansion.path_of_scope(i, model),
                          .loop = std::move(loop),
                          .max_failures = max_failures[i],
                          .parent = around});
    }
    return of;
}

}  // namespace pvsplan::link
