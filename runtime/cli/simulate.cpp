#include <algorithm>
#include <memory>

#include "compiler/diag/display.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/farm_input.hpp"
#include "runtime/cli/follow.hpp"
#include "runtime/cli/observation.hpp"
#include "runtime/view/table.hpp"

namespace pvsplan::cli {
namespace {

struct SimulateArguments {
    std::string farm;
    bool is_reset = false;
};

std::vector<engine::ObservedObject> observe_simulated(const engine::Environment& environment,
                                                      const program::Plan& plan) {
    std::vector<program::ObjectId> simulated;
    for (std::size_t i = 0; i < plan.objects.size(); ++i)
        if (program::is_simulated(plan.objects[i])) simulated.emplace_back(i);
    return engine::observe(environment, plan, {}, simulated);
}

// Observed before it is reset, to say what was put back; what cannot be read is not overwritten, since nobody could say
// what was lost.
Exit simulate(Session& session, const SimulateArguments& arguments) {
    if (!arguments.is_reset)
        return complain(session,
                        "say what to do with the simulated farm: `--reset` puts it back to what its file says, and "
                        "`pvsplan observe` shows how it is",
                        Exit::usage);
    const std::variant<FarmInput, Exit> input = farm_of(session, arguments.farm);
    if (const auto* exit = std::get_if<Exit>(&input)) return *exit;
    const program::Plan& plan = std::get<FarmInput>(input).plan;
    const StorePlace& place = std::get<FarmInput>(input).place;
    if (program::simulated_part(plan) == program::Simulated::nothing)
        return complain(session, "no object of the farm " + plan.farm + " is simulated", Exit::usage);
    const base::Result<std::unique_ptr<OpenEnvironment>> environment = open_environment(session, place, plan, {});
    if (!environment) return complain(session, environment.error(), Exit::wrong);
    const std::vector<engine::ObservedObject> observed = observe_simulated((*environment)->environment(), plan);
    if (const auto away = std::find_if(observed.begin(), observed.end(), is_away); away != observed.end())
        return complain(session, base::Error{"nothing was put back: how the farm is cannot be read", {away->error}},
                        Exit::wrong);
    const std::vector<Difference> changed = differences(plan, observed);
    const engine::Ended ended = engine::reset_simulated((*environment)->environment(), plan.farm);
    if (ended.outcome != engine::Outcome::done) return static_cast<Exit>(conclude(session, ended, "text"));
    view::Table table({"object", "state", "is again", "was"});
    for (const Difference& one : changed) table.add({one.object, one.attribute, one.expected, one.found});
    if (!changed.empty()) session.out.write(table.text(session.out) + "\n");
    session.out.write(diag::harmless("the simulated farm " + plan.farm + " is as its file says") + "\n");
    return Exit::done;
}

}  // namespace

Command simulate_command() {
    auto arguments = std::make_shared<SimulateArguments>();
    return {.name = "simulate",
            .group = Command::Group::run,
            .summary = "Put a simulated farm back to what its file says",
            .description =
                "What runs have done to the simulated objects of a farm is kept beside the runs, so that "
                "one run goes on from another. Refused while a run is not over; hosts are never touched.",
            .options = {{"--reset", "", "Put all simulated objects back", &arguments->is_reset},
                        {"FARM",
                         "",
                         "The file of the farm",
                         &arguments->farm,
                         Option::Presence::required,
                         {},
                         Option::Completes::files}},
            .run = [arguments](Session& session) { return simulate(session, *arguments); }};
}

}  // namespace pvsplan::cli
