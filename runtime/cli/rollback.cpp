#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "compiler/diag/display.hpp"
#include "runtime/cli/archive.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/confirm.hpp"
#include "runtime/cli/go_on.hpp"
#include "runtime/view/show_text.hpp"

namespace pvsplan::cli {
namespace {

struct RollbackArguments {
    std::string run;
    bool is_preview = false;
    bool all = false;
    std::string back_to;
    std::string confirm;
    TakeOver take_over;
    EnvironmentArguments environment;
    std::string format = "text";
};

// A run, and its plan with the steps of the rollback in place of its own.
struct Preview {
    std::unique_ptr<RunInput> input;
    program::Plan steps;
    view::Rollback rollback;
    view::UsualDurations usual;
};

// A plan of the rollback's steps: so it is shown by what shows plans.
base::Result<Preview> preview_of(const ports::Store& store, const ports::RunRow& row, std::unique_ptr<RunInput> input,
                                 const std::string& back_to) {
    base::Result<engine::RollbackPreview> seen = engine::preview_rollback(store, row.id, back_to);
    if (!seen) return std::move(seen).error();
    Preview preview{.input = std::move(input)};
    preview.steps = preview.input->plan;
    preview.steps.graph = std::move(seen->graph);
    preview.steps.guards = std::move(seen->guards);
    preview.rollback = {.run = row.id,
                        .has_begun = seen->has_begun,
                        .no_return = std::move(seen->no_return),
                        .back_to = std::move(seen->back_to),
                        .stays = std::move(seen->stays)};
    if (base::Result<view::UsualDurations> usual = engine::usual_durations(store, row.plan); usual.ok())
        preview.usual = std::move(*usual);
    return preview;
}

// The arguments of a step by name, as people read them; secrets are left out. The codec gives a node as many as its
// action has parameters.
nlohmann::ordered_json arguments_json(const program::Node& node, const program::Plan& plan) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    const auto action = plan.actions.find(node.action);
    if (action == plan.actions.end()) return json;
    const program::PlanNames names(plan);
    for (std::size_t i = 0; i < node.with.size(); ++i) {
        const program::Action::Parameter& parameter = action->second.parameters[i];
        if (!node.with[i] || parameter.type.category == program::Type::Category::secret) continue;
        const std::string* const text = node.with[i]->value.as_string();
        json[parameter.name] = text ? *text : program::to_text(*node.with[i], names);
    }
    return json;
}

// Joins are left out: they are no step to people. `stays` is there only where a step was named to which it goes back.
std::string preview_json(const Preview& preview) {
    const program::Plan& plan = preview.steps;
    nlohmann::ordered_json json = {{"format", "pvsplan.rollback/1"},
                                   {"run", preview.rollback.run},
                                   {"has_begun", preview.rollback.has_begun},
                                   {"steps", nlohmann::ordered_json::array()},
                                   {"no_return", nlohmann::ordered_json::array()}};
    for (const program::Node& node : plan.graph.nodes) {
        if (node.type == program::Node::Type::join) continue;
        nlohmann::ordered_json step = {{"step", node.id}, {"action", node.action}};
        if (node.on) step["on"] = plan.objects[node.on.index()].id;
        if (auto arguments = arguments_json(node, plan); !arguments.empty()) step["with"] = std::move(arguments);
        json["steps"].push_back(std::move(step));
    }
    if (!preview.rollback.back_to.empty()) {
        json["back_to"] = preview.rollback.back_to;
        json["stays"] = preview.rollback.stays;
    }
    for (const program::NoReturn& one : preview.rollback.no_return)
        json["no_return"].push_back({{"step", one.node}, {"why", one.why}, {"stays", one.stays}});
    return diag::printed_json(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + "\n";
}

// A run that was rolled back has nothing that could be undone, unless it went back to a step only; nor has one that was
// given up.
bool can_be_undone(const ports::RunRow& row, const Preview& preview) {
    if (!engine::is_over(row) || row.outcome == engine::name_of(engine::Outcome::done)) return true;
    const std::vector<program::Node>& left = preview.steps.graph.nodes;
    return row.outcome == engine::name_of(engine::Outcome::rolled_back) &&
           std::any_of(left.begin(), left.end(),
                       [](const program::Node& node) { return node.type != program::Node::Type::join; });
}

// What is shown was derived from the journal as it was read; what runs is derived anew by the engine once it has the
// lease. The store is closed in between, while a person reads. A run that is over already goes on to the engine, which
// says how it ended.
Exit roll_back(Session& session, const RollbackArguments& arguments) {
    if (const std::optional<Exit> exit = refuse_archive(session, arguments.run)) return *exit;
    base::Result<std::unique_ptr<const ports::Store>> store = open_store_to_read(session);
    if (!store) return complain(session, store.error(), Exit::wrong);
    const std::variant<ports::RunRow, Exit> found_run = named_run(session, **store, arguments.run);
    if (const Exit* exit = std::get_if<Exit>(&found_run)) return *exit;
    const ports::RunRow* const row = std::get_if<ports::RunRow>(&found_run);
    base::Result<std::unique_ptr<RunInput>> input = read_run_input(**store, *row);
    if (!input) return complain(session, input.error(), Exit::wrong);
    base::Result<std::string> back_to = step_of((*input)->plan, "--to", arguments.back_to);
    if (!back_to) return complain(session, back_to.error(), Exit::usage);
    const base::Result<Preview> preview = preview_of(**store, *row, std::move(*input), *back_to);
    if (!preview) return complain(session, preview.error(), back_to->empty() ? Exit::wrong : Exit::usage);
    store = std::unique_ptr<const ports::Store>();
    const view::Shows shows = arguments.all ? view::Shows::everything : view::Shows::digest;
    if (arguments.is_preview) {
        if (!can_be_undone(*row, *preview))
            return complain(session, "the run " + row->id + " is " + row->outcome + ": nothing is left to undo",
                            Exit::wrong);
        session.out.write(arguments.format == "json" ? preview_json(*preview)
                                                     : view::rollback_text(preview->steps, preview->rollback,
                                                                           session.out, shows, preview->usual));
        return Exit::done;
    }
    say_which(session, arguments.run, *row);
    if (can_be_undone(*row, *preview)) {
        if (arguments.format == "text")
            session.err.write(
                view::rollback_text(preview->steps, preview->rollback, session.err, shows, preview->usual) + "\n");
        if (const Exit exit = confirm(session, preview->input->plan, arguments.confirm, Wish::undo); exit != Exit::done)
            return exit;
    }
    const GoOnArguments how{arguments.environment, arguments.take_over, arguments.format};
    return go_on_with(
        session, *preview->input, how,
        [&](const engine::Environment& environment, const std::string& run, const engine::Options& options,
            engine::Observer& view) {
            return engine::rollback(environment, run, {arguments.take_over.because, *back_to}, options, view);
        });
}

}  // namespace

Command rollback_command() {
    auto arguments = std::make_shared<RollbackArguments>();
    Command command{.name = "rollback",
                    .group = Command::Group::run,
                    .summary = "Undo what a run did, in reverse",
                    .description =
                        "Shows what it will do, and asks. Undoes exactly the steps that finished or may have begun, "
                        "in the reverse of the order in which they ran, or by `recover` where the plan has it. A "
                        "point of no return stops it.",
                    .options = {run_option(&arguments->run)},
                    .run = [arguments](Session& session) { return roll_back(session, *arguments); }};
    command.options.push_back({"--to",
                               "STEP",
                               "Undo only what ran from this step, or group of steps, on; the rest stays until the run "
                               "is rolled back further",
                               &arguments->back_to,
                               {},
                               {},
                               Option::Completes::steps});
    command.options.push_back({"--preview", "", "Only show what it would do", &arguments->is_preview});
    command.options.push_back({"--all", "", "Show every iteration of a loop", &arguments->all});
    command.options.push_back(confirm_option(&arguments->confirm));
    add_take_over(command.options, arguments->take_over);
    add_environment_options(command.options, arguments->environment);
    command.options.push_back(
        Option::format("How to tell the progress, or to print what it would do", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli
