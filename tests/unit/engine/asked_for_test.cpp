// Runs that were asked to go on with nobody there: after their process has died, and after what they waited for came.
#include <catch2/catch.hpp>

#include "runtime/engine/asked_for.hpp"
#include "runtime/engine/messages.hpp"
#include "runtime/journal/record.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

// s0 is stopped, somebody looks, s0 is started, somebody looks again.
Plan looked_at() {
    Plan plan = test::plan(1);
    const Node look{.id = "look", .type = Node::Type::approval, .text = "look at it"};
    const Node later{.id = "later", .type = Node::Type::approval, .text = "look again"};
    plan.graph.nodes.insert(plan.graph.nodes.begin() + 1, look);
    plan.graph.nodes.push_back(later);
    plan.graph.edges.clear();
    for (std::size_t i = 0; i < 3; ++i) plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
    seal(plan);
    return plan;
}

struct Shop {
    Folder folder;
    Plan plan = looked_at();
    Farm farm{open(folder), plan};
    std::string run;

    Ended begin(const Options& options = {}, Observer&& observer = NoObserver()) {
        Ended ended = start(farm.environment, plan, encode(plan), options, observer);
        run = ended.run;
        return ended;
    }
    Ended go_on() {
        NoObserver nobody;
        return resume(farm.environment, run, {}, {}, nobody);
    }
    std::string asked_for(std::optional<std::string> outcome = {}) {
        auto row = **farm.store->run(run);
        if (outcome) row.outcome = *outcome;
        const auto found = engine::asked_for(*farm.store, row, *standing_of(*farm.store, row), 0);
        REQUIRE(found.ok());
        if (!*found) return "nobody";
        return (*found)->type == AskedFor::Type::process_died ? "died" : "answered";
    }
    void hold(const ports::Identity& who) {
        REQUIRE(farm.store->acquire(plan.farm, {.who = who, .run = run, .since = 1}, ports::Take::over)->lease);
    }
    [[nodiscard]] ports::Identity dead() const {
        ports::Identity who = farm.environment.me;
        who.pid = 1 << 30;  // no Linux gives it
        return who;
    }
};

}  // namespace

TEST_CASE("a run that waits was asked for once somebody has approved, and only for that") {
    Shop shop;
    CHECK(shop.begin().outcome == Outcome::waiting);
    CHECK(shop.asked_for() == "nobody");
    CHECK(approve(shop.farm.environment, shop.run, "later", "").outcome == Outcome::done);  // not due yet
    CHECK(shop.asked_for() == "nobody");
    CHECK(approve(shop.farm.environment, shop.run, "look", "").outcome == Outcome::done);
    CHECK(shop.asked_for() == "answered");
    SECTION("somebody has it already") {
        shop.hold(shop.farm.environment.me);
        CHECK(shop.asked_for() == "nobody");
    }
    SECTION("it is done") {
        CHECK(shop.go_on().outcome == Outcome::done);
        CHECK(shop.asked_for() == "nobody");
    }
}

TEST_CASE("an approval that waits in the inbox counts, one that the journal has does not") {
    Shop shop;
    shop.begin();
    const Node& look = shop.plan.graph.nodes[1];
    const journal::Record message = approval_from(shop.farm.environment, shop.plan, look, "seen");
    REQUIRE(shop.farm.store->post_message(shop.run, journal::encode(message)).ok());
    CHECK(shop.asked_for() == "answered");
    CHECK(shop.go_on().outcome == Outcome::waiting);
    REQUIRE(shop.farm.store->post_message(shop.run, journal::encode(message)).ok());
    CHECK(shop.asked_for() == "nobody");
    REQUIRE(shop.farm.store->post_message(shop.run, "no record").ok());
    CHECK(shop.asked_for() == "nobody");
}

TEST_CASE("a run that was to stop where it is goes on when a person says so") {
    Shop shop;
    CHECK(shop.begin({.until = "look"}).outcome == Outcome::waiting);
    const Node& look = shop.plan.graph.nodes[1];
    REQUIRE(shop.farm.store
                ->post_message(shop.run, journal::encode(approval_from(shop.farm.environment, shop.plan, look, "")))
                .ok());
    CHECK(shop.asked_for() == "nobody");
    CHECK(shop.go_on().outcome == Outcome::waiting);
    CHECK(approve(shop.farm.environment, shop.run, "later", "").outcome == Outcome::done);
    CHECK(shop.asked_for() == "answered");  // since then it has halted for another reason
}

TEST_CASE("a run that was under way was asked for if its process has died, and not if that has let go of it") {
    Shop shop;
    shop.begin();
    shop.hold(shop.farm.environment.me);
    CHECK(shop.asked_for("") == "nobody");
    ports::Identity elsewhere = shop.farm.environment.me;
    elsewhere.space = "pid:[1] ";
    shop.hold(elsewhere);
    CHECK(shop.asked_for("") == "nobody");
    shop.hold(shop.dead());
    CHECK(shop.asked_for("") == "died");
    for (const char* const outcome : {"failed", "in doubt", "interrupted", "done", "rolled back", "given up"}) {
        INFO(outcome);
        CHECK(shop.asked_for(outcome) == "nobody");
    }
    const auto taken = shop.farm.store->acquire(
        shop.plan.farm, {.who = shop.farm.environment.me, .run = shop.run, .since = 1}, ports::Take::if_free);
    REQUIRE(shop.farm.store->release(*taken->lease).ok());
    CHECK(shop.asked_for("") == "nobody");
    CHECK(approve(shop.farm.environment, shop.run, "look", "").outcome == Outcome::done);
    CHECK(shop.asked_for("") == "answered");  // whoever approved has let go of the lease of the one that died
}

}  // namespace pvsplan::engine::test
