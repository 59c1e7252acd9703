// What every store promises of runs that are taken out of it.
#include "tests/unit/store/stores.hpp"

namespace pvsplan::store::test {

using ports::Lease;
using ports::Runs;

namespace {

void create_done(ports::Store& store, const Lease& lease, const char* id, const char* digest) {
    REQUIRE(store.create_run(lease, run_row(id, digest), "the plan", Runs::Use::many, {record(1, "a"), record(2, "b")})
                .ok());
    REQUIRE(store.append(lease, id, {record(3, "c")}, "done", 9).ok());
    REQUIRE(store.post_message(id, "m").ok());
}

void check_whole(const Runs& runs, const char* id) {
    REQUIRE(runs.run(id)->has_value());
    CHECK(runs.records(id)->size() == 3);
    CHECK(*runs.plan_bytes(id) == "the plan");
    CHECK_FALSE(runs.archived(id)->has_value());
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("store: a run that is taken out is gone with its records, and where it went is known",
                        "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    create_done(*store, lease, "one", "d1");
    create_done(*store, lease, "two", "d1");
    REQUIRE(store->remove_run(**store->run("one"), "/srv/one.journal").ok());
    const auto check = [](const ports::Store& now) {
        CHECK_FALSE(now.run("one")->has_value());
        CHECK(now.records("one")->empty());
        CHECK(now.messages("one")->empty());
        CHECK_FALSE(now.plan_bytes("one").ok());
        CHECK(**now.archived("one") == "/srv/one.journal");
        CHECK(now.messages("two")->size() == 1);
        check_whole(now, "two");  // of the same plan
    };
    check(*store);
    check(*kept.open_to_read());
    REQUIRE(store->remove_run(**store->run("two"), "/srv/two.journal").ok());
    REQUIRE(store->give_room_back().ok());
    CHECK(kept.open()->runs()->empty());
    CHECK_FALSE(store->archived("three")->has_value());
    const auto named = [&kept](const char* beginning) { return *kept.open_to_read()->archived_runs(beginning); };
    using Files = std::map<std::string, std::string>;
    CHECK(named("") == Files{{"one", "/srv/one.journal"}, {"two", "/srv/two.journal"}});
    CHECK(named("tw") == Files{{"two", "/srv/two.journal"}});
    for (const char* none : {"wo", "%", "_wo", "twoo"}) CHECK(named(none).empty());
}

TEMPLATE_LIST_TEST_CASE("store: a run that has gone on since is not taken out", "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    create_done(*store, lease, "one", "d1");
    const ports::RunRow before = **store->run("one");
    ports::RunRow other = before;
    other.id = "two";
    CHECK_FALSE(store->remove_run(other, "f").ok());
    REQUIRE(store->append(lease, "one", {}, "", 10).ok());
    const base::Status refused = store->remove_run(before, "f");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().text().find("somebody goes on with it") != std::string::npos);
    check_whole(*store, "one");
    REQUIRE(store->append(lease, "one", {record(4, "d")}, "done", 11).ok());
    CHECK_FALSE(store->remove_run(before, "f").ok());
    CHECK(store->records("one")->size() == 4);
    CHECK(store->messages("one")->size() == 1);
}

TEMPLATE_LIST_TEST_CASE("store: whoever still writes to a run that was taken out is refused, and writes nothing",
                        "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    create_done(*store, lease, "one", "d1");
    const auto other = kept.open();
    REQUIRE(other->remove_run(**other->run("one"), "f").ok());
    CHECK_FALSE(store->append(lease, "one", {record(4, "d")}, "", 12).ok());
    CHECK(store->records("one")->empty());
    CHECK_FALSE(store->is_put_back());
}

TEMPLATE_LIST_TEST_CASE("store: a compiled plan has had its run though that was taken out", "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    create_done(*store, lease, "one", "d1");
    REQUIRE(store->remove_run(**store->run("one"), "f").ok());
    const base::Status used = store->create_run(lease, run_row("two", "d1"), "p", Runs::Use::single, {});
    REQUIRE_FALSE(used.ok());
    CHECK(used.error().text().find("`one`, which was archived") != std::string::npos);
    const base::Status same = store->create_run(lease, run_row("one", "d2"), "p", Runs::Use::many, {});
    REQUIRE_FALSE(same.ok());
    CHECK(same.error().text() == "there is a run `one` already");
    CHECK(store->create_run(lease, run_row("two", "d1"), "p", Runs::Use::many, {}).ok());
}

TEMPLATE_LIST_TEST_CASE("store: the last run of a compiled plan is the one created last, wherever it is now", "[store]",
                        Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    const auto last = [&] {
        const auto run = kept.open_to_read()->last_run_of("d1");
        REQUIRE((run.ok() && run->has_value()));
        return (*run)->id + " " + (*run)->outcome + " " + (*run)->archive;
    };
    CHECK_FALSE(store->last_run_of("d1")->has_value());
    create_done(*store, lease, "two", "d1");
    create_done(*store, lease, "one", "d1");
    create_done(*store, lease, "other", "d2");
    CHECK(last() == "one done ");
    REQUIRE(store->remove_run(**store->run("one"), "/srv/one.journal").ok());
    CHECK(last() == "one done /srv/one.journal");  // the last, although an earlier one is still there
    REQUIRE(store->remove_run(**store->run("two"), "/srv/two.journal").ok());
    REQUIRE(store->remove_run(**store->run("other"), "/srv/other.journal").ok());
    CHECK(last() == "one done /srv/one.journal");
    create_done(*store, lease, "at last", "d1");  // in a store that has no other run left to count from
    CHECK(last() == "at last done ");
}

TEMPLATE_LIST_TEST_CASE("store: what runs take is the bytes of their plans and records", "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    REQUIRE(store->create_run(lease, run_row("one", "d1"), "plän", Runs::Use::many, {record(1, "ä\n")}).ok());
    REQUIRE(store->create_run(lease, run_row("two", "d2"), "plan", Runs::Use::many, {}).ok());
    CHECK(*store->sizes() == std::map<std::string, std::uint64_t>{{"one", 8}, {"two", 4}});
    CHECK(*kept.open_to_read()->size() >= 12);
}

TEMPLATE_LIST_TEST_CASE("store: a run that cannot be taken out is whole", "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    create_done(*store, acquired(*store), "one", "d1");
    const ports::RunRow row = **store->run("one");
    kept.fail_writes();
    const base::Status failed = store->remove_run(row, "f");
    kept.repair();
    CHECK_FALSE(failed.ok());
    check_whole(*kept.open(), "one");
    CHECK(store->remove_run(row, "f").ok());
}

}  // namespace pvsplan::store::test
