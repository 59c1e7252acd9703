// What a store on a server meets: its leases expire by its clock, connections are lost, servers fail over.
#include "tests/integration/postgres_store.hpp"

#include <chrono>
#include <thread>

#include "runtime/store/postgres_store.hpp"
#include "tests/unit/store/stores.hpp"

namespace pvsplan::store::test {

using ports::Expiry;
using ports::Lease;
using ports::Runs;
using ports::Take;

namespace {

std::unique_ptr<ports::Store> opened(const std::string& url) {
    auto store = open_postgres_store(*base::store_name(url));
    INFO((store.ok() ? "" : store.error().text()));
    REQUIRE(store.ok());
    return std::move(*store);
}

// A process of another machine.
ports::LeaseOwner far(const char* run) {
    ports::LeaseOwner one = owner(run);
    one.who.space = "pid:[1] ";
    one.who.machine = "another";
    return one;
}

void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

}  // namespace

TEST_CASE("postgres: a lease expires by the clock of the server, and is kept by renewing it", "[store]") {
    const Postgres kept;
    const auto mine = opened(kept.url("ttl=2"));
    const auto other = opened(kept.url("ttl=2"));
    const auto lease = mine->acquire("contoso", far("one"), Take::if_free);
    REQUIRE((lease.ok() && lease->lease));
    for (int i = 0; i < 6; ++i) {
        sleep_ms(500);
        CHECK(*mine->renew(*lease->lease));
        CHECK(*mine->may_command(*lease->lease));
        CHECK((*other->held("contoso"))->expiry == Expiry::valid);
    }
    CHECK_FALSE(other->acquire("contoso", far("two"), Take::if_free)->lease);
    sleep_ms(2200);
    CHECK((*other->held("contoso"))->expiry == Expiry::expired);
    const auto next = other->acquire("contoso", far("two"), Take::if_free);
    REQUIRE((next.ok() && next->lease));
    CHECK(next->held_by->expiry == Expiry::expired);
    CHECK_FALSE(*mine->may_command(*lease->lease));
    CHECK_FALSE(*mine->renew(*lease->lease));
}

}  // namespace pvsplan::store::test
