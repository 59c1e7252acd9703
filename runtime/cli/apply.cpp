#include <algorithm>
#include <memory>
#include <set>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/cli/changed_sources.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/confirm.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/follow.hpp"
#include "runtime/cli/observation.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/plan_input.hpp"
#include "runtime/view/show_text.hpp"
#include "runtime/view/table.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

struct ApplyArguments {
    std::string plan;
    CompileArguments compile;
    EnvironmentArguments environment;
    std::string confirm;
    TakeOver take_over;
    bool again = false;
    std::string until;
    std::string format = "text";
};

// True: every object answered. A farm of which one object did not is not run on, since what is not known of it would be
// taken from the farm file. Many that are away mostly have one cause, a network or a key, so that more than a few are
// told by cause and not one by one.
bool report_unseen(Session& session, const program::Plan& plan, const std::vector<engine::ObservedObject>& observed) {
    const auto away = static_cast<std::size_t>(std::count_if(observed.begin(), observed.end(), is_away));
    if (away > told_singly) {
        base::Error error{"cannot observe " + std::to_string(away) + " of " + base::counted(observed.size(), "object")};
        for (const Cause& cause : causes(plan, observed)) {
            error.causes.push_back(std::to_string(cause.objects.size()) + ": " + cause.why + " (" +
                                   base::joined(cause.objects) + ")");
        }
        return complain(session, error, Exit::wrong) == Exit::done;
    }
    bool all_seen = true;
    for (const engine::ObservedObject& one : observed) {
        if (!is_away(one)) continue;
        all_seen = false;
        complain(session, base::Error{"cannot observe " + plan.objects[one.object.index()].id, {one.error}},
                 Exit::wrong);
    }
    return all_seen;
}

// Tells which states come from the farm file because no observation reports them. Such a state is no error: the plan is
// proved for what the file says, and whoever confirms reads here how far that goes.
void report_untold(Session& session, const program::Plan& plan, const std::vector<engine::ObservedObject>& observed) {
    static constexpr std::size_t max_named = 10;
    const std::vector<Unseen> all = unseen(plan, observed);
    for (std::size_t i = 0; i < std::min(all.size(), max_named); ++i)
        say(session, "not observed: " + all[i].object + ": " + base::joined(all[i].attributes) +
                         (all[i].expected.empty() ? "" : "; taken from the farm file, which says " + all[i].expected));
    if (all.size() > max_named)
        say(session, "not observed: states of " + base::counted(all.size() - max_named, "more object"));
}

// Who may approve is looked up where somebody approves, which may be another machine: here it is only said.
void say_who_is_asked(Session& session, const program::Plan& plan) {
    ports::SystemAccounts accounts;
    std::set<std::string> asked(plan.approvers.begin(), plan.approvers.end());
    for (const program::Node& node : plan.graph.nodes)
        if (node.approvers) asked.insert(node.approvers->by.begin(), node.approvers->by.end());
    for (const std::string& name : asked)
        if (accounts.match(name) == ports::Accounts::Match::unknown)
            say(session, "`" + name + "` may approve, and this machine knows no user and no group of that name");
}

constexpr std::size_t told_differences = 10;

// The plan was fine for what the farm file says, and is not for what was observed. So the farm is blamed: in what it is
// otherwise, and what comes of that. Findings would point at a plan in which nothing is to be repaired.
void blame_farm(Session& session, const program::Plan& plan, const compiler::Compilation& c,
                const std::vector<Difference>& found) {
    constexpr std::size_t told_findings = 3;
    const Stream& err = session.err;
    err.write("\n" +
              inked(err,
                    "the plan is fine; the farm is not as it expects: " + base::counted(found.size(), "difference"),
                    Ink::bold) +
              "\n");
    view::Table table({"object", "state", "expected", "observed"});
    for (std::size_t i = 0; i < std::min(found.size(), 2 * told_differences); ++i)
        table.add({found[i].object, found[i].attribute, found[i].expected, found[i].found});
    err.write(table.text(err));
    if (found.size() > 2 * told_differences)
        err.write("and " + std::to_string(found.size() - 2 * told_differences) + " more; `pvsplan observe` has all\n");
    err.write("\n");
    base::Error error{"on the farm as it is the plan cannot run"};
    std::size_t more = 0;
    for (const diag::Diagnostic& one : c.sink.all()) {
        if (one.severity != diag::Severity::error || one.is_consequence) continue;
        if (error.causes.size() < told_findings)
            error.causes.push_back(one.message);
        else
            ++more;
    }
    if (more > 0) error.causes.push_back(std::to_string(more) + " more");
    complain(session, error, Exit::does_not_compile);
    const bool is_simulated = program::simulated_part(plan) == program::Simulated::all;
    const std::string right = is_simulated ? "`pvsplan simulate --reset` puts a simulated farm right; where"
                                           : "put the farm right; or, where";
    say(session, right +
                     " it is meant to be as it is, write that into the farm file, and `pvsplan validate` shows "
                     "each place in the plan");
}

