#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "compiler/base/files.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/observation.hpp"
#include "runtime/cli/table.hpp"
#include "runtime/cli/verdict_text.hpp"
#include "runtime/cli/world.hpp"

namespace pvsplan::cli {
namespace {

struct Arguments {
    std::string farm;
    std::string format = "text";
    WorldArguments world;
};

using Observed = std::vector<engine::ObservedObject>;

std::string observed_json(const program::Plan& plan, const Observed& observed) {
    const program::PlanNames names(plan);
    nlohmann::ordered_json objects = nlohmann::ordered_json::array();
    for (const engine::ObservedObject& one : observed) {
        const program::Object& object = plan.objects[one.object.index()];
        nlohmann::ordered_json json = {{"id", object.id}, {"state", nlohmann::ordered_json::object()}};
        if (program::is_simulated(object)) json["simulated"] = true;
        for (const auto& [attribute, value] : one.state)
            json["state"][attribute] = nlohmann::ordered_json::parse(program::encode_value(value, names));
        if (!one.error.empty()) json["error"] = one.error;
        objects.push_back(std::move(json));
    }
    nlohmann::ordered_json differing = nlohmann::ordered_json::array();
    for (const Difference& d : differences(plan, observed))
        differing.push_back(
            {{"object", d.object}, {"attribute", d.attribute}, {"expected", d.expected}, {"found", d.found}});
    const nlohmann::ordered_json all = {{"farm", plan.farm},
                                        {"simulated", program::simulated_word(plan)},
                                        {"objects", objects},
                                        {"differences", differing}};
    return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void print(Session& session, const program::Plan& plan, const Observed& observed) {
    const program::PlanNames names(plan);
    Table table({"object", "state"});
    std::uint64_t unseen = 0;
    const bool is_partly = program::simulated_part(plan) == program::Simulated::some;
    for (const engine::ObservedObject& one : observed) {
        const program::Object& object = plan.objects[one.object.index()];
        std::string text = one.error.empty() ? "" : "not observed: " + one.error;
        unseen += one.error.empty() ? 0 : 1;
        for (const auto& [attribute, value] : one.state) {
            text += (text.empty() ? "" : ", ") + attribute + " = " + program::to_text(value, names);
            const auto expected = object.state.find(attribute);
            if (expected != object.state.end() && !(expected->second == value))
                text += " (the farm file says " + program::to_text(expected->second, names) + ")";
        }
        if (text.empty()) text = "nothing to observe";
        if (is_partly && program::is_simulated(object)) text += " (simulated)";
        table.add({object.id, text});
    }
    session.out.write(table.text(session.out));
    const std::size_t differing = differences(plan, observed).size();
    session.out.write("\n" + counted(observed.size(), "object") + ", " +
                      (differing == 0 ? std::string("all as the farm file says")
                                      : counted(differing, "difference") + " from the farm file") +
                      (unseen == 0 ? "" : ", " + std::to_string(unseen) + " not observed") + "\n");
    if (const std::string simulated = program::simulated_text(plan); !simulated.empty())
        session.out.write(inked(session.out, simulated, Ink::yellow) + "\n");
}

Exit observe(Session& session, const Arguments& arguments) {
    const base::Result<Project> project = project_of(session, arguments.farm);
    if (!project) return complain(session, project.error(), Exit::usage);
    const base::Result<std::string> farm = path_inside(*project, arguments.farm);
    if (!farm) return complain(session, farm.error(), Exit::usage);
    const auto compiled = compiler::compile_farm(base::FolderFiles(project->root), *farm);
    print_diagnostics(session.err, compiled->sources, compiled->sink, *project);
    if (compiled->sink.has_errors()) return Exit::does_not_compile;
    base::Result<std::unique_ptr<OpenWorld>> world = open_world(session, compiled->plan, arguments.world);
    if (!world) return complain(session, world.error(), Exit::wrong);
    const Observed observed =
        engine::observe((*world)->world(), compiled->plan, {.max_parallel = arguments.world.max_parallel});
    if (arguments.format == "json") {
        session.out.write(observed_json(compiled->plan, observed));
    } else {
        print(session, compiled->plan, observed);
    }
    const bool all_seen = std::all_of(observed.begin(), observed.end(), [](const auto& o) { return o.error.empty(); });
    return all_seen ? Exit::done : Exit::wrong;
}

}  // namespace

Command observe_command() {
    auto arguments = std::make_shared<Arguments>();
    Command command{.name = "observe",
                    .group = Command::Group::look,
                    .summary = "Read the state of every object, and where it is not what the farm file says",
                    .description = "Changes nothing. Exits with 1 when an object cannot be observed.",
                    .options = {{"FARM",
                                 "",
                                 "The file of the farm",
                                 &arguments->farm,
                                 Option::Is::required,
                                 {},
                                 Option::Completes::files}},
                    .run = [arguments](Session& session) { return observe(session, *arguments); }};
    command.options.push_back(
        {"--max-parallel", "N", "How many objects are observed at once (default: 64)", &arguments->world.max_parallel});
    command.options.push_back(Option::format("How to print", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli
