#include <memory>

#include "runtime/cli/archive.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/follow.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/run_input.hpp"

namespace pvsplan::cli {
namespace {

struct AbandonArguments {
    std::string run;
    TakeOver take_over;
    std::string format = "text";
};

// A run that is over is not asked about: engine::abandon says how it ended, and nobody is to confirm what cannot
// happen. The run is looked for before the question, so that the question names what `last` stands for.
Exit abandon(Session& session, const AbandonArguments& arguments) {
    if (const std::optional<Exit> exit = refuse_archive(session, arguments.run)) return *exit;
    std::variant<DecidedRun, Exit> found = run_to_decide(session, arguments.run, arguments.take_over);
    if (const auto* exit = std::get_if<Exit>(&found)) return *exit;
    std::unique_ptr<OpenEnvironment>& opened = std::get<DecidedRun>(found).opened;
    const engine::Environment& environment = std::get<DecidedRun>(found).environment;
    const ports::RunRow& row = std::get<DecidedRun>(found).row;
    say_which(session, arguments.run, row);
    if (!session.yes && !engine::is_over(row)) {
        const Answer answer = ask(
            session, "Give up the run " + row.id + " and leave the farm " + row.farm + " as it is? [y/N]", "", "--yes");
        if (answer == Answer::nobody) return Exit::usage;
        if (answer == Answer::no) return complain(session, "not confirmed; nothing was done", Exit::wrong);
    }
    // The lease of the farm is taken by the environment that gives up, so `--take-over` is asked of that one again.
    const auto give_up = [&](const engine::Environment& on) {
        const base::Result<engine::Environment> by = taking_over(on, arguments.take_over);
        if (!by) return complain(session, by.error(), Exit::usage);
        return static_cast<Exit>(
            conclude(session, engine::abandon(*by, row.id, arguments.take_over.because), arguments.format));
    };
    // Its hosts are told as well, where the plan can still be read.
    if (base::Result<std::unique_ptr<RunInput>> input = read_run_input(*environment.store, row); input.ok()) {
        opened = nullptr;  // signals belong to one environment at a time
        const base::Result<StorePlace> place = store_from_here(session);
        if (!place) return complain(session, place.error(), Exit::wrong);
        if (base::Result<std::unique_ptr<OpenEnvironment>> hosts =
                open_environment(session, *place, (*input)->plan, {});
            hosts.ok())
            return give_up((*hosts)->environment());
        base::Result<std::unique_ptr<OpenEnvironment>> again = open_store_session(session);
        if (!again) return complain(session, again.error(), Exit::wrong);
        opened = std::move(*again);
    }
    return give_up(opened->environment());
}

}  // namespace

Command abandon_command() {
    auto arguments = std::make_shared<AbandonArguments>();
    Command command{.name = "abandon",
                    .group = Command::Group::run,
                    .summary = "Give a run up and leave the farm as it is",
                    .description =
                        "A run locks its farm until it is done, rolled back or given up. Nothing goes on with it after "
                        "that; jobs that still run on hosts are not stopped.",
                    .options = {run_option(&arguments->run)},
                    .run = [arguments](Session& session) { return abandon(session, *arguments); }};
    add_take_over(command.options, arguments->take_over);
    command.options.push_back(Option::format("How to print", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli
