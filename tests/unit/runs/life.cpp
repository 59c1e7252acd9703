#include "tests/unit/runs/life.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "compiler/program/codec.hpp"
#include "runtime/cli/memory_store.hpp"
#include "runtime/cli/prove.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/transport/manual.hpp"
#include "runtime/transport/simulated.hpp"
#include "tests/unit/checks/draws.hpp"

namespace pvsplan::test {
namespace {

using engine::Ended;
using engine::Mark;
using engine::Outcome;
using engine::Wanted;

// Hosts that take their time, are not reached, or of which nobody hears again.
class Slow final : public ports::Transport {
  public:
    Slow(std::unique_ptr<ports::Transport> farm, ports::Clock& clock, ports::Mailbox& mailbox, Draws& draws,
         std::uint32_t trouble)
        : farm_(std::move(farm)), clock_(&clock), mailbox_(&mailbox), draws_(&draws), trouble_(trouble) {}

    void start_or_attach(ports::Job job) override {
        const ports::Millis at = clock_->now() + draws_->below(job.is == ports::Job::Is::observation ? 300 : 2000);
        held_.emplace(at, std::move(job));
    }
    void forget(const std::string& key) override {
        std::erase_if(held_, [&](const auto& one) { return one.second.key == key; });
        farm_->forget(key);
    }
    std::optional<ports::Millis> turn(ports::Millis now) override {
        while (!held_.empty() && held_.begin()->first <= now) {
            ports::Job job = std::move(held_.extract(held_.begin()).mapped());
            using Is = ports::JobEvent::Is;
            const bool is_command = job.is == ports::Job::Is::command && job.ask == ports::Job::Ask::start;
            if (is_command && draws_->chance(trouble_))
                mailbox_->post({.key = job.key, .is = Is::never_started, .text = "no route to it"});
            else if (is_command && draws_->chance(trouble_))
                mailbox_->post({.key = job.key, .is = Is::lost, .text = "not heard of again"});
            else
                farm_->start_or_attach(std::move(job));
        }
        const std::optional<ports::Millis> wants = farm_->turn(now);
        if (held_.empty()) return wants;
        return wants ? std::min(*wants, held_.begin()->first) : held_.begin()->first;
    }

  private:
    std::unique_ptr<ports::Transport> farm_;
    ports::Clock* clock_;
    ports::Mailbox* mailbox_;
    Draws* draws_;
    std::uint32_t trouble_;
    std::multimap<ports::Millis, ports::Job> held_;
};

// Ctrl-C after so many events, once or twice.
class Interrupts final : public ports::Signals, public engine::Observer {
  public:
    Interrupts(std::uint32_t after, int times) : left_(after), times_(times) {}
    [[nodiscard]] int count() const override { return left_ == 0 ? times_ : 0; }
    [[nodiscard]] int number() const override { return 2; }
    void on(const engine::Event&) override {
        if (left_ > 0) --left_;
    }

  private:
    std::uint32_t left_;
    int times_;
};

struct Process {
    ports::VirtualClock clock;
    ports::Mailbox mailbox;
    ports::NoSecrets secrets;
    Interrupts signals;
    Slow farm;
    std::unique_ptr<ports::Transport> manual;
    engine::World world;

    Process(const program::Plan& plan, cli::MemoryStore& store, ports::Millis now, transport::SimulatedOptions options,
            Draws& draws)
        : clock(now),
          signals(draws.chance(6) ? 1 + draws.below(25) : 1'000'000, 1 + static_cast<int>(draws.below(2))),
          farm(transport::make_simulated(plan, store, mailbox, std::move(options)), clock, mailbox, draws,
               draws.chance(30) ? 4 : 0),
          manual(transport::make_manual(mailbox)) {
        world = {.store = &store,
                 .clock = &clock,
                 .mailbox = &mailbox,
                 .signals = &signals,
                 .secrets = &secrets,
                 .transports = {{"simulated", &farm}, {"manual", manual.get()}},
                 .me = {.user = "anna", .host = "here", .pid = 1, .started = "1"}};
    }
};

class Story {
  public:
    Story(const program::Plan& plan, std::uint32_t seed) : plan_(plan), bytes_(program::encode(plan)), draws_(seed) {
        for (const program::Node& node : plan.graph.nodes)
            if (node.is == program::Node::Is::action && draws_.chance(rate_)) faults_.push_back(fault_of(node.id));
    }

    Life live() {
        static constexpr int max_processes = 8;
        Ended ended = process("apply", [this](Process& p, const engine::Options& options) {
            return engine::start(p.world, plan_, bytes_, options, p.signals);
        });
        for (int i = 1; i < max_processes && life_.fault.empty(); ++i) {
            if (store_.runs()->empty()) break;
            const ports::RunRow row = store_.runs()->back();
            if (engine::is_over(row) && (row.outcome != "done" || !draws_.chance(15))) break;
            if (draws_.chance(50)) mend();
            ended = go_on(row, ended);
        }
        if (!store_.runs()->empty()) life_.outcome = store_.runs()->back().outcome;
        return std::move(life_);
    }

