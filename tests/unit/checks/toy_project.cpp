#include "tests/unit/checks/toy_project.hpp"

#include "tests/unit/checks/toy.hpp"
#include "tests/unit/compiler/project.hpp"

namespace pvsplan::test {

std::shared_ptr<const compiler::Compilation> compile_toy(const RandomPlan& plan, compiler::Request request) {
    const Project project({{"toy.yaml", toy_module}, {"farm.yaml", plan.farm}, {"plan.yaml", plan.plan()}});
    request.plan = "plan.yaml";
    return compiler::compile(project, request);
}

std::set<int> error_codes(const compiler::Compilation& compilation) {
    std::set<int> codes;
    for (const diag::Diagnostic& d : compilation.sink.all())
        if (d.severity == diag::Severity::error) codes.insert(d.code);
    return codes;
}

}  // namespace pvsplan::test
