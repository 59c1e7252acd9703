// What lies under a store fails: it says so, keeps what it had, and goes on once it is repaired.
#include "tests/unit/store/stores.hpp"

namespace pvsplan::store::test {

using ports::Lease;
using ports::Runs;
using ports::Take;

TEMPLATE_LIST_TEST_CASE("store: what cannot be written is an error each time, and nothing of it is there", "[store]",
                        Stores) {
    TestType kept;
    const auto store = kept.open();
    const Lease lease = acquired(*store);
    REQUIRE(store->create_run(lease, run_row("one", "d1"), "p", Runs::Use::single, {record(1, "a")}).ok());
    REQUIRE(store->post_message("one", "m").ok());
    REQUIRE(store->change_simulated("contoso", {.sets = {{"server/a", "stream", "1"}}, .jobs = {}}).ok());
    const std::uint64_t message = store->messages("one")->front().number;

    const ports::SimulatedChange change{.sets = {{"server/a", "stream", "2"}}, .jobs = {{.key = "k"}}};
    std::vector<base::Status> written;
    kept.fail_writes();
    for (int i = 0; i < 2; ++i) {
        written.push_back(store->append(lease, "one", {record(2, "b")}, "done", 9));
        written.push_back(store->create_run(lease, run_row("two", "d2"), "q", Runs::Use::many, {record(1, "a")}));
        const auto taken = store->acquire("contoso", owner("two"), Take::over);
        written.push_back(taken.ok() ? base::Status(base::Done{}) : taken.error());
        written.push_back(store->release(lease));
        written.push_back(store->post_message("one", "n"));
        written.push_back(store->remove_messages("one", message));
        written.push_back(store->change_simulated("contoso", change));
    }
    const bool is_readable = store->records("one").ok() && store->run("one").ok() && store->held("contoso").ok() &&
                             store->messages("one").ok() && store->simulated_state("contoso").ok();
    kept.repair();

    for (const base::Status& status : written) {
        REQUIRE_FALSE(status.ok());
        CHECK_FALSE(status.error().text().empty());
    }
    CHECK(is_readable);
    for (const std::shared_ptr<ports::Store>& now : {store, kept.open()}) {
        CHECK(now->runs()->size() == 1);
        CHECK(now->records("one")->size() == 1);
        CHECK(((*now->run("one"))->outcome.empty() && (*now->run("one"))->head == base::sha256_hex("a")));
        CHECK((*now->held("contoso"))->owner.run == "one");
        CHECK(*now->renew(lease));
        CHECK((now->messages("one")->size() == 1 && now->messages("one")->front().number == message));
        CHECK(now->simulated_state("contoso")->at("server/a").at("stream") == "1");
        CHECK_FALSE(now->simulated_job("contoso", "k")->has_value());
    }
    REQUIRE(store->append(lease, "one", {record(2, "b")}, "done", 9).ok());
    CHECK(store->change_simulated("contoso", change).ok());
    CHECK(store->remove_messages("one", message).ok());
    CHECK(store->release(lease).ok());
    CHECK(kept.open()->records("one")->size() == 2);
}

}  // namespace pvsplan::store::test
