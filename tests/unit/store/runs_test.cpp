// What every store promises of runs and of simulated farms, each promise by itself.
#include "tests/unit/store/stores.hpp"

namespace pvsplan::store::test {

using ports::Lease;
using ports::Runs;

TEMPLATE_LIST_TEST_CASE("store: a run, its plan and its records are there as they were given, whoever opens it",
                        "[store]", Stores) {
    TestType kept;
    auto first = kept.open();
    const Lease lease = acquired(*first);
    REQUIRE(first->create_run(lease, run_row("one", "d1"), "the plan", Runs::Use::single, {record(1, "a")}).ok());
    REQUIRE(first->append(lease, "one", {record(2, "b"), record(3, "c")}, "done", 9).ok());
    const auto check = [](const Runs& runs) {
        const auto run = runs.run("one");
        REQUIRE((run.ok() && run->has_value()));
        const ports::RunRow& row = **run;
        CHECK((row.id == "one" && row.plan == "restart" && row.farm == "contoso" && row.digest == "d1"));
        CHECK((row.outcome == "done" && row.begun_at == 5 && row.touched_at == 9));
        CHECK((row.records == 3 && row.head == base::sha256_hex("c")));
        CHECK(*runs.plan_bytes("one") == "the plan");
        const auto records = runs.records("one");
        REQUIRE((records.ok() && records->size() == 3));
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK((*records)[i].number == i + 1);
            CHECK((*records)[i].bytes == std::string(1, static_cast<char>('a' + i)));
            CHECK((*records)[i].hash == base::sha256_hex((*records)[i].bytes));
        }
        CHECK(runs.runs()->size() == 1);
        CHECK(runs.records("two")->empty());
        CHECK_FALSE(runs.run("two")->has_value());
        const auto missing = runs.plan_bytes("two");
        REQUIRE_FALSE(missing.ok());
        CHECK(missing.error().text() == "the store has no compiled plan for the run `two`");
    };
    check(*first);
    check(*kept.open());
    check(*kept.open_to_read());
    first.reset();
    check(*kept.open());
}

TEMPLATE_LIST_TEST_CASE("store: bytes come back as they were, whatever they are", "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    const std::string odd("'\"\\ \n\xff\xc3 \0 ü", 12);
    const ports::RecordRow row{.number = 1, .bytes = odd, .hash = base::sha256_hex(odd)};
    REQUIRE(store->create_run(lease, run_row("one", "d1"), odd, Runs::Use::single, {row}).ok());
    REQUIRE(store->post_message("one", odd).ok());
    CHECK(*store->plan_bytes("one") == odd);
    CHECK(store->records("one")->front().bytes == odd);
    CHECK(store->messages("one")->front().bytes == odd);
}

TEMPLATE_LIST_TEST_CASE("store: an outcome is changed by who says one only, and a run is touched by what changes it",
                        "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    REQUIRE(store->create_run(lease, run_row("one", "d1"), "the plan", Runs::Use::single, {}).ok());
    CHECK((*store->run("one"))->records == 0);
    CHECK((*store->run("one"))->head.empty());
    CHECK((*store->run("one"))->touched_at == 6);
    REQUIRE(store->append(lease, "one", {}, "halted", 20).ok());
    CHECK((*store->run("one"))->outcome == "halted");
    CHECK((*store->run("one"))->touched_at == 20);
    REQUIRE(store->append(lease, "one", {record(1, "a")}, std::nullopt, 30).ok());
    const auto row = *store->run("one");
    CHECK((row->outcome == "halted" && row->touched_at == 30 && row->records == 1));
    REQUIRE(store->append(lease, "one", {}, std::nullopt, 40).ok());
    CHECK((*store->run("one"))->touched_at == 30);
    REQUIRE(store->append(lease, "one", {record(2, "b")}, "", 50).ok());
    CHECK((*store->run("one"))->outcome.empty());
}

TEMPLATE_LIST_TEST_CASE("store: a compiled plan has one run where it may have one only", "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    REQUIRE(store->create_run(lease, run_row("one", "d1"), "p", Runs::Use::many, {}).ok());
    const base::Status again = store->create_run(lease, run_row("c", "d1"), "p", Runs::Use::single, {});
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().text() ==
          "this compiled plan has had its run: `one`; go on with it by `pvsplan resume`, or compile again");
    CHECK_FALSE(store->run("c")->has_value());
    REQUIRE(store->create_run(lease, run_row("two", "d1"), "p", Runs::Use::many, {}).ok());
    REQUIRE(store->create_run(lease, run_row("three", "d2"), "q", Runs::Use::single, {}).ok());
    CHECK(*store->plan_bytes("two") == "p");
    CHECK(*store->plan_bytes("three") == "q");
}

TEMPLATE_LIST_TEST_CASE("store: runs stand in the order of their creation, whatever they are called and the clock says",
                        "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    ports::RunRow early = run_row("b", "d2");
    early.begun_at = early.touched_at = 1;
    REQUIRE(store->create_run(lease, run_row("z", "d1"), "p", Runs::Use::many, {}).ok());
    REQUIRE(store->create_run(lease, early, "p", Runs::Use::many, {}).ok());
    REQUIRE(store->create_run(lease, run_row("a", "d3"), "p", Runs::Use::many, {}).ok());
    REQUIRE(store->append(lease, "z", {}, "done", 90).ok());
    const auto runs = kept.open()->runs();
    REQUIRE((runs.ok() && runs->size() == 3));
    CHECK(((*runs)[0].id == "z" && (*runs)[1].id == "b" && (*runs)[2].id == "a"));
}

TEMPLATE_LIST_TEST_CASE("store: records follow on each other without a gap, or nothing is written", "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    REQUIRE(store->create_run(lease, run_row("one", "d1"), "p", Runs::Use::single, {record(1, "a")}).ok());
    const auto refused = [&](const std::vector<ports::RecordRow>& rows) {
        const base::Status status = store->append(lease, "one", rows, "done", 9);
        return status.ok() ? "" : status.error().message;
    };
    CHECK(refused({record(1, "x")}) == "record 1 of the run `one` cannot be written where record 2 comes next");
    CHECK(refused({record(3, "c")}) == "record 3 of the run `one` cannot be written where record 2 comes next");
    CHECK(refused({record(2, "b"), record(4, "d")}) ==
          "record 4 of the run `one` cannot be written where record 3 comes next");
    CHECK_FALSE(refused({record(2, "b"), record(2, "b")}).empty());
    CHECK_FALSE(refused({record(2, "b"), record(1, "x")}).empty());
    CHECK_FALSE(refused({record(0, "x")}).empty());
    for (const std::vector<ports::RecordRow>& first :
         {std::vector{record(2, "b")}, {record(1, "a"), record(1, "b")}, {record(1, "a"), record(3, "c")}})
        CHECK_FALSE(store->create_run(lease, run_row("two", "d2"), "q", Runs::Use::single, first).ok());
    CHECK_FALSE(store->run("two")->has_value());
    CHECK(store->runs()->size() == 1);
    CHECK(store->records("one")->size() == 1);
    const auto row = *store->run("one");
    CHECK((row->outcome.empty() && row->touched_at == 6 && row->records == 1 && row->head == base::sha256_hex("a")));
    // What was refused holds up nobody.
    CHECK(store->append(lease, "one", {record(2, "b")}, "done", 9).ok());
    CHECK(kept.open()->records("one")->size() == 2);
}

TEMPLATE_LIST_TEST_CASE("store: a run is created once, and only one that was created is written", "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    REQUIRE(store->create_run(lease, run_row("one", "d1"), "p", Runs::Use::single, {record(1, "a")}).ok());
    const base::Status again = store->create_run(lease, run_row("one", "d3"), "r", Runs::Use::many, {});
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().text() == "there is a run `one` already");
    CHECK((*store->run("one"))->digest == "d1");
    CHECK(*store->plan_bytes("one") == "p");
    for (const auto& rows : {std::vector<ports::RecordRow>{}, {record(1, "a")}}) {
        const base::Status unknown = store->append(lease, "two", rows, "done", 9);
        REQUIRE_FALSE(unknown.ok());
        CHECK(unknown.error().text() == "the store has no run `two`");
    }
    CHECK(store->records("two")->empty());
}

TEMPLATE_LIST_TEST_CASE("store: one commit for all that is given together, and none for what is only read or refused",
                        "[store]", Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    CHECK(store->commits() == 0);
    REQUIRE(store->create_run(lease, run_row("one", "d1"), "p", Runs::Use::single, {record(1, "a")}).ok());
    CHECK(store->commits() == 1);
    REQUIRE(store->append(lease, "one", {record(2, "b"), record(3, "c")}, "done", 9).ok());
    (void)store->records("one");
    CHECK_FALSE(store->append(lease, "one", {record(2, "b")}, "done", 9).ok());
    CHECK(store->commits() == 2);
}

TEMPLATE_LIST_TEST_CASE("store: the simulated farm keeps what was set last, and the first job of each name", "[store]",
                        Stores) {
    TestType kept;
    const auto store = kept.open();
    CHECK(store->simulated_state("contoso")->empty());
    const ports::SimulatedJob job{.key = "k", .ends_at = 3, .takes_ms = 4, .exit_status = 5, .out = "o", .err = "e"};
    ports::SimulatedJob second = job;
    second.out = "other";
    REQUIRE(store
                ->change_simulated("contoso",
                                   {.sets = {{"server/a", "stream", "1"}, {"server/b", "stream", "2"}}, .jobs = {job}})
                .ok());
    REQUIRE(store->change_simulated("contoso", {.sets = {{"server/a", "stream", "3"}}, .jobs = {second}}).ok());
    for (const auto& farm : {kept.open_to_read(), std::shared_ptr<const ports::Store>(kept.open())}) {
        const auto state = *farm->simulated_state("contoso");
        CHECK((state.size() == 2 && state.at("server/a").size() == 1));
        CHECK((state.at("server/a").at("stream") == "3" && state.at("server/b").at("stream") == "2"));
        const auto found = *farm->simulated_job("contoso", "k");
        REQUIRE(found);
        CHECK((found->key == "k" && found->ends_at == 3 && found->takes_ms == 4 && found->exit_status == 5));
        CHECK((found->out == "o" && found->err == "e"));
        CHECK_FALSE(farm->simulated_job("contoso", "other")->has_value());
        CHECK_FALSE(farm->simulated_job("fabrikam", "k")->has_value());
        CHECK(farm->simulated_state("fabrikam")->empty());
    }
    REQUIRE(store->change_simulated("fabrikam", {.sets = {{"server/a", "stream", "4"}}}).ok());
    REQUIRE(store->reset_simulated("contoso").ok());
    CHECK(store->simulated_state("contoso")->empty());
    CHECK(store->simulated_job("contoso", "k")->has_value());  // its run still asks for it
    CHECK(store->simulated_state("fabrikam")->size() == 1);
}

TEMPLATE_LIST_TEST_CASE("store: messages wait for their run, in their order, until they are removed", "[store]",
                        Stores) {
    TestType kept;
    auto store = kept.open();
    for (const char* bytes : {"a", "b", "c"}) REQUIRE(store->post_message("one", bytes).ok());
    REQUIRE(kept.open()->post_message("two", "x").ok());
    const auto messages = store->messages("one");
    REQUIRE((messages.ok() && messages->size() == 3));
    CHECK(((*messages)[0].bytes == "a" && (*messages)[2].bytes == "c" && (*messages)[1].run == "one"));
    CHECK(((*messages)[0].number < (*messages)[1].number && (*messages)[1].number < (*messages)[2].number));
    REQUIRE(store->remove_messages("one", (*messages)[1].number).ok());
    const auto rest = kept.open_to_read()->messages("one");
    REQUIRE((rest.ok() && rest->size() == 1));
    CHECK((rest->front().bytes == "c" && rest->front().number == (*messages)[2].number));
    CHECK(store->messages("two")->size() == 1);
    CHECK(store->messages("three")->empty());
    // A number is never used again: whoever removes up to one removes nothing that came later.
    const std::uint64_t last = store->messages("two")->front().number;
    REQUIRE(store->remove_messages("one", last).ok());
    CHECK(store->messages("two")->size() == 1);
    REQUIRE(store->remove_messages("two", last).ok());
    store.reset();
    store = kept.open();
    REQUIRE(store->post_message("one", "d").ok());
    CHECK(store->messages("one")->front().number > last);
    REQUIRE(store->remove_messages("one", last).ok());
    CHECK(store->messages("one")->size() == 1);
}

}  // namespace pvsplan::store::test
