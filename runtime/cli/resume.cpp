#include <memory>

#include "runtime/cli/archive.hpp"
#include "runtime/cli/changed_sources.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/go_on.hpp"
#include "runtime/cli/observation.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/prove.hpp"
#include "runtime/cli/run_input.hpp"

namespace pvsplan::cli {
namespace {

struct ResumeArguments {
    std::string run;
    std::vector<std::string> done;
    std::vector<std::string> redo;
    std::vector<std::string> kill;
    std::vector<std::string> skip;
    std::vector<std::string> output;
    std::string until;
    TakeOver take_over;
    EnvironmentArguments environment;
    std::string format = "text";
};

// `STEP.NAME=VALUE`, or `NAME=VALUE` where a single step is decided to be done: what it put out. An error of usage
// where it is neither.
base::Status add_output(std::vector<engine::OperatorDecision>& decisions, const std::vector<std::string>& typed,
                        const std::string& output) {
    const std::size_t equals = output.find('=');
    std::vector<engine::OperatorDecision*> done;
    for (engine::OperatorDecision& decision : decisions)
        if (decision.type == engine::OperatorDecision::Type::done) done.push_back(&decision);
    if (equals == std::string::npos || equals == 0)
        return base::Error{"`--output " + output + "` has no value: write `--output NAME=VALUE`"};
    const std::string name = output.substr(0, equals);
    const std::string value = output.substr(equals + 1);
    for (std::size_t i = 0; i < done.size(); ++i)
        for (const std::string& step : {done[i]->node, typed[i]})
            if (name.starts_with(step + ".") && name.find('.', step.size() + 1) == std::string::npos) {
                done[i]->outputs[name.substr(step.size() + 1)] = value;
                return base::Done{};
            }
    if (done.size() == 1 && name.find('.') == std::string::npos) {
        done[0]->outputs[name] = value;
        return base::Done{};
    }
    return base::Error{"`--output " + output + "` names no step that is decided to be done" +
                       (done.empty() ? ": it goes with `--done STEP`"
                                     : ": write `--output STEP.NAME=VALUE`, with a step of `--done`")};
}

// A step; of `--redo` also an iteration that is left out.
base::Result<std::string> step_or_left_out(const ports::Store& store, const RunInput& input, const std::string& typed,
                                           engine::OperatorDecision::Type type) {
    if (type == engine::OperatorDecision::Type::redo)
        if (const base::Result<engine::RunStatus> status = engine::status(store, input.row.id); status.ok())
            for (const engine::Wanted& wanted : status->wanted)
                if (wanted.type == engine::Wanted::Type::left_out && wanted.node == typed) return typed;
    return step_of_run(store, input, typed);
}

// The operator's decisions, with each step by its path; nothing once an error has been reported. `--skip` changes what
// is left for good, so that it wants a reason in the journal.
std::optional<std::vector<engine::OperatorDecision>> decisions_of(Session& session, const ports::Store& store,
                                                                  const RunInput& input,
                                                                  const ResumeArguments& arguments) {
    std::vector<engine::OperatorDecision> decisions;
    if (!arguments.skip.empty() && arguments.take_over.because.empty()) {
        complain(session, "`--skip` goes into the journal with a reason: pass `--because TEXT`", Exit::usage);
        return std::nullopt;
    }
    const std::pair<engine::OperatorDecision::Type, const std::vector<std::string>*> said[] = {
        {engine::OperatorDecision::Type::kill, &arguments.kill},
        {engine::OperatorDecision::Type::done, &arguments.done},
        {engine::OperatorDecision::Type::redo, &arguments.redo},
        {engine::OperatorDecision::Type::skip, &arguments.skip}};
    for (const auto& [type, steps] : said)
        for (const std::string& typed : *steps) {
            base::Result<std::string> step = type == engine::OperatorDecision::Type::skip
                                                 ? iteration_of_run(input, typed)
                                                 : step_or_left_out(store, input, typed, type);
            if (!step) {
                complain(session, step.error(), Exit::usage);
                return std::nullopt;
            }
            decisions.push_back({type, std::move(*step), arguments.take_over.because});
        }
    for (const std::string& output : arguments.output)
        if (const base::Status added = add_output(decisions, arguments.done, output); !added) {
            complain(session, added.error(), Exit::usage);
            return std::nullopt;
        }
    return decisions;
}

// The run that was named, and the decisions about its steps; or how the command ends.
struct Meant {
    std::unique_ptr<RunInput> input;
    std::string until;
    std::vector<engine::OperatorDecision> decisions;
};
// The store is opened to be read only, and closed again: what is typed wrongly changes nothing and takes no lease.
std::variant<Meant, Exit> run_of(Session& session, const ResumeArguments& arguments) {
    if (const std::optional<Exit> exit = refuse_archive(session, arguments.run)) return *exit;
    base::Result<std::unique_ptr<const ports::Store>> store = open_store_to_read(session);
    if (!store) return complain(session, store.error(), Exit::wrong);
    const std::variant<ports::RunRow, Exit> found_run = named_run(session, **store, arguments.run);
    if (const Exit* exit = std::get_if<Exit>(&found_run)) return *exit;
    const ports::RunRow* const row = std::get_if<ports::RunRow>(&found_run);
    base::Result<std::unique_ptr<RunInput>> input = read_run_input(**store, *row);
    if (!input) return complain(session, input.error(), Exit::wrong);
    std::optional<std::vector<engine::OperatorDecision>> decisions = decisions_of(session, **store, **input, arguments);
    if (!decisions) return Exit::usage;
    base::Result<std::string> until = step_of((*input)->plan, "--until", arguments.until);
    if (!until) return complain(session, until.error(), Exit::usage);
    return Meant{.input = std::move(*input), .until = std::move(*until), .decisions = std::move(*decisions)};
}

// A requirement that never could be decided is reported, and the run goes on; one that would be violated, or was proved
// and may be violated now, stops it.
base::Status prove_again(Session& session, const state::RunState& run, const engine::Unknowns& unknown) {
    checks::Again again = prove_left(run, unknown);
    if (!again.broken.empty()) {
        for (const program::NodeId node : unknown.may_have_happened)
            again.broken.push_back("`" + run.execution.node(node).id +
                                   "` may have been done already: put its objects back as they were, or finish it by "
                                   "hand and say --done, or roll back");
        if (unknown.may_have_happened.empty())
            again.broken.emplace_back(
                "roll back, or finish by hand what is left and say --done, or give the run up with `pvsplan abandon`");
        return base::Error{"what is left cannot go on like this; nothing was recorded", std::move(again.broken)};
    }
    for (const std::string& one : again.undecided) announce(session, "warning", Ink::yellow, one);
    return base::Done{};
}

// The proof is handed in, since the engine knows no check; it is made by the engine with the lease in hand, on the
// state that it then acts on.
Exit resume(Session& session, const ResumeArguments& arguments) {
    const std::variant<Meant, Exit> found = run_of(session, arguments);
    if (const Exit* exit = std::get_if<Exit>(&found)) return *exit;
    const Meant& meant = std::get<Meant>(found);
    if (!meant.decisions.empty()) say_which(session, arguments.run, meant.input->row);
    const GoOnArguments how{arguments.environment, arguments.take_over, arguments.format, meant.until};
    return go_on_with(session, *meant.input, how,
                      [&](const engine::Environment& environment, const std::string& run,
                          const engine::Options& options, engine::Observer& view) {
                          if (!engine::is_over(meant.input->row))
                              say_what_changed(session, *environment.store, run, meant.input->plan);
                          ObservationLine line(session, meant.input->plan);
                          engine::ResumeOptions what{.decisions = meant.decisions, .told = line.told()};
                          what.prove_again = [&](const state::RunState& state, const engine::Unknowns& unknown) {
                              return prove_again(session, state, unknown);
                          };
                          return engine::resume(environment, run, what, options, view);
                      });
}

}  // namespace

Command resume_command() {
    auto arguments = std::make_shared<ResumeArguments>();
    Command command{.name = "resume",
                    .group = Command::Group::run,
                    .summary = "Go on with a run that was halted, interrupted or waits",
                    .description =
                        "No finished step runs again. What had begun is looked at first, and the farm is "
                        "observed again: what others have changed is proved as well. For a step that "
                        "is in doubt, or was done by hand, decide with --done or --redo. All decisions of one "
                        "call count at once, or none does.",
                    .options = {run_option(&arguments->run)},
                    .run = [arguments](Session& session) { return resume(session, *arguments); }};
    command.options.push_back({"--done",
                               "STEP",
                               "This step was done (by hand, or it did run)",
                               &arguments->done,
                               {},
                               {},
                               Option::Completes::steps});
    command.options.push_back({"--output", "NAME=VALUE",
                               "With --done: what the step puts out (STEP.NAME=VALUE where several are done)",
                               &arguments->output});
    command.options.push_back({"--redo",
                               "STEP",
                               "This step did not run, or may run again; or an iteration that was left out",
                               &arguments->redo,
                               {},
                               {},
                               Option::Completes::steps});
    command.options.push_back({"--skip", "ITERATION",
                               "Go on without this iteration of a loop, such as that of a server that is dead. Wants "
                               "--because; `--redo` tries it again",
                               &arguments->skip});
    command.options.push_back({"--kill",
                               "STEP",
                               "End the job of this step on its host, with all that it started, then look at it",
                               &arguments->kill,
                               {},
                               {},
                               Option::Completes::steps});
    command.options.push_back(until_option(&arguments->until));
    add_take_over(command.options, arguments->take_over);
    add_environment_options(command.options, arguments->environment);
    command.options.push_back(Option::format("How to tell the progress", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli
