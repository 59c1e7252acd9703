#include <memory>

#include "compiler/program/codec.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/plan_input.hpp"
#include "runtime/picture/html.hpp"
#include "runtime/ports/files.hpp"
#include "runtime/view/diagnostics.hpp"
#include "runtime/view/outline.hpp"
#include "runtime/view/show_text.hpp"

namespace pvsplan::cli {
namespace {

struct ShowArguments {
    std::string plan;
    CompileArguments compile;
    std::string format = "text";
    std::string output = "-";
    bool all = false;
    bool outline = false;
};

// A plan that is only looked at makes this machine connect nowhere, unless `--store` names a server: durations of
// earlier runs come from a file or not at all.
std::string text_of(Session& session, const ShowArguments& arguments, const PlanInput& read) {
    const program::Plan& plan = read.plan;
    if (arguments.format == "json") return program::encode(plan);
    if (arguments.format == "dot") return view::show_dot(plan);
    if (arguments.format == "mermaid") return view::show_mermaid(plan);
    if (arguments.format == "html")
        return picture::html_of(picture::picture_of(plan, earlier_durations(session, read, Connects::never)));
    const view::Shows shows = arguments.all ? view::Shows::everything : view::Shows::digest;
    return view::show_text(plan, session.out, shows, earlier_durations(session, read, Connects::never));
}

// A plan that violates a requirement is not run, but a picture shows where: it has an order, and verdicts.
std::variant<PlanInput, NoPlan> plan_to_draw(Session& session, const ShowArguments& arguments) {
    if (is_compiled_plan(arguments.plan)) return plan_of(session, arguments.plan, arguments.compile);
    base::Result<Compiled> compiled = compile(session, arguments.plan, arguments.compile);
    if (!compiled) return NoPlan{complain(session, compiled.error(), Exit::usage)};
    const compiler::Compilation& c = *compiled->compilation;
    if (c.ok() || !c.has_graph || c.decisions.empty() || !c.open_parameters.empty())
        return plan_of(session, arguments.plan, with_repairs(std::move(*compiled)));
    view::print_diagnostics(session.err, compiler::texts_of(c, compiled->project.prefix), c.sink);
    PlanInput input{.plan = compiler::program_of(c), .is_file = false, .project = compiled->project};
    program::seal(input.plan);
    input.is_refused = true;
    return input;
}

// The text alone, wherever it lies: git hands it over without its folder, and takes any failure for one of its own.
Exit show_outline(Session& session, const ShowArguments& arguments) {
    if (arguments.format != "text" || arguments.all || is_for_compilation(arguments.compile))
        return complain(session, "`--outline` is of the text alone: it goes with no option but -o", Exit::usage);
    const base::Result<std::string> text = ports::read_named_file(arguments.plan, base::Files::max_bytes);
    if (!text) return complain(session, text.error(), Exit::usage);
    return put_out(session, arguments.output, view::outline_of(*text));
}

// A picture of a plan that is refused is written, and the status says that it was.
Exit show(Session& session, const ShowArguments& arguments) {
    if (arguments.outline) return show_outline(session, arguments);
    std::variant<PlanInput, NoPlan> input = arguments.format == "html"
                                                ? plan_to_draw(session, arguments)
                                                : plan_of(session, arguments.plan, arguments.compile);
    if (const auto* none = std::get_if<NoPlan>(&input)) return none->exit;
    const PlanInput& read = std::get<PlanInput>(input);
    if (const Exit exit = put_out(session, arguments.output, text_of(session, arguments, read)); exit != Exit::done)
        return exit;
    return read.is_refused ? Exit::does_not_compile : Exit::done;
}

}  // namespace

Command show_command() {
    auto arguments = std::make_shared<ShowArguments>();
    Command command{.name = "show",
                    .summary = "Show what a plan will do, in its order",
                    .description =
                        "Each step has a number; `overlaps 4-7` names the steps that may run at the same "
                        "time. Takes a plan or a compiled plan. `--format html` draws lanes over time, in one file for "
                        "a browser, also of a plan that violates a requirement. `--outline` prints the text of a file "
                        "alone, a line "
                        "a step, for git: `git config diff.pvsplan.textconv 'pvsplan show --outline'`, and in "
                        "`.gitattributes` `*.plan.yaml diff=pvsplan`.",
                    .options = {Option::file("PLAN", "The file of the plan", &arguments->plan)},
                    .run = [arguments](Session& session) { return show(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    command.options.push_back(
        Option::format("How to print", &arguments->format, {"text", "json", "dot", "mermaid", "html"}));
    command.options.push_back(output_option(&arguments->output));
    command.options.push_back({"--all", "", "Show every iteration of a loop", &arguments->all});
    command.options.push_back(
        {"--outline", "", "Print the text of the file alone, a line for each step", &arguments->outline});
    return command;
}

}  // namespace pvsplan::cli
