#include <memory>

#include "runtime/cli/archive.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/follow.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/run_input.hpp"

namespace pvsplan::cli {
namespace {

struct ApproveArguments {
    std::string run;
    std::string step;
    TakeOver take_over;
    std::string format = "text";
};

// No transport is opened: an approval is a record, or a message to the process that has the run. Whether this account
// may give it is decided by engine::approve, from the plan that the run has.
Exit approve(Session& session, const ApproveArguments& arguments) {
    if (const std::optional<Exit> exit = refuse_archive(session, arguments.run)) return *exit;
    const std::variant<DecidedRun, Exit> found = run_to_decide(session, arguments.run, arguments.take_over);
    if (const auto* exit = std::get_if<Exit>(&found)) return *exit;
    const engine::Environment& environment = std::get<DecidedRun>(found).environment;
    const ports::RunRow& row = std::get<DecidedRun>(found).row;
    const base::Result<std::unique_ptr<RunInput>> input = read_run_input(*environment.store, row);
    if (!input) return complain(session, input.error(), Exit::wrong);
    const base::Result<std::string> step = step_of_run(*environment.store, **input, arguments.step);
    if (!step) return complain(session, step.error(), Exit::usage);
    const engine::Ended ended = engine::approve(environment, row.id, *step, arguments.take_over.because);
    return static_cast<Exit>(conclude(session, ended, arguments.format));
}

}  // namespace

Command approve_command() {
    auto arguments = std::make_shared<ApproveArguments>();
    Command command{.name = "approve",
                    .group = Command::Group::run,
                    .summary = "Approve a step that a run waits for",
                    .description =
                        "What is approved is the compiled plan with exactly this digest. Where the run has not come "
                        "to the step yet, the approval is recorded and used when it does. A run that is under way is "
                        "waited for, a few seconds, until it has taken the approval; one that has halted goes on with "
                        "`pvsplan resume`.",
                    .options = {run_option(&arguments->run),
                                {"STEP",
                                 "",
                                 "The step that waits, by its path or its number in `show`",
                                 &arguments->step,
                                 Option::Presence::required,
                                 {},
                                 Option::Completes::steps}},
                    .run = [arguments](Session& session) { return approve(session, *arguments); }};
    add_take_over(command.options, arguments->take_over);
    command.options.push_back(Option::format("How to print", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli
