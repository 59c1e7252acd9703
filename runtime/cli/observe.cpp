#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/diag/display.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/farm_input.hpp"
#include "runtime/cli/observation.hpp"
#include "runtime/view/table.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

struct ObserveArguments {
    std::string farm;
    std::string format = "text";
    EnvironmentArguments environment;
};

using Observed = std::vector<engine::ObservedObject>;

// What was not seen is listed by itself (`unobserved`, `away`): a program that reads `differences` alone must not take
// an empty list for a farm that is fine.
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
    nlohmann::ordered_json silent = nlohmann::ordered_json::array();
    for (const Unseen& one : unseen(plan, observed))
        for (const std::string& attribute : one.attributes)
            silent.push_back({{"object", one.object}, {"attribute", attribute}});
    nlohmann::ordered_json away = nlohmann::ordered_json::array();
    for (const Cause& cause : causes(plan, observed)) away.push_back({{"why", cause.why}, {"objects", cause.objects}});
    const nlohmann::ordered_json all = {{"format", "pvsplan.observe/1"},
                                        {"farm", plan.farm},
                                        {"simulated", program::simulated_word(plan)},
                                        {"objects", objects},
                                        {"differences", differing},
                                        {"unobserved", silent},
                                        {"away", away}};
    return diag::printed_json(all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + "\n";
}

// Also what nobody has seen, with what the farm file says of it: a table without it would read as if it were so.
std::string row_of(const program::Plan& plan, const engine::ObservedObject& one) {
    const program::PlanNames names(plan);
    const program::Object& object = plan.objects[one.object.index()];
    if (!one.error.empty()) return "not observed: " + one.error;
    std::string text;
    for (const auto& [attribute, value] : one.state) {
        if (value.is_none()) continue;
        base::append(text, ", ", attribute + " = " + program::to_text(value, names));
        const auto expected = object.state.find(attribute);
        if (expected != object.state.end() && !(expected->second == value))
            text += " (the farm file says " + program::to_text(expected->second, names) + ")";
    }
    const std::vector<Unseen> silent = unseen(plan, {one});
    if (silent.empty()) return text.empty() ? "nothing to observe" : text;
    const bool has_witness = plan.kinds.at(object.kind).observe.type != program::Body::Type::none;
    return text + (text.empty() ? "" : ", ") + "not observed: " + base::joined(silent[0].attributes) +
           (silent[0].expected.empty() ? "" : " (the farm file says " + silent[0].expected + ")") +
           (has_witness ? "" : ", a " + object.kind + " has no `observe`");
}

// "3 objects, all as the farm file says" only where that was seen.
std::string summary(const program::Plan& plan, const Observed& observed) {
    // Objects without any state to observe say nothing of the farm.
    std::size_t states = 0;
    std::size_t failed = 0;
    for (const engine::ObservedObject& one : observed) {
        states += one.state.size();
        failed += one.error.empty() ? 0 : 1;
    }
    std::size_t silent = 0;
    for (const Unseen& one : unseen(plan, observed)) silent += one.attributes.size();
    const std::size_t differing = differences(plan, observed).size();
    std::string text = base::counted(observed.size(), "object") + ", ";
    if (states == 0 && failed + silent > 0)
        text += "nothing was observed";
    else if (differing > 0)
        text += base::counted(differing, "difference") + " from the farm file";
    else
        text += failed + silent == 0 ? "all as the farm file says" : "what was observed is as the farm file says";
    if (failed > 0) text += ", " + base::counted(failed, "object") + " not observed";
    if (silent > 0) text += ", " + base::counted(silent, "state") + " not observed";
    return text;
}

// By cause, with all their names: what could not be seen has to be found, too.
void print_away(Session& session, const std::vector<Cause>& away) {
    view::Table table({"not observed", "why, and which"});
    for (const Cause& cause : away) {
        table.add({std::to_string(cause.objects.size()), cause.why});
        table.add({"", base::joined(cause.objects)});
    }
    session.out.write("\n" + table.text(session.out));
}

// Objects that are away for one reason stand below it, if they are many; the summary counts every object.
void print(Session& session, const program::Plan& plan, const Observed& observed) {
    view::Table table({"object", "state"});
    const bool is_partly = program::simulated_part(plan) == program::Simulated::some;
    const bool by_cause = std::count_if(observed.begin(), observed.end(), is_away) > std::ptrdiff_t{told_singly};
    for (const engine::ObservedObject& one : observed) {
        if (by_cause && is_away(one)) continue;
        const program::Object& object = plan.objects[one.object.index()];
        table.add({object.id, row_of(plan, one) + (is_partly && program::is_simulated(object) ? " (simulated)" : "")});
    }
    session.out.write(table.text(session.out));
    if (by_cause) print_away(session, causes(plan, observed));
    session.out.write("\n" + summary(plan, observed) + "\n");
    if (const std::string simulated = program::simulated_text(plan); !simulated.empty())
        session.out.write(inked(session.out, simulated, Ink::yellow) + "\n");
}

// The status is that of the worst: an object that cannot be observed (1) goes before one of which not all is known (6).
// A difference is no error: it is what the command was asked for.
Exit observe(Session& session, const ObserveArguments& arguments) {
    const std::variant<FarmInput, Exit> input = farm_of(session, arguments.farm);
    if (const auto* exit = std::get_if<Exit>(&input)) return *exit;
    const program::Plan& plan = std::get<FarmInput>(input).plan;
    const StorePlace& place = std::get<FarmInput>(input).place;
    base::Result<std::unique_ptr<OpenEnvironment>> environment =
        open_environment(session, place, plan, arguments.environment);
    if (!environment) return complain(session, environment.error(), Exit::wrong);
    if (base::Status known = engine::check_secrets((*environment)->environment(), plan); !known)
        return complain_of_secret(session, (*environment)->environment(), known.error());
    const Observed observed = [&] {
        ObservationLine line(session, plan);
        return engine::observe(
            (*environment)->environment(), plan,
            {.max_parallel = arguments.environment.max_parallel, .observe_patience_ms = look_patience_ms}, line.told());
    }();
    if (const ports::Signals& signals = *(*environment)->environment().signals; signals.count() > 0) {
        const engine::Ended ended{.outcome = engine::Outcome::interrupted, .signal = signals.number()};
        return complain(session, "interrupted; not all was observed", static_cast<Exit>(engine::exit_status(ended)));
    }
    if (arguments.format == "json") {
        session.out.write(observed_json(plan, observed));
    } else {
        print(session, plan, observed);
    }
    const bool all_answer =
        std::all_of(observed.begin(), observed.end(), [](const auto& o) { return o.error.empty(); });
    if (!all_answer) return Exit::wrong;
    return unseen(plan, observed).empty() ? Exit::done : Exit::in_doubt;
}

}  // namespace

Command observe_command() {
    auto arguments = std::make_shared<ObserveArguments>();
    Command command{
        .name = "observe",
        .group = Command::Group::look,
        .summary = "Read the state of every object, and where it is not what the farm file says",
        .description =
            "Changes nothing. A host that is away is tried for ten seconds, beside the others. Exits with 1 when an "
            "object cannot be observed, and with 6 when one was whose observation does not tell all of its states.",
        .options = {{"FARM",
                     "",
                     "The file of the farm",
                     &arguments->farm,
                     Option::Presence::required,
                     {},
                     Option::Completes::files}},
        .run = [arguments](Session& session) { return observe(session, *arguments); }};
    command.options.push_back(Option::count("--max-parallel", "N",
                                            "How many objects are observed at once (default: 64)",
                                            &arguments->environment.max_parallel));
    command.options.push_back(Option::format("How to print", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli
