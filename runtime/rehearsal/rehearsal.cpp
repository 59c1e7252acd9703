#include "runtime/rehearsal/rehearsal.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <system_error>
#include <thread>

#include "compiler/program/codec.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/ports/this_process.hpp"
#include "runtime/store/memory_store.hpp"
#include "runtime/transport/manual.hpp"

namespace pvsplan::rehearsal {
namespace {

using engine::Ended;
using engine::Outcome;
using When = transport::SimulatedFault::When;
using States = std::map<std::string, std::map<std::string, std::string>>;

// How a step can fail, by the names of scenarios.
constexpr std::pair<When, const char*> ways[] = {
    {When::before, "before"}, {When::halfway, "halfway"}, {When::after, "after"}};

// Says yes to everything, at once.
class Yes final : public engine::Person, public engine::Observer {
  public:
    explicit Yes(ports::Mailbox& mailbox) : mailbox_(&mailbox) {}
    std::vector<Answer> answers() override { return std::exchange(answers_, {}); }
    void on(const engine::Event& event) override {
        using EventType = engine::Event::Type;
        if (event.type != EventType::approval_wanted && event.type != EventType::person_wanted) return;
        answers_.push_back({.node = event.node, .because = "rehearsal"});
        mailbox_->wake();
    }

  private:
    ports::Mailbox* mailbox_;
    std::vector<Answer> answers_;
};

// One process of a rehearsal; several may follow each other on one store.
struct Process {
    ports::VirtualClock clock;
    ports::Mailbox mailbox;
    ports::NoSignals signals;
    ports::NoSecrets secrets;
    std::unique_ptr<ports::Transport> farm;
    std::unique_ptr<ports::Transport> manual;
    engine::Environment environment;
    Yes person;
    engine::Options options;

