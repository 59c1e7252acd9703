// What whoever approves is told, while another process has the run and after that has ended.
#include <catch2/catch.hpp>

#include <functional>

#include "runtime/engine/journal_writer.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/engine/messages.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

// Another process acts whenever this one waits.
class Meanwhile final : public ports::VirtualClock {
  public:
    Meanwhile() : VirtualClock(1'000'000) {}
    std::vector<ports::JobEvent> wait(ports::Mailbox& mailbox, std::optional<ports::Millis> deadline) override {
        ++waits;
        if (act) std::exchange(act, nullptr)();
        return VirtualClock::wait(mailbox, deadline);
    }
    std::function<void()> act;
    int waits = 0;
};

// A run that waits for `look`, and comes to `later` after that.
struct Approvals {
    Folder folder;
    Plan plan;
    std::unique_ptr<Farm> farm;
    Meanwhile clock;
    NoObserver nobody;
    std::string run;
    ports::Lease other;  // of the process that has the run

    Approvals() : plan(test::plan(1)) {
        plan.graph.nodes.insert(plan.graph.nodes.begin(),
                                {Node{.id = "look", .type = Node::Type::approval, .text = "look at it"},
                                 Node{.id = "later", .type = Node::Type::approval, .text = "look again"}});
        plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)},
                            {.from = NodeId(1), .to = NodeId(2)},
                            {.from = NodeId(2), .to = NodeId(3)}};
        seal(plan);
        farm = std::make_unique<Farm>(open(folder), plan);
        farm->environment.clock = &clock;
        run = start(farm->environment, plan, encode(plan), {}, nobody).run;
        const auto taken = farm->store->acquire(plan.farm, {.who = farm->environment.me, .run = run, .since = 1},
                                                ports::Take::if_free);
        other = *taken->lease;
    }
    // The process that has the run answers what it finds in its inbox, or refuses it.
    void answer(const std::string& refused = "") {
        base::Result<LoadedRun> loaded = load(*farm->store, run);
        REQUIRE(loaded.ok());
        JournalWriter writer(farm->store.get(), clock, other, run, *loaded->state);
        const auto messages = farm->store->messages(run);
        for (const journal::Record& message : unreceived(*loaded->state, *messages)) {
            journal::Record answer =
                answer_to(*loaded->state, Ready(loaded->state->now(), loaded->state->now_state()), message);
            if (!refused.empty()) answer.type = journal::Record::Type::refused;
            if (!refused.empty()) answer.text = refused;
            writer.write(std::move(answer));
        }
        writer.set_outcome("waiting");
        writer.write({.type = journal::Record::Type::halted, .value = "waiting"});
        REQUIRE(writer.commit().ok());
    }
    void let_go() { CHECK(farm->store->release(other).ok()); }
    Ended approves(const std::string& node, ports::Millis patience_ms = 300) {
        return approve(farm->environment, run, node, "fine", patience_ms);
    }
    [[nodiscard]] int recorded(const std::string& kind) const {
        int count = 0;
        const auto lines = log(*farm->store, run);
        for (const LogLine& line : *lines) count += line.kind == kind ? 1 : 0;
        return count;
    }
};

}  // namespace

TEST_CASE("approve: what the process that has the run answered is what is told") {
    Approvals run;
    const bool has_ended = GENERATE(false, true);  // since
    const auto answers = [&](const std::string& refused) {
        run.clock.act = [&run, refused, has_ended] {
            run.answer(refused);
            if (has_ended) run.let_go();
        };
    };
    SECTION("approved") {
        answers("");
        const Ended ended = run.approves("look");
        CHECK(ended.outcome == Outcome::done);
        CHECK(ended.message == "`look` is approved; the run that is under way goes on");
    }
    SECTION("kept") {
        answers("");
        const Ended ended = run.approves("later");
        CHECK(ended.outcome == Outcome::done);
        CHECK(ended.message == "the approval of `later` is recorded; it is used when the run comes there");
    }
    SECTION("refused") {
        answers("the run has passed it");
        const Ended ended = run.approves("look");
        CHECK(ended.outcome == Outcome::usage);
        CHECK(ended.message == "the approval of `look` was refused: the run has passed it");
    }
    CHECK(run.clock.waits == 1);
}

TEST_CASE("approve: it waits for as long as it is told, and looks once more at the end") {
    Approvals run;
    const Ended left = run.approves("look", 300);
    CHECK(left.outcome == Outcome::left);
    CHECK_THAT(left.message, Catch::Contains("was left for the run, which has not taken it yet"));
    CHECK(run.clock.waits == 3);
    CHECK(run.clock.steady() == 1'000'300);
    CHECK(run.approves("later", 0).outcome == Outcome::left);
    CHECK(run.clock.waits == 3);
    Approvals late;
    late.clock.act = [&] { late.answer(); };
    CHECK(late.approves("look", 100).outcome == Outcome::done);
    CHECK(late.clock.waits == 1);
}

TEST_CASE("approve: a process that ended without an answer leaves it to whoever approves, with all that waits") {
    Approvals run;
    run.clock.act = [&] {
        const journal::Record message = approval_message(run.plan, "nothing", "fine", "otto", "there", 1);
        CHECK(run.farm->store->post_message(run.run, journal::encode(message)).ok());
        run.let_go();
    };
    const Ended ended = run.approves("look");
    CHECK(ended.outcome == Outcome::done);
    CHECK(ended.message == "`look` is approved; `pvsplan resume " + run.run + "` goes on");
    CHECK(run.recorded("approved") == 1);
    CHECK(run.recorded("refused") == 1);  // the other message
    CHECK(run.farm->store->messages(run.run)->empty());
    CHECK_FALSE(run.farm->store->held(run.plan.farm)->has_value());
}

TEST_CASE("approve: a run that is over, or is none, takes no approval") {
    Approvals run;
    run.clock.act = [&] {
        CHECK(run.farm->store->append(run.other, run.run, {}, "given up", 1).ok());
        run.let_go();
    };
    const Ended meanwhile = run.approves("look");
    CHECK(meanwhile.outcome == Outcome::usage);
    CHECK(meanwhile.message == "the run " + run.run + " is over: given up");
    const Ended before = run.approves("look");
    CHECK(before.outcome == Outcome::usage);
    CHECK(before.message == "the run " + run.run + " is over: given up");
    const Ended none = approve(run.farm->environment, "none", "look", "");
    CHECK(none.outcome == Outcome::usage);
    CHECK(none.message == "there is no run `none`");
    const Ended action = run.approves("all[s0].stop");
    CHECK(action.outcome == Outcome::usage);
}

}  // namespace pvsplan::engine::test
