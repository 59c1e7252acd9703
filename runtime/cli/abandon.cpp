#include <memory>

#include "runtime/cli/attend.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/run_input.hpp"
#include "runtime/cli/world.hpp"

namespace pvsplan::cli {
namespace {

struct Arguments {
    std::string run;
    std::string because;
    std::string format = "text";
};

Exit abandon(Session& session, const Arguments& arguments) {
    base::Result<std::unique_ptr<OpenWorld>> desk = open_desk(session);
    if (!desk) return complain(session, desk.error(), Exit::wrong);
    const engine::World& world = (*desk)->world();
    base::Result<ports::RunRow> row = engine::find_run(*world.store, arguments.run);
    if (!row) return complain(session, row.error(), Exit::usage);
    if (!session.yes) {
        const Answer answer =
            ask(session, "Give up the run " + row->id + " and leave the farm " + row->farm + " as it is? [y/N]", "",
                "--yes");
        if (answer == Answer::nobody) return Exit::usage;
        if (answer == Answer::no) return complain(session, "not confirmed; nothing was done", Exit::wrong);
    }
    // Its hosts are told as well, where the plan can still be read.
    if (base::Result<std::unique_ptr<RunInput>> input = read_run_input(*world.store, *row); input.ok()) {
        *desk = nullptr;  // signals are for one world at a time
        if (base::Result<std::unique_ptr<OpenWorld>> hosts = open_world(session, (*input)->plan, {}); hosts.ok())
            return static_cast<Exit>(
                conclude(session, engine::abandon((*hosts)->world(), row->id, arguments.because), arguments.format));
        desk = open_desk(session);
        if (!desk) return complain(session, desk.error(), Exit::wrong);
    }
    return static_cast<Exit>(
        conclude(session, engine::abandon((*desk)->world(), row->id, arguments.because), arguments.format));
}

}  // namespace

Command abandon_command() {
    auto arguments = std::make_shared<Arguments>();
    return {
        .name = "abandon",
        .group = Command::Group::run,
        .summary = "Give a run up and leave the farm as it is",
        .description =
            "A run holds its farm until it is done, rolled back or given up. Nothing goes on with it after "
            "that; jobs that still run on hosts are not stopped.",
        .options = {{"RUN", "", "Its id, the beginning of it, or `last`", &arguments->run, Option::Is::required},
                    {"--because", "TEXT", "Why, for the journal", &arguments->because},
                    {"--format", "FORMAT", "How to print", &arguments->format, Option::Is::optional, {"text", "json"}}},
        .run = [arguments](Session& session) { return abandon(session, *arguments); }};
}

}  // namespace pvsplan::cli
