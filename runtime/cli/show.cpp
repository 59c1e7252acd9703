#include <memory>

#include "compiler/program/codec.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/plan_input.hpp"
#include "runtime/view/show_text.hpp"

namespace pvsplan::cli {
namespace {

struct ShowArguments {
    std::string plan;
    CompileArguments compile;
    std::string format = "text";
    bool all = false;
};

Exit show(Session& session, const ShowArguments& arguments) {
    std::variant<PlanInput, NoPlan> input = plan_of(session, arguments.plan, arguments.compile);
    if (const auto* none = std::get_if<NoPlan>(&input)) return none->exit;
    const PlanInput& read = std::get<PlanInput>(input);
    const program::Plan& plan = read.plan;
    if (arguments.format == "json") {
        session.out.write(program::encode(plan));
    } else if (arguments.format == "dot") {
        session.out.write(view::show_dot(plan));
    } else if (arguments.format == "mermaid") {
        session.out.write(view::show_mermaid(plan));
    } else {
        const view::Shows shows = arguments.all ? view::Shows::everything : view::Shows::digest;
        session.out.write(view::show_text(plan, session.out, shows, earlier_durations(session, read)));
    }
    return Exit::done;
}

}  // namespace

Command show_command() {
    auto arguments = std::make_shared<ShowArguments>();
    Command command{.name = "show",
                    .summary = "Show what a plan will do, in its order",
                    .description =
                        "Each step has a number; `overlaps 4-7` names the steps that may run at the same "
                        "time. Takes a plan or a compiled plan.",
                    .options = {Option::file("PLAN", "The file of the plan", &arguments->plan)},
                    .run = [arguments](Session& session) { return show(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    command.options.push_back(Option::format("How to print", &arguments->format, {"text", "json", "dot", "mermaid"}));
    command.options.push_back({"--all", "", "Show every iteration of a loop", &arguments->all});
    return command;
}

}  // namespace pvsplan::cli
