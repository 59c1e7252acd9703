#include <memory>

#include "runtime/cli/attend.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/prove.hpp"
#include "runtime/cli/run_input.hpp"

namespace pvsplan::cli {
namespace {

struct Arguments {
    std::string run;
    std::vector<std::string> done;
    std::vector<std::string> redo;
    std::vector<std::string> kill;
    std::string because;
    WorldArguments world;
    std::string format = "text";
};

std::vector<Option> options_of(Arguments& arguments) {
    return {{"RUN", "", "Its id, the beginning of it, or `last`", &arguments.run, Option::Is::required}};
}

void add_format(std::vector<Option>& options, std::string& format) {
    options.push_back(
        {"--format", "FORMAT", "How to tell the progress", &format, Option::Is::optional, {"text", "json"}});
}

// What a person says, with each step by its path; nothing once an error has been told.
std::optional<std::vector<engine::Mark>> marks_of(Session& session, ports::Store& store, const RunInput& input,
                                                  const Arguments& arguments) {
    std::vector<engine::Mark> marks;
    const std::pair<engine::Mark::Is, const std::vector<std::string>*> said[] = {
        {engine::Mark::Is::kill, &arguments.kill},
        {engine::Mark::Is::done, &arguments.done},
        {engine::Mark::Is::redo, &arguments.redo}};
    for (const auto& [is, steps] : said)
        for (const std::string& typed : *steps) {
            base::Result<std::string> step = step_of_run(store, input, typed);
            if (!step) {
                complain(session, step.error(), Exit::usage);
                return std::nullopt;
            }
            marks.push_back({is, std::move(*step), arguments.because});
        }
    return marks;
}

// Opens the world of a run and stays with it while `go` goes on with it.
template <class GoOn>
Exit with_run(Session& session, const Arguments& arguments, const GoOn& go_on) {
    base::Result<std::unique_ptr<RunInput>> input = base::Error{""};
    std::optional<std::vector<engine::Mark>> marks;
    {
        base::Result<std::unique_ptr<ports::Store>> store = open_store(session, StoreUse::read);
        if (!store) return complain(session, store.error(), Exit::wrong);
        base::Result<ports::RunRow> row = engine::find_run(**store, arguments.run);
        if (!row) return complain(session, row.error(), Exit::usage);
        input = read_run_input(**store, *row);
        if (!input) return complain(session, input.error(), Exit::wrong);
        marks = marks_of(session, **store, **input, arguments);
        if (!marks) return Exit::usage;
    }
    base::Result<std::unique_ptr<OpenWorld>> world = open_world(session, (*input)->plan, arguments.world);
    if (!world) return complain(session, world.error(), Exit::wrong);
    const engine::World& parts = (*world)->world();
    const AttendArguments how{
        .format = arguments.format, .max_parallel = arguments.world.max_parallel, .plan = (*input)->plan.name};
    return static_cast<Exit>(attend(session, parts, how, [&](const engine::Options& options, engine::Observer& view) {
        return go_on(parts, (*input)->row.id, *marks, options, view);
    }));
}

// What cannot be told is said, and the run goes on; what would be broken stops it.
base::Status prove_again(Session& session, const state::RunState& run,
                         const std::vector<program::NodeId>& may_have_happened) {
    checks::Again again = prove_left(run, may_have_happened);
    if (!again.broken.empty()) {
        for (const program::NodeId node : may_have_happened)
            again.broken.push_back("`" + run.course.node(node).id +
                                   "` may have been done already: put its objects back as they were, or finish it by "
                                   "hand and say --done, or roll back");
        if (may_have_happened.empty())
            again.broken.emplace_back(
                "roll back, or finish by hand what is left and say --done, or give the run up with `pvsplan abandon`");
        return base::Error{"what is left cannot go on like this; nothing was recorded", std::move(again.broken)};
    }
    for (const std::string& one : again.undecided) announce(session, "warning", Ink::yellow, one);
    return base::Done{};
}

Exit resume(Session& session, const Arguments& arguments) {
    return with_run(session, arguments,
                    [&](const engine::World& world, const std::string& run, const std::vector<engine::Mark>& marks,
                        const engine::Options& options, engine::Observer& view) {
                        engine::ResumeOptions what{.marks = marks};
                        what.prove_again = [&](const state::RunState& state,
                                               const std::vector<program::NodeId>& may_have_happened) {
                            return prove_again(session, state, may_have_happened);
                        };
                        return engine::resume(world, run, what, options, view);
                    });
}

Exit roll_back(Session& session, const Arguments& arguments) {
    if (!session.yes) {
        const Answer answer = ask(session, "Undo what the run " + arguments.run + " did? [y/N]", "", "--yes");
        if (answer == Answer::nobody) return Exit::usage;
        if (answer == Answer::no) return complain(session, "not confirmed; nothing was done", Exit::wrong);
    }
    return with_run(session, arguments,
                    [&](const engine::World& world, const std::string& run, const std::vector<engine::Mark>&,
                        const engine::Options& options, engine::Observer& view) {
                        return engine::rollback(world, run, arguments.because, options, view);
                    });
}

}  // namespace

Command resume_command() {
    auto arguments = std::make_shared<Arguments>();
    Command command{.name = "resume",
                    .group = Command::Group::run,
                    .summary = "Go on with a run that was halted, interrupted or waits",
                    .description =
                        "No finished step runs again. What had begun is looked at first. A step that is in "
                        "doubt, or was done by hand, is settled with --done or --redo.",
                    .options = options_of(*arguments),
                    .run = [arguments](Session& session) { return resume(session, *arguments); }};
    command.options.push_back({"--done", "STEP", "This step was done (by hand, or it did run)", &arguments->done});
    command.options.push_back({"--redo", "STEP", "This step did not run, or may run again", &arguments->redo});
    command.options.push_back({"--kill", "STEP",
                               "End the job of this step on its host, with all that it started, then look at it",
                               &arguments->kill});
    command.options.push_back({"--because", "TEXT", "Why, for the journal", &arguments->because});
    add_world_options(command.options, arguments->world);
    add_format(command.options, arguments->format);
    return command;
}

Command rollback_command() {
    auto arguments = std::make_shared<Arguments>();
    Command command{.name = "rollback",
                    .group = Command::Group::run,
                    .summary = "Undo what a run did, in reverse",
                    .description =
                        "Undoes exactly the steps that finished or may have begun, in the reverse of the "
                        "order in which they ran, or by `recover` where the plan has it. A point of no "
                        "return stops it.",
                    .options = options_of(*arguments),
                    .run = [arguments](Session& session) { return roll_back(session, *arguments); }};
    command.options.push_back({"--because", "TEXT", "Why, for the journal", &arguments->because});
    add_world_options(command.options, arguments->world);
    add_format(command.options, arguments->format);
    return command;
}

}  // namespace pvsplan::cli