// Compiles a plan in YAML again, with what was observed. Where nothing differs, findings are those of the plan itself
// and are printed as `validate` prints them.
std::variant<PlanInput, NoPlan> compile_observed(Session& session, const ApplyArguments& arguments,
                                                 const program::Plan& plan,
                                                 const std::vector<engine::ObservedObject>& observed) {
    const std::vector<Difference> found = differences(plan, observed);
    base::Result<Compiled> compiled = compile(session, arguments.plan, arguments.compile, states_of(plan, observed));
    if (!compiled) return NoPlan{complain(session, compiled.error(), Exit::usage)};
    if (!found.empty() && !compiled->compilation->ok()) {
        blame_farm(session, plan, *compiled->compilation, found);
        return NoPlan{Exit::does_not_compile};
    }
    for (std::size_t i = 0; i < std::min(found.size(), told_differences); ++i)
        say(session, "observed " + text_of(found[i]));
    if (found.size() > told_differences)
        say(session, "observed " + std::to_string(found.size() - told_differences) + " more differences");
    return plan_of(session, arguments.plan, with_repairs(std::move(*compiled)));
}

// A plan in YAML is compiled again with what was observed; a compiled one runs as it is or not at all. Whoever reviewed
// a compiled plan did so for the states that are in it, so that on another farm it is not compiled for them silently.
std::variant<PlanInput, NoPlan> reconcile(Session& session, const ApplyArguments& arguments, PlanInput input,
                                          const std::vector<engine::ObservedObject>& observed) {
    if (!input.is_file) return compile_observed(session, arguments, input.plan, observed);
    const std::vector<Difference> found = differences(input.plan, observed);
    if (found.empty()) return input;
    base::Error error{"the farm is not what `" + arguments.plan + "` was compiled for; compile it again"};
    for (const Difference& difference : found) error.causes.push_back(text_of(difference));
    return NoPlan{complain(session, error, Exit::stale)};
}

// The run that is done once more with `--again`: empty without it, nothing after an error was told. A run with another
// end has no second one: earlier_run refuses it, and says what that run was.
std::optional<std::string> again_after(Session& session, const ApplyArguments& arguments, const ports::Runs& runs,
                                       const PlanInput& input) {
    if (!arguments.again) return "";
    if (!input.is_file) {
        complain(session, "`--again` is for a compiled plan; one in YAML is compiled each time", Exit::usage);
        return std::nullopt;
    }
    const base::Result<std::optional<ports::PlanRun>> last = runs.last_run_of(input.plan.digest);
    if (!last) {
        complain(session, last.error(), Exit::wrong);
        return std::nullopt;
    }
    if (!*last || (*last)->outcome != engine::name_of(engine::Outcome::rolled_back)) return "";
    return (*last)->id;
}

// The farm as it is before the plan is compiled against it.
struct Look {
    std::string again;      // the run after whose rollback the compiled plan is done once more, or ""
    engine::FarmRuns runs;  // until then
    std::vector<engine::ObservedObject> observed;
};

// Observes the farm of the plan, unless there is nothing to begin: the exit status says why. The order is that of the
// cost to others: the store is asked first, then secrets are read, then hosts are connected to. What refuses the run
// without a host comes before all hosts. The runs of the farm are counted before it is observed, so that whatever runs
// meanwhile is noticed by engine::start.
std::variant<Look, Exit> look_at_farm(Session& session, const ApplyArguments& arguments, const PlanInput& input,
                                      const StorePlace& place) {
    const program::Plan& before = input.plan;
    const base::Result<std::unique_ptr<OpenEnvironment>> open =
        open_environment(session, place, before, arguments.environment);
    if (!open) return complain(session, open.error(), Exit::wrong);
    const engine::Environment& parts = (*open)->environment();
    // The caller's mistake is the only one that a plan in YAML can have here; of a compiled one the store could not be
    // read.
    const std::optional<std::string> again = again_after(session, arguments, *parts.store, input);
    if (!again) return input.is_file ? Exit::wrong : Exit::usage;
    if (input.is_file && again->empty())
        if (const auto earlier = engine::earlier_run(*parts.store, before))
            return static_cast<Exit>(conclude(session, *earlier, arguments.format));
    if (const auto halted = engine::held_by_run(*parts.store, before.farm))
        return static_cast<Exit>(conclude(session, *halted, arguments.format));
    if (base::Status known = engine::check_secrets(parts, before); !known)
        return complain_of_secret(session, parts, known.error());
    if (input.is_file) say_what_changed(session, input.project, arguments.plan, before);
    if (!session.store_hint.empty()) say(session, "the run is kept in `" + place.file + "`");
    say(session, "observing " + base::counted(before.objects.size(), "object") + " of the farm " + before.farm);
    base::Result<engine::FarmRuns> runs = engine::runs_of_farm(*parts.store, before.farm);
    if (!runs) return complain(session, runs.error(), Exit::wrong);
    Look look{.again = *again, .runs = std::move(*runs), .observed = {}};
    {
        ObservationLine line(session, before);
        look.observed = engine::observe(
            parts, before,
            {.max_parallel = arguments.environment.max_parallel, .observe_patience_ms = look_patience_ms}, line.told());
    }
    if (const ports::Signals& signals = *parts.signals; signals.count() > 0) {
        const engine::Ended ended{.outcome = engine::Outcome::interrupted, .signal = signals.number()};
        return complain(session, "interrupted; nothing was done", static_cast<Exit>(engine::exit_status(ended)));
    }
    if (!report_unseen(session, before, look.observed)) return Exit::wrong;
    report_untold(session, before, look.observed);
    return look;
}

