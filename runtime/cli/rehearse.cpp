#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "compiler/base/counted.hpp"
#include "compiler/base/near.hpp"
#include "compiler/base/shell_word.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/plan_input.hpp"
#include "runtime/rehearsal/rehearsal.hpp"
#include "runtime/view/step_names.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

using rehearsal::Scenario;
using Problems = std::vector<std::optional<std::string>>;

struct RehearseArguments {
    std::string plan;
    CompileArguments compile;
    std::uint32_t runs = 50;
    std::uint32_t seed = 1;
    std::string only;
    std::string format = "text";
};

// Whatever decides which scenarios there are is in the command: random ones depend on seed and number.
std::string repeating(const RehearseArguments& arguments, const Scenario& scenario) {
    std::string command = "pvsplan rehearse " + base::shell_word(arguments.plan);
    const auto add = [&](const std::string& option, const std::string& value) {
        command += " " + option + " " + base::shell_word(value);
    };
    if (!arguments.compile.farm.empty()) add("--farm", arguments.compile.farm);
    if (!arguments.compile.parameters_file.empty()) add("--parameters", arguments.compile.parameters_file);
    for (const std::string& set : arguments.compile.parameters) add("--set", set);
    for (const std::string& secret : arguments.compile.secrets) add("--secret", secret);
    for (const std::string& policy : arguments.compile.policies) add("--policy", policy);
    if (scenario.name.starts_with("random"))
        command += " --seed " + std::to_string(arguments.seed) + " --runs " + std::to_string(arguments.runs);
    add("--only", scenario.name);
    return command;
}

// With the nearest name, else with any, to show what names look like.
std::string no_scenario(const std::vector<std::string>& names, const std::string& typed) {
    const std::optional<std::string> near = base::nearest(typed, names);
    const std::string example = names.empty() ? "" : "; one of them is `" + names.front() + "`";
    return "there is no scenario `" + typed + "`" + (near ? "; did you mean `" + *near + "`?" : example);
}

// The scenarios that are meant: one by its name, or all failures of a step or of a group ("first.install", "7",
// "fail 7:halfway", "rest:after"). The name of a scenario goes before that of a step. A group may hold steps without a
// command (a join, an approval), which have no failure.
base::Result<std::vector<Scenario>> only(const program::Plan& plan, std::vector<Scenario> all,
                                         const std::string& typed) {
    std::vector<Scenario> found;
    for (const Scenario& scenario : all)
        if (scenario.name == typed) return std::vector<Scenario>{scenario};
    std::string step = typed.starts_with("fail ") ? typed.substr(5) : typed;
    std::string when;
    for (const char* const word : {":before", ":halfway", ":after"})
        if (step.ends_with(word)) when = word, step.resize(step.size() - when.size());
    const bool is_other = step.starts_with("die") || step.starts_with("random");
    const view::StepNames names(plan);
    const base::Result<std::vector<std::uint32_t>> steps = names.find(step);
    if (!steps) {
        std::vector<std::string> scenario_names;
        for (const Scenario& scenario : all) scenario_names.push_back(scenario.name);
        if (is_other || (!typed.starts_with("fail ") && base::nearest(typed, scenario_names)))
            return base::Error{no_scenario(scenario_names, typed)};
        return steps.error();
    }
    std::set<std::string> wanted;
    for (const std::uint32_t node : *steps)
        for (const char* const word : {":before", ":halfway", ":after"})
            if (when.empty() || when == word) wanted.insert("fail " + names.path(node) + word);
    for (Scenario& scenario : all)
        if (wanted.contains(scenario.name)) found.push_back(std::move(scenario));
    if (found.empty()) return base::Error{"`" + step + "` has no command that could fail"};
    return found;
}

// The name of a scenario is what --only takes.
void print_json(Session& session, const std::vector<Scenario>& all, const Problems& wrong) {
    nlohmann::ordered_json failures = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < all.size(); ++i)
        if (wrong[i]) failures.push_back({{"scenario", all[i].name}, {"problem", *wrong[i]}});
    const nlohmann::ordered_json json = {
        {"format", "pvsplan.rehearse/1"}, {"scenarios", all.size()}, {"failures", failures}};
    session.out.write(diag::printed_json(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) +
                      "\n");
}

