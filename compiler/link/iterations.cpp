#include "compiler/link/iterations.hpp"

#include "compiler/base/lists.hpp"

namespace pvsplan::link {

namespace {

class Numbering {
  public:
    Numbering(const expand::Expansion& expansion, const resolve::Model& model)
        : expansion_(expansion), model_(model), max_failures_(expansion.scopes.size(), 0) {
        for (const expand::Instance& one : expansion.instances)
            max_failures_[one.scope] = expansion.loops[one.loop].max_failures;
        of_.innermost.resize(expansion.scopes.size());
        is_known_.resize(expansion.scopes.size(), 0);
    }

    // The scope, after those around it. Scopes are nested as deep as the source is.
    program::InstanceId number(std::uint32_t at) {
        if (at == expand::none) return {};
        if (is_known_[at] != 0) return of_.innermost[at];
        is_known_[at] = 1;
        const expand::Scope& scope = expansion_.scopes[at];
        const program::InstanceId around = number(scope.parent);
        of_.innermost[at] = around;
        if (scope.element == expand::none) return around;
        of_.innermost[at] = program::InstanceId(of_.all.size());
        std::string loop = expansion_.path_of_scope(scope.parent, model_);
        base::append(loop, ".", scope.step->id);
        of_.all.push_back({.path = expansion_.path_of_scope(at, model_),
                           .loop = std::move(loop),
                           .max_failures = max_failures_[at],
                           .parent = around});
        return of_.innermost[at];
    }
    Iterations take() { return std::move(of_); }

  private:
    const expand::Expansion& expansion_;
    const resolve::Model& model_;
    std::vector<std::uint32_t> max_failures_;  // by scope
    std::vector<char> is_known_;               // likewise
    Iterations of_;
};

}  // namespace

// Numbers follow the first node of each iteration, and one around another has the lower number. An iteration without a
// node has none.
Iterations iterations_of(const expand::Expansion& expansion, std::span<const std::uint32_t> nodes,
                         const resolve::Model& model) {
    Numbering numbering(expansion, model);
    for (const std::uint32_t node : nodes) (void)numbering.number(expansion.nodes[node].scope);
    return numbering.take();
}

}  // namespace pvsplan::link