// The environment is opened anew for the plan that was compiled with what was observed: its objects, and so its
// transports and secrets, are those of that plan. `use: single` makes the store refuse a second run of the same
// compiled file, also when two processes begin it at once.
Exit run_plan(Session& session, const ApplyArguments& arguments, const PlanInput& input, const StorePlace& place,
              const Look& look) {
    base::Result<std::unique_ptr<OpenEnvironment>> environment =
        open_environment(session, place, input.plan, arguments.environment);
    if (!environment) return complain(session, environment.error(), Exit::wrong);
    base::Result<std::string> until = step_of(input.plan, "--until", arguments.until);
    if (!until) return complain(session, until.error(), Exit::usage);
    const FollowArguments how{
        .format = arguments.format,
        .max_parallel = arguments.environment.max_parallel,
        .in_real_time = arguments.environment.in_real_time,
        .use = input.is_file && look.again.empty() ? ports::Runs::Use::single : ports::Runs::Use::many,
        .again = look.again,
        .until = std::move(*until),
        .plan = input.plan.name,
        .compiled = &input.plan};
    const base::Result<engine::Environment> taken = taking_over((*environment)->environment(), arguments.take_over);
    if (!taken) return complain(session, taken.error(), Exit::usage);
    const engine::Environment& parts = *taken;
    // Refused where a run has got further on this farm since it was observed: what was shown and proved would be of
    // another farm.
    return static_cast<Exit>(follow(session, parts, how, [&](engine::Options options, engine::Observer& view) {
        options.observed_after = look.runs;
        return engine::start(parts, input.plan, program::encode(input.plan), options, view);
    }));
}

// What is typed wrongly is told before a host is asked: an observation takes seconds to minutes. The plan is compiled
// twice, for its farm and then for the farm as it is, and only the second one is shown, confirmed and run.
Exit apply(Session& session, const ApplyArguments& arguments) {
    if (arguments.take_over.wanted)
        if (const auto taken = taking_over({}, arguments.take_over); !taken)
            return complain(session, taken.error(), Exit::usage);
    std::variant<PlanInput, NoPlan> first = plan_of(session, arguments.plan, arguments.compile);
    if (const auto* none = std::get_if<NoPlan>(&first)) return none->exit;
    PlanInput& input = std::get<PlanInput>(first);
    if (const base::Result<std::string> until = step_of(input.plan, "--until", arguments.until); !until)
        return complain(session, until.error(), Exit::usage);
    const base::Result<StorePlace> place = store_of(session, input.project, input.plan, input.from());
    if (!place) return complain(session, place.error(), Exit::usage);
    const std::variant<Look, Exit> looked = look_at_farm(session, arguments, input, *place);
    if (const auto* exit = std::get_if<Exit>(&looked)) return *exit;
    const Look& look = std::get<Look>(looked);

    std::variant<PlanInput, NoPlan> second = reconcile(session, arguments, std::move(input), look.observed);
    if (const auto* none = std::get_if<NoPlan>(&second)) return none->exit;
    const PlanInput& reconciled = std::get<PlanInput>(second);
    if (arguments.format == "text")
        session.err.write(view::show_text(reconciled.plan, session.err, view::Shows::digest,
                                          earlier_durations(session, reconciled, Connects::if_farm_says)) +
                          "\n");
    say_who_is_asked(session, reconciled.plan);
    if (arguments.format != "text")  // else it is in what was shown
        for (const std::string& one : view::notices(reconciled.plan)) say(session, one);
    if (const Exit exit = confirm(session, reconciled.plan, arguments.confirm, Wish::run); exit != Exit::done)
        return exit;
    return run_plan(session, arguments, reconciled, *place, look);
}

}  // namespace

Command apply_command() {
    auto arguments = std::make_shared<ApplyArguments>();
    Command command{.name = "apply",
                    .group = Command::Group::run,
                    .summary = "Run a plan: check, observe, check again, show, ask, run",
                    .description =
                        "A compiled plan runs exactly as it was reviewed, at most once, or is refused when "
                        "the farm is not what it was compiled for.",
                    .options = {Option::file("PLAN", "A plan, or a compiled plan", &arguments->plan)},
                    .run = [arguments](Session& session) { return apply(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    add_environment_options(command.options, arguments->environment);
    command.options.push_back(confirm_option(&arguments->confirm));
    command.options.push_back(
        {"--again", "", "Run a compiled plan once more whose run was rolled back", &arguments->again});
    command.options.push_back(until_option(&arguments->until));
    add_take_over(command.options, arguments->take_over);
    command.options.push_back(Option::format("How to tell the progress", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli
