#include <memory>

#include "compiler/program/codec.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/plan_input.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

struct CompileCommandArguments {
    std::string plan;
    std::string output;
    CompileArguments compile;
};

// The digest stands in a line of its own on standard error: a reviewer compares it with that of the run.
Exit write_plan(Session& session, const CompileCommandArguments& arguments) {
    std::variant<PlanInput, NoPlan> input = plan_of(session, arguments.plan, arguments.compile);
    if (const auto* none = std::get_if<NoPlan>(&input)) return none->exit;
    const program::Plan& plan = std::get<PlanInput>(input).plan;
    const std::string text = program::encode(plan);
    if (arguments.output == "-") {
        session.out.write(text);
        return Exit::done;
    }
    if (base::Status written = write_file(arguments.output, text); !written)
        return complain(session, written.error(), Exit::wrong);
    say(session, "wrote `" + arguments.output + "`\n" + plan.digest);
    return Exit::done;
}

}  // namespace

Command compile_command() {
    auto arguments = std::make_shared<CompileCommandArguments>();
    Command command{.name = "compile",
                    .summary = "Write the compiled plan, which `apply` runs as it is",
                    .description =
                        "The same inputs give the same bytes. The file carries the digest of what was "
                        "compiled; whoever reviews it approves exactly what will run.",
                    .options = {Option::file("PLAN", "The file of the plan", &arguments->plan),
                                {"-o,--output",
                                 "FILE",
                                 "Where to write; `-` is standard output",
                                 &arguments->output,
                                 Option::Presence::required,
                                 {},
                                 Option::Completes::files}},
                    .run = [arguments](Session& session) { return write_plan(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    return command;
}

}  // namespace pvsplan::cli