// Each failure has the command that shows it again. What is neither a failure nor a death of the process is random, by
// the names of rehearsal::scenarios.
void print(Session& session, const RehearseArguments& arguments, const std::vector<Scenario>& all,
           const Problems& wrong) {
    std::uint64_t faults = 0;
    std::uint64_t deaths = 0;
    std::uint64_t failures = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        faults += all[i].name.starts_with("fail ") ? 1 : 0;
        deaths += all[i].name.starts_with("die ") ? 1 : 0;
        if (!wrong[i]) continue;
        ++failures;
        session.out.write(inked(session.out, diag::harmless(all[i].name), Ink::red) + ": " + diag::harmless(*wrong[i]) +
                          "\n    $ " + diag::harmless(repeating(arguments, all[i])) + "\n");
    }
    session.out.write(base::counted(all.size(), "scenario") + ": " + base::counted(faults, "failure") +
                      " of a step rolled back,\n  " + base::counted(deaths, "death") + " of the process resumed, " +
                      std::to_string(all.size() - faults - deaths) + " at random\n");
    session.out.write(failures == 0 ? inked(session.out, "ok", Ink::green) + ": every one ended as it should\n"
                                    : inked(session.out, "not ok", Ink::red) + ": " + std::to_string(failures) +
                                          " did not end as they should\n");
}

// Every object is made simulated first, so that no transport to a host comes to be, whatever the farm says.
Exit rehearse_plan(Session& session, const RehearseArguments& arguments) {
    std::variant<PlanInput, NoPlan> input = plan_of(session, arguments.plan, arguments.compile);
    if (const auto* none = std::get_if<NoPlan>(&input)) return none->exit;
    const program::Plan plan = rehearsal::simulated(std::move(std::get<PlanInput>(input).plan));
    std::vector<Scenario> all = rehearsal::scenarios(plan, arguments.runs, arguments.seed);
    if (!arguments.only.empty()) {
        base::Result<std::vector<Scenario>> some = only(plan, std::move(all), arguments.only);
        if (!some) return complain(session, some.error(), Exit::usage);
        all = std::move(*some);
    }
    const Problems wrong = rehearsal::rehearse_all(plan, all);
    arguments.format == "json" ? print_json(session, all, wrong) : print(session, arguments, all, wrong);
    const bool is_good = std::none_of(wrong.begin(), wrong.end(), [](const auto& one) { return one.has_value(); });
    return is_good ? Exit::done : Exit::wrong;
}

}  // namespace

Command rehearse_command() {
    auto arguments = std::make_shared<RehearseArguments>();
    Command command{.name = "rehearse",
                    .group = Command::Group::look,
                    .summary = "Run a plan on the simulated farm once for every way that it can fail",
                    .description =
                        "Every step fails before, halfway through and after its effect, and the run is rolled "
                        "back: every object has to be as it was. The process dies after every write of the "
                        "journal and is resumed: it has to end like a run that was never interrupted, no step done "
                        "twice. Then several at once, at random. Nothing real is touched.",
                    .options = {Option::file("PLAN", "A plan, or a compiled plan", &arguments->plan)},
                    .run = [arguments](Session& session) { return rehearse_plan(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    command.options.push_back({"--runs", "N", "How many random scenarios (default: 50)", &arguments->runs});
    command.options.push_back({"--seed", "N", "Which ones (default: 1)", &arguments->seed});
    command.options.push_back(
        {"--only",
         "SCENARIO",
         "Only this one (`fail first.stop:halfway`, `die 17`), or the failures of a step or a group, "
         "by name or by its number in `show`",
         &arguments->only,
         {},
         {},
         Option::Completes::steps_of_plan});
    command.options.push_back(Option::format("How to print", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli
