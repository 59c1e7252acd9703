// What every store promises of the lease on a farm: its owner, its token, its expiry and its renewal.
#include "tests/unit/store/stores.hpp"

namespace pvsplan::store::test {

using ports::Expiry;
using ports::Lease;
using ports::LeaseOwner;
using ports::Runs;
using ports::Take;

namespace {

// There was such a process once.
LeaseOwner dead(const char* run) {
    LeaseOwner one = owner(run);
    one.who.started = "0";
    return one;
}
// Of another container: nobody can tell from here.
LeaseOwner out_of_sight(const char* run) {
    LeaseOwner one = owner(run);
    one.who.space = "pid:[1] ";
    return one;
}

// Nothing can be written with it.
void check_lost(ports::Store& store, const Lease& lease) {
    CHECK_FALSE(*store.renew(lease));
    const std::size_t records = store.records("one")->size();
    const base::Status late = store.append(lease, "one", {record(records + 1, "b")}, "done", 9);
    REQUIRE_FALSE(late.ok());
    CHECK(late.error().text() == "this process has lost its hold on the farm `contoso`: another one has taken it over");
    CHECK_FALSE(store.append(lease, "one", {}, "done", 9).ok());
    CHECK_FALSE(store.create_run(lease, run_row("two", "d2"), "q", Runs::Use::many, {}).ok());
    CHECK(store.records("one")->size() == records);
    CHECK((*store.run("one"))->outcome.empty());
    CHECK_FALSE(store.run("two")->has_value());
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("lease: its owner is told to whoever asks, and nobody else gets the farm", "[store]", Stores) {
    TestType kept;
    const auto mine = kept.open();
    const auto other = kept.open();
    const Lease lease = acquired(*mine);
    CHECK(lease.farm == "contoso");
    CHECK(*mine->renew(lease));
    const auto check = [](const std::optional<ports::HeldLease>& held) {
        REQUIRE(held);
        CHECK(held->expiry == Expiry::valid);
        CHECK((held->owner.run == "one" && held->owner.since == 77));
        const ports::Identity me = ports::who_am_i();
        const ports::Identity& who = held->owner.who;
        CHECK((who.user == me.user && who.host == me.host && who.pid == me.pid && who.started == me.started));
        CHECK((who.machine == me.machine && who.boot == me.boot && who.space == me.space));
    };
    const auto refused = other->acquire("contoso", owner("two"), Take::if_free);
    REQUIRE(refused.ok());
    CHECK_FALSE(refused->lease);
    check(refused->held_by);
    check(*other->held("contoso"));
    check(*kept.open_to_read()->held("contoso"));
    CHECK(*mine->renew(lease));
    CHECK(*other->renew(lease));  // whoever has its token has the lease
}

TEMPLATE_LIST_TEST_CASE("lease: whoever lost it writes nothing more, and cannot release it", "[store]", Stores) {
    TestType kept;
    const auto mine = kept.open();
    const auto other = kept.open();
    const Lease first = acquired(*mine);
    REQUIRE(mine->create_run(first, run_row("one", "d1"), "p", Runs::Use::single, {record(1, "a")}).ok());
    const auto over = other->acquire("contoso", owner("two"), Take::over);
    REQUIRE((over.ok() && over->lease && over->held_by));
    CHECK(over->lease->token > first.token);
    CHECK((over->held_by->owner.run == "one" && over->held_by->expiry == Expiry::valid));
    CHECK((*mine->held("contoso"))->owner.run == "two");
    check_lost(*mine, first);
    REQUIRE(mine->release(first).ok());
    CHECK((*mine->held("contoso"))->owner.run == "two");
    CHECK(*other->renew(*over->lease));
    CHECK(other->append(*over->lease, "one", {record(2, "b")}, "done", 9).ok());
}

TEMPLATE_LIST_TEST_CASE("lease: a farm whose lease is released is free, and nothing is written with that lease",
                        "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease first = acquired(*store);
    REQUIRE(store->create_run(first, run_row("one", "d1"), "p", Runs::Use::single, {record(1, "a")}).ok());
    REQUIRE(store->release(first).ok());
    CHECK_FALSE(store->held("contoso")->has_value());
    check_lost(*store, first);
    REQUIRE(store->release(first).ok());
    const auto next = kept.open()->acquire("contoso", owner("two"), Take::if_free);
    REQUIRE((next.ok() && next->lease));
    CHECK_FALSE(next->held_by);
    CHECK(next->lease->token > first.token);
    check_lost(*store, first);
}

TEMPLATE_LIST_TEST_CASE("lease: tokens grow over releases, takings over, expiries and openings", "[store]", Stores) {
    TestType kept;
    std::uint64_t last = 0;
    const auto next = [&](const LeaseOwner& who, Take how) {
        const auto taken = kept.open()->acquire("contoso", who, how);
        REQUIRE((taken.ok() && taken->lease));
        CHECK(taken->lease->token > last);
        last = taken->lease->token;
        return *taken->lease;
    };
    REQUIRE(kept.open()->release(next(owner("one"), Take::if_free)).ok());
    next(dead("two"), Take::if_free);
    next(owner("three"), Take::if_free);
    next(owner("four"), Take::over);
    REQUIRE(kept.open()->release(next(out_of_sight("five"), Take::over)).ok());
    next(owner("six"), Take::over);
}

TEMPLATE_LIST_TEST_CASE("lease: it expires with the process of its owner, and then whoever asks gets the farm",
                        "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const auto lost = store->acquire("contoso", dead("one"), Take::if_free);
    REQUIRE((lost.ok() && lost->lease));
    REQUIRE(store->create_run(*lost->lease, run_row("one", "d1"), "p", Runs::Use::single, {record(1, "a")}).ok());
    CHECK((*store->held("contoso"))->expiry == Expiry::expired);
    // Nobody has taken it: who was thought dead may go on.
    CHECK(*store->renew(*lost->lease));
    CHECK(store->append(*lost->lease, "one", {record(2, "b")}, std::nullopt, 7).ok());
    const auto after = kept.open()->acquire("contoso", owner("two"), Take::if_free);
    REQUIRE((after.ok() && after->lease && after->held_by));
    CHECK((after->held_by->owner.run == "one" && after->held_by->expiry == Expiry::expired));
    check_lost(*store, *lost->lease);
}

TEMPLATE_LIST_TEST_CASE("lease: one whose expiry nobody can tell is taken by a person only", "[store]", Stores) {
    if (TestType::leases_expire_by_a_clock) return;  // there everybody can tell, when its time is over
    TestType kept;
    const auto store = kept.open();
    const auto far = store->acquire("contoso", out_of_sight("one"), Take::if_free);
    REQUIRE((far.ok() && far->lease));
    CHECK((*store->held("contoso"))->expiry == Expiry::unknown);
    const auto refused = store->acquire("contoso", owner("two"), Take::if_free);
    REQUIRE((refused.ok() && refused->held_by));
    CHECK_FALSE(refused->lease);
    CHECK((refused->held_by->owner.run == "one" && refused->held_by->expiry == Expiry::unknown));
    CHECK(*store->renew(*far->lease));
    const auto over = store->acquire("contoso", owner("two"), Take::over);
    REQUIRE((over.ok() && over->lease && over->held_by));
    CHECK(over->held_by->expiry == Expiry::unknown);
    CHECK_FALSE(*store->renew(*far->lease));
}

TEMPLATE_LIST_TEST_CASE("lease: another farm is another one, and its lease writes no other's runs", "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease contoso = acquired(*store);
    CHECK_FALSE(store->held("fabrikam")->has_value());
    CHECK_FALSE(*store->renew({.farm = "fabrikam", .token = contoso.token}));
    const Lease fabrikam = acquired(*store, "fabrikam");
    REQUIRE(store->create_run(contoso, run_row("one", "d1"), "p", Runs::Use::single, {record(1, "a")}).ok());
    const base::Status wrong = store->append(fabrikam, "one", {record(2, "b")}, "done", 9);
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().text() ==
          "a run on the farm `contoso` cannot be written with the lease on the farm `fabrikam`");
    CHECK_FALSE(store->create_run(fabrikam, run_row("two", "d2"), "p", Runs::Use::many, {}).ok());
    CHECK(store->records("one")->size() == 1);
    CHECK_FALSE(store->run("two")->has_value());
    REQUIRE(store->release(fabrikam).ok());
    CHECK(*store->renew(contoso));
    CHECK((*store->held("contoso"))->owner.run == "one");
}

TEMPLATE_LIST_TEST_CASE("lease: it is there for whoever opens the store after a death", "[store]", Stores) {
    TestType kept;
    auto store = kept.open();
    const Lease lease = acquired(*store);
    store.reset();
    store = kept.open();
    CHECK((*store->held("contoso"))->owner.run == "one");
    CHECK(*store->renew(lease));
    CHECK_FALSE(*store->renew({.farm = "contoso", .token = lease.token + 1}));
}

}  // namespace pvsplan::store::test