    Process(const program::Plan& plan, store::MemoryStore& store, ports::Millis now,
            std::vector<transport::SimulatedFault> faults)
        : clock(now),
          farm(transport::make_simulated(plan, store, mailbox, {.faults = std::move(faults), .step_ms = 0})),
          manual(transport::make_manual(mailbox)),
          person(mailbox) {
        environment = {.store = &store,
                       .clock = &clock,
                       .mailbox = &mailbox,
                       .signals = &signals,
                       .secrets = &secrets,
                       .transports = {{"simulated", farm.get()}, {"manual", manual.get()}},
                       .me = {.user = "rehearsal", .host = "rehearsal", .pid = 1, .started = "1"}};
        // Somebody who approves is not who started it.
        options.person = &person;
        // Nobody says anything from elsewhere, so time goes straight to what is next, be it a window in a week.
        options.heartbeat_ms = options.messages_every_ms = 86'400'000;
    }
};

// A rehearsed process begins when the one before has died or ended.
ports::Expiry gone(const ports::LeaseOwner&) { return ports::Expiry::expired; }

// As an observation finds them, after whatever has been done.
States states_of(const program::Plan& plan, store::MemoryStore& store) {
    Process process(plan, store, 1, {});
    States states;
    const program::PlanNames names(plan);
    for (const engine::ObservedObject& one : engine::observe(process.environment, plan, {}))
        for (const auto& [name, value] : one.state)
            states[plan.objects[one.object.index()].id][name] = program::to_text(value, names);
    return states;
}

// The first one; empty: there is none.
std::string difference(const States& expected, const States& found) {
    for (const auto& [object, states] : expected)
        for (const auto& [name, value] : states) {
            const auto other = found.find(object);
            const auto now = other == found.end() ? decltype(states.find(name)){} : other->second.find(name);
            const bool is_there = other != found.end() && now != other->second.end();
            if (!is_there || now->second != value)
                return object + "." + name + " is " + (is_there ? now->second : "not known") + ", not " + value;
        }
    return "";
}

// The steps that came to an end, as often as they did.
base::Result<std::map<std::string, int>> finished_in(const ports::Runs& runs, const std::string& run) {
    const auto lines = engine::log(runs, run);
    if (!lines) return lines.error();
    std::map<std::string, int> finished;
    for (const engine::LogLine& line : *lines)
        if (line.kind == "finished") ++finished[line.node];
    return finished;
}

// What is there after a rollback that stopped at a point of no return has to be what the steps that stay have set, one
// after another; of what one sets that failed itself nobody knows.
std::string not_as_it_stays(const program::Plan& plan, const ports::Runs& runs, const std::string& run, States states,
                            const States& after) {
    const auto preview = engine::preview_rollback(runs, run);
    if (!preview) return preview.error().text();
    const auto finished = finished_in(runs, run);
    if (!finished) return finished.error().text();
    std::set<std::string> stay;
    for (const program::NoReturn& point : preview->no_return) {
        stay.insert(point.node);
        stay.insert(point.stays.begin(), point.stays.end());
    }
    const program::PlanNames names(plan);
    for (const program::Node& node : plan.graph.nodes)
        for (const program::Setting& set : node.sets) {
            if (!stay.contains(node.id)) continue;
            auto& of_object = states[plan.objects[set.object.index()].id];
            if (finished->contains(node.id) && set.value->op == program::Expr::Op::literal)
                of_object[set.attribute] = program::to_text(set.value->value, names);
            else
                of_object.erase(set.attribute);
        }
    return difference(states, after);
}

// No step comes to its end a second time, whatever died in between.
std::optional<std::string> done_twice(const ports::Runs& runs, const std::string& run) {
    const auto finished = finished_in(runs, run);
    if (!finished) return finished.error().text();
    for (const auto& [node, times] : *finished)
        if (times > 1) return "`" + node + "` was done twice";
    return std::nullopt;
}

// What lies before a point of no return is not undone, as its author has said.
bool stays_by_design(const Ended& ended) {
    for (const engine::Wanted& wanted : ended.wanted)
        if (wanted.type == engine::Wanted::Type::no_return) return true;
    return false;
}

Outcome outcome_of(const ports::Runs& runs) {
    const bool is_undone = runs.runs()->back().outcome == engine::name_of(Outcome::rolled_back);
    return is_undone ? Outcome::rolled_back : Outcome::done;
}

// Continues until the run halts or ends; after a death of the process another one resumes it.
Ended run_to_rest(const program::Plan& plan, store::MemoryStore& store, const Scenario& scenario) {
    static constexpr int max_processes = 4;
    if (scenario.dies_after > 0) store.die_after(scenario.dies_after);
    Ended ended;
    {
        Process process(plan, store, 1, scenario.faults);
        ended = engine::start(process.environment, plan, program::encode(plan), process.options, process.person);
    }
    for (int i = 1; i < max_processes && store.is_dead(); ++i) {
        store.live_again();
        Process process(plan, store, i * 1000, scenario.faults);
        const auto rows = store.runs();
        ended = rows->empty()
                    ? engine::start(process.environment, plan, program::encode(plan), process.options, process.person)
                    : engine::resume(process.environment, rows->back().id, {}, process.options, process.person);
        if (ended.outcome == Outcome::usage) ended.outcome = outcome_of(store);  // it had come to its end
    }
    store.live_again();
    return ended;
}

// Without faults: what is rehearsed is the failure, not a second one in the rollback.
Ended roll_back(const program::Plan& plan, store::MemoryStore& store, const std::string& run) {
    Process process(plan, store, 1'000'000, {});
    return engine::rollback(process.environment, run, {.because = "rehearsal"}, process.options, process.person);
}

// Whom a plan names for its approvals is not here, and says nothing about how it can fail.
void let_anybody_approve(program::Graph& graph) {
    for (program::Node& node : graph.nodes) {
        node.approvers = std::nullopt;
        let_anybody_approve(node.undo.steps);
    }
}

}  // namespace

// Nobody is asked or told either: a rehearsal has to go on by itself.
program::Plan simulated(program::Plan plan) {
    for (program::Object& object : plan.objects) object.connect.clear();
    plan.approvers.clear();
    plan.notify.clear();
    let_anybody_approve(plan.graph);
    for (program::RecoverSteps& recovery : plan.recoveries) let_anybody_approve(recovery.steps);
    program::seal(plan);
    return plan;
}

// A run without a fault says how many commits there are to die after.
std::vector<Scenario> scenarios(const program::Plan& plan, std::uint32_t random_ones, std::uint64_t seed) {
    std::vector<Scenario> all;
    std::vector<transport::SimulatedFault> faults;
    for (const program::Node& node : plan.graph.nodes) {
        if (node.type != program::Node::Type::action) continue;
        for (const auto& [when, word] : ways) {
            faults.push_back({.step = node.id, .when = when});
            all.push_back({.name = "fail " + node.id + ":" + word, .faults = {faults.back()}});
        }
    }
    store::MemoryStore store(gone);
    run_to_rest(plan, store, {});
    const std::uint64_t writes = store.commits();
    for (std::uint64_t i = 1; i <= writes; ++i)
        all.push_back({.name = "die " + std::to_string(i), .faults = {}, .dies_after = i});
    std::mt19937_64 random(seed);
    for (std::uint32_t i = 0; i < random_ones && !faults.empty(); ++i) {
        Scenario scenario{.name = "random " + std::to_string(i)};
        for (std::uint64_t k = 1 + random() % 3; k > 0; --k)
            scenario.faults.push_back(faults[random() % faults.size()]);
        if (random() % 2 == 0) scenario.dies_after = 1 + random() % writes;
        all.push_back(std::move(scenario));
    }
    return all;
}

// Three judges: how the farm ends, what the verification of the journal says, and that nothing was done twice.
std::optional<std::string> rehearse(const program::Plan& plan, const Scenario& scenario) {
    store::MemoryStore store(gone);
    const States before = states_of(plan, store);
    Ended ended = run_to_rest(plan, store, scenario);
    if (scenario.faults.empty()) {
        if (ended.outcome != Outcome::done)
            return "the run ends as " + std::string(engine::name_of(ended.outcome)) + ": " + ended.message;
        store::MemoryStore calm(gone);
        run_to_rest(plan, calm, {});
        const std::string differs = difference(states_of(plan, calm), states_of(plan, store));
        if (!differs.empty()) return "it does not end like a run that was never interrupted: " + differs;
    } else {
        if (ended.outcome != Outcome::rolled_back && !(ended.outcome == Outcome::in_doubt && stays_by_design(ended)))
            ended = roll_back(plan, store, ended.run);
        const bool stays = ended.outcome == Outcome::in_doubt && stays_by_design(ended);
        if (!stays && ended.outcome != Outcome::rolled_back)
            return "the rollback ends as " + std::string(engine::name_of(ended.outcome)) + ": " + ended.message;
        const States after = states_of(plan, store);
        const std::string differs =
            stays ? not_as_it_stays(plan, store, ended.run, before, after) : difference(before, after);
        if (!differs.empty()) return "after the rollback " + differs;
    }
    const auto rows = store.runs();
    const auto verified = engine::verify_log(store, rows->back().id);
    if (!verified) return verified.error().text();
    if (std::string fault = verify::first_fault(*verified); !fault.empty()) return fault;
    return done_twice(store, rows->back().id);
}

// Each scenario writes its own place of the result, so the threads share a counter and nothing else.
std::vector<std::optional<std::string>> rehearse_all(const program::Plan& plan, const std::vector<Scenario>& all) {
    std::vector<std::optional<std::string>> wrong(all.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < all.size(); i = next++) wrong[i] = rehearse(plan, all[i]);
    };
    std::vector<std::thread> workers;
    {
        const ports::SignalsHeld held;
        try {
            for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i) workers.emplace_back(work);
        } catch (const std::system_error&) {  // the system gives no more threads: those that are there do it all
        }
    }
    work();
    for (std::thread& worker : workers) worker.join();
    return wrong;
}

}  // namespace pvsplan::rehearsal