  private:
    transport::SimulatedFault fault_of(const std::string& step) {
        using When = transport::SimulatedFault::When;
        // Not halfway: of a single state that is another value than a step sets or finds, which no proof speaks of.
        static const std::vector<When> ways = {When::before, When::after};
        return {.step = step, .when = draws_.of(ways), .attempts = draws_.chance(50) ? 1 + draws_.below(3) : ~0U};
    }
    void mend() {
        if (!faults_.empty()) faults_.erase(faults_.begin() + draws_.below(static_cast<std::uint32_t>(faults_.size())));
    }

    template <class Go>
    Ended process(const std::string& what, const Go& go) {
        now_ += 100'000;
        if (draws_.chance(45)) store_.die_after(1 + draws_.below(20));
        Ended ended;
        {
            Process p(plan_, store_, now_, {.faults = faults_}, draws_);
            static const std::vector<std::uint32_t> widths = {1, 2, 64};
            const engine::Options options{.max_parallel = draws_.of(widths), .heartbeat_ms = 60'000};
            ended = go(p, options);
            now_ = p.clock.now();
        }
        const bool is_dead = store_.is_dead();
        life_.deaths += is_dead ? 1 : 0;
        life_.story.push_back(what + " -> " + (is_dead ? "dead" : std::string(engine::name_of(ended.outcome))) + ": " +
                              ended.message);
        store_.live_again();
        check();
        return ended;
    }

    void check() {
        if (store_.runs()->empty() || !life_.fault.empty()) return;
        const std::string run = store_.runs()->back().id;
        const auto report = engine::verify_log(store_, run);
        life_.fault = report ? verify::first_fault(*report) : report.error().text();
        if (life_.fault.empty()) return;
        const auto rows = store_.records(run);
        for (const ports::RecordRow& row : *rows)
            life_.journal += row.bytes.substr(0, row.bytes.find(",\"prev\"")) + "\n";
    }

    Ended go_on(const ports::RunRow& row, const Ended& before) {
        if (row.outcome == "done" || draws_.chance(12)) return roll_back(row.id);
        if (draws_.chance(3)) {
            return process("abandon", [&](Process& p, const engine::Options&) {
                return engine::abandon(p.world, row.id, "enough");
            });
        }
        engine::ResumeOptions what;
        for (const Wanted& wanted : before.wanted) say(row.id, wanted, what);
        what.prove_again = [](const state::RunState& run, const std::vector<program::NodeId>& may_have_happened) {
            const checks::Again again = cli::prove_left(run, may_have_happened);
            return again.broken.empty() ? base::Status(base::Done{}) : base::Error{"refused", again.broken};
        };
        std::string words = "resume";
        for (const Mark& mark : what.marks) words += (mark.is == Mark::Is::done ? " --done " : " --redo ") + mark.node;
        Ended ended = process(words, [&](Process& p, const engine::Options& options) {
            return engine::resume(p.world, row.id, what, options, p.signals);
        });
        const bool is_refused = ended.outcome == Outcome::refused || ended.outcome == Outcome::usage;
        return is_refused && life_.fault.empty() && draws_.chance(50) ? roll_back(row.id) : ended;
    }
    Ended roll_back(const std::string& run) {
        return process("rollback", [&](Process& p, const engine::Options& options) {
            return engine::rollback(p.world, run, "asked", options, p.signals);
        });
    }

    void say(const std::string& run, const Wanted& wanted, engine::ResumeOptions& what) {
        if (wanted.is == Wanted::Is::approval && draws_.chance(80))
            process("approve " + wanted.node, [&](Process& p, const engine::Options&) {
                return engine::approve(p.world, run, wanted.node, "fine");
            });
        if (wanted.is != Wanted::Is::doubt && wanted.is != Wanted::Is::failed) return;
        if (!draws_.chance(wanted.is == Wanted::Is::doubt ? 80 : 15)) return;
        const bool is_done = draws_.chance(50);
        if (is_done) do_by_hand(wanted.node);
        what.marks.push_back({is_done ? Mark::Is::done : Mark::Is::redo, wanted.node, "by hand"});
    }
    void do_by_hand(const std::string& step) {
        const program::PlanNames names(plan_);
        for (const program::Node& node : plan_.graph.nodes)
            for (const program::Setting& set : node.sets)
                if (node.id == step && set.value->op == program::Expr::Op::literal)
                    (void)store_.change_simulated(plan_.farm,
                                                  {.sets = {{plan_.objects[set.object.index()].id, set.attribute,
                                                             program::encode_value(set.value->value, names)}}});
    }

    const program::Plan& plan_;
    std::string bytes_;
    Draws draws_;
    std::uint32_t rate_ = draws_.chance(25) ? 0 : 5 + draws_.below(25);  // percent of the steps that fail
    std::vector<transport::SimulatedFault> faults_;
    cli::MemoryStore store_;
    ports::Millis now_ = 0;
    Life life_;
};

}  // namespace

Life live(const program::Plan& plan, std::uint32_t seed) { return Story(plan, seed).live(); }

}  // namespace pvsplan::test
