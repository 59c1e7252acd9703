#include "runtime/cli/environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "compiler/program/simulated.hpp"
#include "runtime/cli/claims.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/secrets.hpp"
#include "runtime/cli/transports.hpp"
#include "runtime/engine/job.hpp"
#include "runtime/notify/courier.hpp"
#include "runtime/site/site_transport.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/transport/manual.hpp"
#include "runtime/transport/simulated.hpp"
#include "runtime/view/step_names.hpp"

namespace pvsplan::cli {
namespace {

// Each part relies only on those above it, and members are destroyed in reverse order.
class RunEnvironment final : public OpenEnvironment {
  public:
    // `as_typed`: how a command for people is typed here.
    RunEnvironment(std::unique_ptr<ports::Store> store, const std::string& path,
                   std::map<std::string, std::vector<std::string>> secrets, std::unique_ptr<ports::Clock> clock,
                   std::function<std::string(const std::string&)> as_typed)
        : store_(std::move(store)),
          clock_(std::move(clock)),
          signals_(mailbox_),
          secrets_(make_secrets(std::move(secrets), [this] { return signals_.count() > 0; })),
          courier_(notify::make_courier(mailbox_, {.as_typed = std::move(as_typed)})) {
        ports::keep_memory_private();
        environment_.store = store_.get();
        environment_.clock = clock_.get();
        environment_.mailbox = &mailbox_;
        environment_.signals = &signals_;
        environment_.secrets = secrets_.get();
        environment_.me = ports::who_am_i();
        environment_.accounts = &accounts_;
        environment_.courier = courier_.get();
        environment_.owner = claim_owner(environment_.me, path, clock_->now());
        // Asked about a claim that somebody else's run has left on a host.
        environment_.is_over_elsewhere = [own = OwnStore{.name = path, .runs = store_.get()}](
                                             const std::string& run, const std::string& owner) {
            return why_over(own, run, owner);
        };
    }

    [[nodiscard]] const engine::Environment& environment() const override { return environment_; }
    ports::Store& store() { return *store_; }
    ports::Mailbox& mailbox() { return mailbox_; }
    [[nodiscard]] const ports::Clock& clock() const { return *clock_; }
    void add(const std::string& name, std::unique_ptr<ports::Transport> transport) {
        environment_.transports[name] = transports_.add(name, std::move(transport));
    }
    // By its name alone; nothing where there is none of that name.
    void add(const std::string& name) {
        if (ports::Transport* const transport = transports_.get(name)) environment_.transports[name] = transport;
    }

  private:
    std::unique_ptr<ports::Store> store_;
    std::unique_ptr<ports::Clock> clock_;
    ports::Mailbox mailbox_;
    ports::CaughtSignals signals_;
    std::unique_ptr<ports::Secrets> secrets_;
    ports::SystemAccounts accounts_;
    std::unique_ptr<ports::Courier> courier_;
    Transports transports_{mailbox_};
    engine::Environment environment_;
};

// By value: notices are sent while the session may be gone, and only its hint is needed.
std::function<std::string(const std::string&)> typed_in(const Session& session) {
    return [hint = session.store_hint](const std::string& command) {
        Session with_hint;
        with_hint.store_hint = hint;
        return with_store(with_hint, command);
    };
}

// By the names that `connect.over` has, as text or as a word of an enumeration. An object that says nothing is
// simulated; one that says something and no `over` gets a name that no transport has, and so an error that quotes it.
std::set<std::string> transports_of(const program::Plan& plan) {
    std::set<std::string> names;
    for (const program::Object& object : plan.objects) {
        const auto over = object.connect.find("over");
        const std::string* name = over == object.connect.end() ? nullptr : over->second.as_string();
        const std::string* enumerator = over == object.connect.end() ? nullptr : over->second.as_enumerator();
        const std::string missing = object.connect.empty() ? "simulated" : "nothing that it says";
        const bool is_far = !engine::site_of(object).empty();
        names.insert(is_far ? "site" : name ? *name : enumerator ? *enumerator : missing);
    }
    return names;
}

// "first.stop", "7:halfway", "undo:first.stop:after": a step of the plan by its name or number, or of its rollback, of
// which nobody knows yet what there will be. A fault of a step that does not exist would never come, and the run would
// seem to have survived it: so the step is looked for.
base::Result<transport::SimulatedFault> fault_of(const program::Plan& plan, const std::string& text) {
    const std::string when = text.substr(text.rfind(':') == std::string::npos ? text.size() : text.rfind(':'));
    const bool has_when = when == ":before" || when == ":halfway" || when == ":after" || when == ":lost";
    const bool is_of_rollback = text.starts_with("undo:") || text.starts_with("recover:");
    const bool is_step = when.empty() || (is_of_rollback && std::count(text.begin(), text.end(), ':') == 1);
    base::Result<transport::SimulatedFault> fault =
        transport::parse_fault(has_when || !is_step ? text : text + ":before");
    if (!fault || is_of_rollback) return fault;
    base::Result<std::string> step = view::StepNames(plan).find_one(fault->step);
    if (!step) return std::move(step).error().because_of("`--fail " + text + "`");
    fault->step = std::move(*step);
    return fault;
}

// A file of a secret by a relative path is one of the project: wherever one stands, it is the same.
std::map<std::string, std::vector<std::string>> sources_from(std::map<std::string, std::vector<std::string>> sources,
                                                             const std::string& project) {
    for (auto& [name, words] : sources)
        if (words.size() == 2 && words[0] == "file" && !project.empty())
            words[1] = (std::filesystem::path(project) / words[1]).string();  // an absolute path stays
    return sources;
}

// An error is one of usage, before the store is opened.
base::Result<transport::SimulatedOptions> simulated_options(const program::Plan& plan,
                                                            const EnvironmentArguments& arguments) {
    transport::SimulatedOptions options;
    for (const std::string& text : arguments.faults) {
        base::Result<transport::SimulatedFault> fault = fault_of(plan, text);
        if (!fault) return std::move(fault).error();
        options.faults.push_back(*fault);
    }
    if (!arguments.pace.empty()) {
        const std::optional<program::Value> pace = program::parse_duration(arguments.pace);
        if (!pace) return base::Error{"`--pace " + arguments.pace + "` is not a duration (200ms, 5s)"};
        options.step_ms = pace->as_duration()->milliseconds;
    }
    return options;
}

}  // namespace

// Options of a simulation are taken by every command that runs something, and refused where nothing is simulated.
void add_environment_options(std::vector<Option>& options, EnvironmentArguments& arguments) {
    options.push_back(
        Option::count("--max-parallel", "N", "How many steps may run at once (default: 64)", &arguments.max_parallel));
    options.push_back(
        {"--fail",
         "STEP[:WHEN]",
         "On a simulated farm, let a step fail: before (the default), halfway through or after its effect; lost: its "
         "host loses power halfway, and nobody knows what became of it",
         &arguments.faults,
         {},
         {},
         Option::Completes::steps_of_plan});
    options.push_back({"--pace", "DURATION", "On a simulated farm, how long a step takes", &arguments.pace});
    options.push_back({"--real-time", "",
                       "On a simulated farm, wait for what is tried again and for windows of time as they are written, "
                       "where time else runs ahead",
                       &arguments.in_real_time});
}

base::Result<std::unique_ptr<const ports::Store>> open_store_to_read(Session& session) {
    const base::Result<StorePlace> place = store_from_here(session);
    if (!place) return place.error();
    return open_store_to_read(session, *place);
}

// An estimate is never worth an error. Where there is a store that cannot be read, or is not trusted, that is said:
// nobody can tell whether there was an earlier run.
std::map<std::string, std::int64_t> earlier_durations(Session& session, const PlanInput& input, Connects how) {
    const base::Result<StorePlace> place = store_of(session, input.project, input.plan, input.from());
    if (!place || (place->server && how == Connects::never && session.store.empty())) return {};
    base::Result<std::unique_ptr<const ports::Store>> store = open_store_to_read(session, *place, Waits::no);
    if (std::error_code failed; !store && !place->server && !std::filesystem::exists(place->file, failed) && !failed)
        return {};
    base::Result<std::map<std::string, std::int64_t>> usual =
        store ? engine::usual_durations(**store, input.plan.name) : std::move(store).error();
    if (usual.ok()) return std::move(*usual);
    announce(session, "note", Ink::yellow, "the expected time is without earlier runs: " + usual.error().text());
    return {};
}

// Options of the simulation are refused for a farm that has nothing simulated: who typed `--fail` must not believe that
// a real host was spared. Time runs ahead only where all objects are simulated, for a host that is real needs its time.
// The names of transports are a stranger's text; one that is not known is an error before any step.
base::Result<std::unique_ptr<OpenEnvironment>> open_environment(Session& session, const StorePlace& place,
                                                                const program::Plan& plan,
                                                                const EnvironmentArguments& arguments) {
    base::Result<transport::SimulatedOptions> simulated = simulated_options(plan, arguments);
    if (!simulated) return std::move(simulated).error();
    if ((!arguments.faults.empty() || !arguments.pace.empty() || arguments.in_real_time) &&
        program::simulated_part(plan) == program::Simulated::nothing)
        return base::Error{"`--fail`, `--pace` and `--real-time` are of simulated objects, and the farm " + plan.farm +
                           " has none"};
    base::Result<std::unique_ptr<ports::Store>> store = open_store(session, place);
    if (!store) return std::move(store).error();
    const bool runs_ahead = program::simulated_part(plan) == program::Simulated::all && !arguments.in_real_time;
    auto environment = std::make_unique<RunEnvironment>(
        std::move(*store), place.file, sources_from(plan.secrets, place.project),
        runs_ahead ? std::make_unique<ports::SimulatedClock>() : std::make_unique<ports::SystemClock>(),
        typed_in(session));
    environment->add("simulated", transport::make_simulated(plan, environment->store(), environment->mailbox(),
                                                            std::move(*simulated)));
    environment->add("manual", transport::make_manual(environment->mailbox()));
    std::set<std::string> wanted = transports_of(plan);
    // An action without an object runs on this machine, unless all of the farm is simulated.
    if (wanted != std::set<std::string>{"simulated"}) wanted.insert("local");
    if (wanted.contains("site")) {
        ports::Sites* const sites = environment->store().sites();
        if (sites == nullptr)
            return base::Error{"an object of the farm " + plan.farm +
                               " is reached through its site (`via`), whose workers need a store that machines share: "
                               "`store: postgresql://HOST/DATABASE`"};
        environment->add("site", site::make_site(plan, *sites, environment->mailbox(), environment->clock()));
    }
    for (const std::string& name : wanted)
        if (!environment->environment().transports.contains(name)) environment->add(name);
    for (const std::string& name : wanted)
        if (!environment->environment().transports.contains(name))
            return base::Error{"an object of the farm connects over `" + name + "`, which this build cannot"};
    return std::unique_ptr<OpenEnvironment>(std::move(environment));
}

// A command that prints a secret also ends with Ctrl-C: then nothing is wrong with the secret.
Exit complain_of_secret(Session& session, const engine::Environment& environment, const base::Error& error) {
    const ports::Signals& signals = *environment.signals;
    if (signals.count() == 0) return complain(session, error, Exit::wrong);
    const engine::Ended ended{.outcome = engine::Outcome::interrupted, .signal = signals.number()};
    return complain(session, "interrupted; nothing was done", static_cast<Exit>(engine::exit_status(ended)));
}

// Without secrets: nothing that only records a decision reads one.
base::Result<std::unique_ptr<OpenEnvironment>> open_store_session(Session& session) {
    const base::Result<StorePlace> place = store_from_here(session);
    if (!place) return place.error();
    base::Result<std::unique_ptr<ports::Store>> store = open_store(session, *place);
    if (!store) return std::move(store).error();
    return std::unique_ptr<OpenEnvironment>(std::make_unique<RunEnvironment>(
        std::move(*store), place->file, std::map<std::string, std::vector<std::string>>{},
        std::make_unique<ports::SystemClock>(), typed_in(session)));
}

}  // namespace pvsplan::cli
