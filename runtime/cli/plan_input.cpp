#include "runtime/cli/plan_input.hpp"
#include "runtime/view/diagnostics.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/checks/again.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/plan_env.hpp"

namespace pvsplan::cli {

// No document of the language begins with a brace. What cannot be opened is none: whoever compiles it says why. Nor is
// a pipe, of which nothing can be read twice, and for which one may wait for ever.
bool is_compiled_plan(const std::string& file) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(file, failed)) return false;
    std::ifstream in(file, std::ios::binary);
    char first = 0;
    return in.get(first) && first == '{';
}

// program::decode accepts the very bytes that encoding gives and no others: what was edited by hand is refused.
base::Result<program::Plan> read_compiled_plan(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in && bytes.empty()) return base::Error{"cannot read `" + file + "`", {std::strerror(errno)}};
    base::Result<program::Plan> plan = program::decode(bytes);
    if (!plan) return std::move(plan).error().because_of("cannot use `" + file + "`");
    return plan;
}

// Options that were fixed when the plan was compiled are refused: dropped silently, another farm would run than the one
// that was typed.
std::variant<PlanInput, NoPlan> plan_of(Session& session, const std::string& file, const CompileArguments& arguments) {
    if (is_compiled_plan(file)) {
        if (!arguments.farm.empty() || !arguments.parameters.empty() || !arguments.parameters_file.empty() ||
            !arguments.policies.empty() || !arguments.secrets.empty()) {
            complain(session,
                     "`" + file + "` is compiled: --farm, --set, --parameters, --secret and --policy were fixed then",
                     Exit::usage);
            return NoPlan{Exit::usage};
        }
        base::Result<program::Plan> plan = read_compiled_plan(file);
        if (!plan) return NoPlan{complain(session, plan.error(), Exit::stale)};
        if (std::vector<std::string> wrong = checks::contradictions(*plan, program::PlanEnv(*plan)); !wrong.empty()) {
            const base::Error error{"`" + file + "` is not proved; compile it again", std::move(wrong)};
            return NoPlan{complain(session, error, Exit::does_not_compile)};
        }
        base::Result<Project> project = project_of(session, file);
        if (!project) return NoPlan{complain(session, project.error(), Exit::usage)};
        return PlanInput{.plan = std::move(*plan), .is_file = true, .project = std::move(*project)};
    }
    base::Result<Compiled> compiled = compile(session, file, arguments);
    if (!compiled) return NoPlan{complain(session, compiled.error(), Exit::usage)};
    return plan_of(session, file, with_repairs(std::move(*compiled)));
}

// From here on the plan has no error and every parameter a value.
std::variant<PlanInput, NoPlan> plan_of(Session& session, const std::string& file, const Compiled& compiled) {
    const compiler::Compilation& c = *compiled.compilation;
    view::print_diagnostics(session.err, compiler::texts_of(c, compiled.project.prefix), c.sink);
    if (!c.ok()) {
        complain(session, "`" + file + "` does not compile: " + diag::count_text(c.sink.all()), Exit::does_not_compile);
        return NoPlan{Exit::does_not_compile};
    }
    if (!c.open_parameters.empty()) {
        std::string missing;
        for (const std::string& name : c.open_parameters) {
            const bool is_secret =
                std::find(c.open_secrets.begin(), c.open_secrets.end(), name) != c.open_secrets.end();
            missing += is_secret ? " --secret " + name + "=env:…" : " --set " + name + "=…";
        }
        complain(
            session,
            "the plan needs " + std::string(c.open_parameters.size() == 1 ? "a value" : "values") + "; pass" + missing,
            Exit::usage);
        return NoPlan{Exit::usage};
    }
    PlanInput input{.plan = compiler::program_of(c), .is_file = false, .project = compiled.project};
    program::seal(input.plan);
    return input;
}

}  // namespace pvsplan::cli
