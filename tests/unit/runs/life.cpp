#include "tests/unit/runs/life.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "compiler/program/codec.hpp"
#include "runtime/cli/prove.hpp"
#include "runtime/engine/messages.hpp"
#include "runtime/engine/trial.hpp"
#include "runtime/store/memory_store.hpp"
#include "runtime/transport/manual.hpp"
#include "runtime/transport/simulated.hpp"
#include "tests/unit/runs/troubled_world.hpp"

namespace pvsplan::test {
namespace {

using engine::Ended;
using engine::OperatorDecision;
using engine::Outcome;
using engine::Wanted;

struct Process {
    SetClock clock;
    ports::Mailbox mailbox;
    ports::NoSecrets secrets;
    Interrupts signals;
    TroubledHosts farm;
    std::unique_ptr<ports::Transport> manual;
    engine::Environment environment;

    Process(const program::Plan& plan, store::MemoryStore& store, ports::Millis now,
            transport::SimulatedOptions options, Draws& draws, Trouble trouble)
        : clock(now, draws, trouble.clock_steps),
          signals(draws.chance(6) ? 1 + draws.below(25) : 1'000'000, 1 + static_cast<int>(draws.below(2))),
          farm(transport::make_simulated(plan, store, mailbox, std::move(options)), clock, mailbox, draws, trouble),
          manual(transport::make_manual(mailbox)) {
        environment = {.store = &store,
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
    Story(const program::Plan& plan, std::uint32_t seed)
        : plan_(plan), bytes_(program::encode(plan)), draws_(seed), leaves_failures_(seed % 20 == 7) {
        for (const program::Node& node : plan.graph.nodes) {
            if (node.type == program::Node::Type::approval) approvals_.push_back(node.id);
            anna_may_approve_ &= !node.approvers;  // who starts it, and sits at the terminal
            if (node.type != program::Node::Type::action) continue;
            actions_.push_back(&node);
            if (plan.actions.at(node.action).run.type == program::Body::Type::manual) by_person_.push_back(node.id);
            if (draws_.chance(rate_)) faults_.push_back(fault_of(node));
        }
    }

    Life live() {
        static constexpr int max_processes = 9;
        Ended ended = apply("apply", "");
        for (int i = 1; i < max_processes && life_.fault.empty(); ++i) {
            if (store_.runs()->empty()) break;
            const ports::RunRow row = store_.runs()->back();
            if (row.outcome == "rolled back" && draws_.chance(15)) {
                ended = apply("apply --again", row.id);
                continue;
            }
            const bool can_go_back = row.outcome == "done" || went_back_to_step(row);
            if (engine::is_over(row) && (!can_go_back || !draws_.chance(15))) break;
            if (leaves_failures_ && row.outcome == "failed") break;
            if (draws_.chance(50)) repair();
            ended = go_on(row, ended);
        }
        if (!store_.runs()->empty()) life_.outcome = store_.runs()->back().outcome;
        return std::move(life_);
    }

  private:
    // ---- what goes wrong
    // ---------------------------------------------------------------------------------------------
    transport::SimulatedFault fault_of(const program::Node& node) {
        using When = transport::SimulatedFault::When;
        static const std::vector<When> ways = {When::before, When::after};
        // Halfway a single state is another value than a step sets or finds, which no proof speaks of.
        const bool is_halfway = node.sets.size() > 1 && draws_.chance(33);
        return {.step = node.id,
                .when = is_halfway ? When::halfway : draws_.of(ways),
                .attempts = draws_.chance(50) ? 1 + draws_.below(3) : ~0U};
    }
    void repair() {
        if (!faults_.empty()) faults_.erase(faults_.begin() + draws_.below(static_cast<std::uint32_t>(faults_.size())));
    }
    Trouble trouble() {
        Trouble all;
        if (draws_.chance(30)) all.unreached = all.lost = 4;
        if (draws_.chance(25)) all.hangs = 10;
        if (draws_.chance(25)) all.late = 20;
        if (draws_.chance(10)) all.blind = 4;
        if (draws_.chance(15)) all.clock_steps = 10;
        return all;
    }

    // ---- processes
    // ---------------------------------------------------------------------------------------------------
    template <class Go>
    Ended process(const std::string& what, const Go& go) {
        now_ += 100'000;
        others_ = ports::Expiry::expired;  // each process begins when the one before is over
        if (draws_.chance(45)) store_.die_after(1 + draws_.below(draws_.chance(30) ? 60 : 20));
        static const std::vector<std::uint32_t> widths = {1, 2, 64};
        static const std::vector<std::int64_t> paces = {0, 0, 500, 3000};
        Ended ended;
        {
            Process p(plan_, store_, now_, {.faults = faults_, .step_ms = draws_.of(paces)}, draws_, trouble());
            std::vector<std::string> asked = approvals_;
            asked.insert(asked.end(), by_person_.begin(), by_person_.end());
            Nodding nodding(draws_, asked);
            engine::Options options{.max_parallel = draws_.of(widths), .heartbeat_ms = 60'000};
            if (draws_.chance(10) && anna_may_approve_ && !asked.empty()) options.person = &nodding;
            if (draws_.chance(8)) options.until = draws_.of(actions_)->id;
            if (draws_.chance(12)) p.signals.then_once(1 + draws_.below(15), [&] { meanwhile(p); });
            if (draws_.chance(10)) {
                p.environment.take_over_because = "it hangs";
                others_ = ports::Expiry::unknown;
            }
            ended = go(p, options);
            now_ = std::max(now_, p.clock.steady());
        }
        const bool is_dead = store_.is_dead();
        life_.deaths += is_dead ? 1 : 0;
        life_.story.push_back(what + " -> " + (is_dead ? "dead" : std::string(engine::name_of(ended.outcome))) + ": " +
                              ended.message);
        store_.live_again();
        check();
        return ended;
    }

    // Somebody else while a process goes on with the run: an approval by message, or they take the run from it.
    void meanwhile(Process& process) {
        if (store_.is_dead() || store_.runs()->empty()) return;
        const std::string run = store_.runs()->back().id;
        if (!approvals_.empty() && draws_.chance(50)) {
            const std::string node = draws_.of(approvals_);
            life_.story.push_back("  meanwhile: approve " + node);
            (void)store_.post_message(
                run, journal::encode(engine::approval_message(plan_, node, "fine", "otto", "there", now_)));
            return;
        }
        process.farm.cut();
        others_ = ports::Expiry::valid;
        Process other(plan_, store_, process.clock.steady() + 1, {.faults = faults_}, draws_, trouble());
        other.environment.take_over_because = "it hangs";
        const Ended ended = draws_.chance(50)
                                ? engine::resume(other.environment, run, {.prove_again = proof()}, {}, other.signals)
                                : engine::rollback(other.environment, run, {.because = "asked"}, {}, other.signals);
        now_ = std::max(now_, other.clock.steady());
        life_.story.push_back("  meanwhile: taken over -> " + std::string(engine::name_of(ended.outcome)) + ": " +
                              ended.message);
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

    Ended apply(const std::string& what, const std::string& again) {
        return process(what, [&](Process& p, engine::Options options) {
            options.again = again;
            return engine::start(p.environment, plan_, bytes_, options, p.signals);
        });
    }
    Ended roll_back(const std::string& run) {
        const std::string back_to = draws_.chance(30) ? draws_.of(actions_)->id : "";
        return process("rollback --to " + back_to, [&](Process& p, engine::Options options) {
            options.until.clear();
            return engine::rollback(p.environment, run, {.because = "asked", .back_to = back_to}, options, p.signals);
        });
    }
    void approve(const std::string& run, const std::string& node) {
        process("approve " + node,
                [&](Process& p, const engine::Options&) { return engine::approve(p.environment, run, node, "fine"); });
    }
    static engine::ProveAgain proof() {
        return [](const state::RunState& run, const engine::Unknowns& unknown) {
            const checks::Again again = cli::prove_left(run, unknown);
            return again.broken.empty() ? base::Status(base::Done{}) : base::Error{"refused", again.broken};
        };
    }

    // Such a run can be rolled back further.
    [[nodiscard]] bool went_back_to_step(const ports::RunRow& row) const {
        const auto seen = engine::status(store_, row.id);
        return row.outcome == "rolled back" && seen && !seen->back_to.empty();
    }

    // ---- people
    // ------------------------------------------------------------------------------------------------------
    Ended go_on(const ports::RunRow& row, const Ended& before) {
        if (engine::is_over(row) || draws_.chance(12)) return roll_back(row.id);
        if (draws_.chance(4)) {
            return process("abandon", [&](Process& p, const engine::Options&) {
                return engine::abandon(p.environment, row.id, "enough");
            });
        }
        if (!approvals_.empty() && draws_.chance(10)) approve(row.id, draws_.of(approvals_));
        engine::ResumeOptions what{.prove_again = proof()};
        by_hand_.clear();
        for (const Wanted& wanted : before.wanted) say(row.id, wanted, what);
        if (draws_.chance(20)) say_anything(what);
        std::string words = "resume";
        for (const OperatorDecision& decision : what.decisions)
            words += " " + std::string(engine::option_of(decision.type)) + " " + decision.node;
        const std::size_t records = store_.records(row.id)->size();
        const engine::Trial::Answer advised = advised_of(row.id, what.decisions);
        Ended ended = process(words, [&](Process& p, const engine::Options& options) {
            return engine::resume(p.environment, row.id, what, options, p.signals);
        });
        if (!was_received(row.id, records)) take_back();
        // What is offered asks no host: one that is away when `resume` looks at the farm may refuse it after all.
        const bool is_away = std::any_of(ended.causes.begin(), ended.causes.end(), [](const std::string& cause) {
            return cause.find(" cannot be observed: ") != std::string::npos;
        });
        if (ended.outcome == Outcome::refused && advised == engine::Trial::Answer::accepted && !is_away &&
            life_.fault.empty())
            life_.fault = "`" + words + "` would have been offered, and was refused: " + ended.message;
        const bool is_refused = ended.outcome == Outcome::refused || ended.outcome == Outcome::usage;
        return is_refused && life_.fault.empty() && draws_.chance(50) ? roll_back(row.id) : ended;
    }

    // What advice would say of them. Whether a step that is to run again has done nothing, only its host can say.
    engine::Trial::Answer advised_of(const std::string& run, const std::vector<OperatorDecision>& decisions) {
        const auto asks_host = [](const OperatorDecision& one) { return one.type == OperatorDecision::Type::redo; };
        const auto stored = engine::stored_run(store_, run);
        if (!stored || std::any_of(decisions.begin(), decisions.end(), asks_host))
            return engine::Trial::Answer::not_tried;
        return engine::Trial(*stored, proof()).answer_to(decisions);
    }

    void say(const std::string& run, const Wanted& wanted, engine::ResumeOptions& what) {
        if (wanted.type == Wanted::Type::approval && draws_.chance(80)) approve(run, wanted.node);
        const bool is_manual = wanted.type == Wanted::Type::manual;
        if (is_manual && draws_.chance(50)) return say(wanted.node, what);
        if (wanted.type != Wanted::Type::doubt && wanted.type != Wanted::Type::failed) return;
        if (!draws_.chance(wanted.type == Wanted::Type::doubt ? 80 : 15)) return;
        if (!wanted.iteration.empty() && draws_.chance(40)) {
            what.decisions.push_back({OperatorDecision::Type::skip, wanted.iteration, "its host is dead"});
            return;
        }
        if (draws_.chance(10)) what.decisions.push_back({OperatorDecision::Type::kill, wanted.node, "it hangs"});
        say(wanted.node, what);
    }
    void say(const std::string& node, engine::ResumeOptions& what) {
        const bool is_done = draws_.chance(50);
        if (is_done && draws_.chance(90)) do_by_hand(node);
        what.decisions.push_back(
            {is_done ? OperatorDecision::Type::done : OperatorDecision::Type::redo, node, "by hand"});
    }
    // Of steps that nobody asked about: some may be said, others are refused.
    void say_anything(engine::ResumeOptions& what) {
        if (!plan_.instances.empty() && draws_.chance(40)) {
            const auto type = draws_.chance(50) ? OperatorDecision::Type::skip : OperatorDecision::Type::redo;
            what.decisions.push_back({type, draws_.of(plan_.instances).path, "by hand"});
            return;
        }
        const std::uint32_t first = draws_.below(static_cast<std::uint32_t>(actions_.size()));
        for (std::uint32_t i = first; i < actions_.size() && i < first + 1 + draws_.below(3); ++i)
            say(actions_[i]->id, what);
    }

    struct ByHand {
        std::string object;
        std::string attribute;
        std::string before;  // as JSON; what the farm file says where nothing was stored
    };
    void do_by_hand(const std::string& step) {
        const program::PlanNames names(plan_);
        for (const program::Node* node : actions_)
            for (const program::Setting& set : node->sets)
                if (node->id == step && set.value->op == program::Expr::Op::literal) {
                    const program::Object& object = plan_.objects[set.object.index()];
                    const auto states = store_.simulated_state(plan_.farm);
                    const auto known = states->find(object.id);
                    const bool is_stored = known != states->end() && known->second.contains(set.attribute);
                    by_hand_.push_back({object.id, set.attribute,
                                        is_stored ? known->second.at(set.attribute)
                                                  : program::encode_value(object.state.at(set.attribute), names)});
                    (void)store_.change_simulated(
                        plan_.farm,
                        {.sets = {{object.id, set.attribute, program::encode_value(set.value->value, names)}}});
                }
    }
    // Whether what was said is in the journal, behind so many records.
    bool was_received(const std::string& run, std::size_t behind) {
        const auto rows = store_.records(run);
        return std::any_of(rows->begin() + static_cast<std::ptrdiff_t>(behind), rows->end(), [](const auto& row) {
            return row.bytes.find(R"("text":"by hand","by":"anna")") != std::string::npos;
        });
    }
    // A run that goes on without what was done by hand is to find the farm as it left it.
    void take_back() {
        for (auto one = by_hand_.rbegin(); one != by_hand_.rend(); ++one)
            (void)store_.change_simulated(plan_.farm, {.sets = {{one->object, one->attribute, one->before}}});
        by_hand_.clear();
    }

    const program::Plan& plan_;
    std::string bytes_;
    Draws draws_;
    bool leaves_failures_;                                               // nobody goes on with a run that has failed
    std::uint32_t rate_ = draws_.chance(25) ? 0 : 5 + draws_.below(25);  // percent of the steps that fail
    std::vector<const program::Node*> actions_;
    std::vector<std::string> approvals_;
    std::vector<std::string> by_person_;
    bool anna_may_approve_ = true;
    std::vector<transport::SimulatedFault> faults_;
    std::vector<ByHand> by_hand_;
    ports::Expiry others_ = ports::Expiry::expired;  // the lease of whoever had the farm before
    store::MemoryStore store_{[this](const ports::LeaseOwner&) { return others_; }};
    ports::Millis now_ = 0;
    Life life_;
};

}  // namespace

Life live(const program::Plan& plan, std::uint32_t seed) { return Story(plan, seed).live(); }

}  // namespace pvsplan::test
