// What workers of a site and those who ask them find in a store on a server: jobs, reports, and who is told of them.
#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "runtime/site/next_look.hpp"
#include "tests/integration/postgres_store.hpp"
#include "tests/unit/soon.hpp"
#include "tests/unit/store/stores.hpp"

namespace pvsplan::store::test {

using ports::Lease;
using ports::Runs;
using tests::sleep_ms;
using tests::soon;

TEST_CASE("postgres: a job for a site is there with the records of its start, or never", "[store]") {
    const Postgres kept;
    const auto store = opened(kept.url());
    ports::Sites& sites = *store->sites();
    const Lease lease = acquired(*store);
    REQUIRE(store->create_run(lease, run_row("one", "d1"), "p", Runs::Use::single, {}).ok());
    const auto job = [&](const char* key) {
        return ports::SiteJob{.asker = "asker", .key = key, .site = "berlin", .farm = lease.farm, .token = lease.token};
    };
    const ports::SiteWorker worker{.name = "worker", .site = "berlin", .who = {}};
    REQUIRE(sites.ask({job("a"), job("b")}).ok());
    REQUIRE(sites.take(worker, 2, 10'000)->size() == 2);
    REQUIRE(
        sites.report("worker", {{.job = {"asker", "a"}, .bytes = "begun"}, {.job = {"asker", "b"}, .bytes = "over"}})
            .ok());
    const auto reports = sites.reports("asker", {});
    REQUIRE((reports.ok() && reports->size() == 2));

    sites.ask_with_records({job("c")}, {reports->at(1).number});
    CHECK(store->append(lease, "one", {}, std::nullopt, 7).ok());  // of nothing
    CHECK_FALSE(store->append({lease.farm, lease.token + 1}, "one", {record(1, "a")}, std::nullopt, 7).ok());
    CHECK(sites.open_jobs("asker")->size() == 2);
    CHECK(sites.reports("asker", {})->size() == 2);
    CHECK(store->append(lease, "one", {record(1, "a")}, std::nullopt, 7).ok());
    CHECK(sites.open_jobs("asker")->size() == 3);
    const auto left = *sites.reports("asker", {});
    CHECK((left.size() == 1 && left[0].bytes == "begun"));
    const auto taken = *sites.take(worker, 2, 10'000);
    CHECK((taken.size() == 1 && taken[0].key == "c" && taken[0].token == lease.token));
    REQUIRE(sites.report("worker", {{.job = {"asker", "c"}, .bytes = "over", .is_final = true}}).ok());
    CHECK(store->append(lease, "one", {record(2, "b")}, std::nullopt, 7).ok());  // once
    CHECK(sites.open_jobs("asker")->size() == 2);
}

namespace {

// Whether news come within a few seconds.
bool is_told(ports::Sites& sites) {
    return soon([&] { return sites.news().is_there; });
}

}  // namespace

TEST_CASE("postgres: a worker is told of jobs, and who asks of reports, on whichever connection", "[store]") {
    const Postgres kept;
    const auto asking = opened(kept.url());
    const auto working = opened(kept.url());
    ports::Sites& asker = *asking->sites();
    ports::Sites& site = *working->sites();
    const ports::SiteWorker worker{.name = "worker", .site = "Berlin \"Mitte\"", .who = {}};
    const auto job = [&](const char* key) {
        return ports::SiteJob{.asker = "asker", .key = key, .site = worker.site, .farm = "contoso"};
    };
    REQUIRE(site.be_present(worker).ok());
    REQUIRE(asker.reports("asker", {}).ok());
    REQUIRE((site.news().descriptor >= 0 && asker.news().descriptor >= 0));
    CHECK_FALSE(site.news().is_there);
    REQUIRE(asker.ask({job("a")}).ok());
    CHECK(is_told(site));
    CHECK_FALSE(site.news().is_there);
    REQUIRE(site.take(worker, 1, 10'000)->size() == 1);
    REQUIRE(site.report("worker", {{.job = {"asker", "a"}, .bytes = "over", .is_final = true}}).ok());
    CHECK(is_told(asker));
    CHECK(asker.reports("asker", {})->size() == 1);

    // Its connection is lost while it waits.
    (void)Postgres::server().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                                 kept.database() + "'");
    REQUIRE(soon([&] { return site.news().descriptor < 0; }));
    REQUIRE(site.take(worker, 1, 10'000)->empty());
    REQUIRE(site.news().descriptor >= 0);
    REQUIRE(asker.ask({job("b")}).ok());
    CHECK(is_told(site));
}

TEST_CASE("postgres: through a pool nobody listens, and what is told reaches those who do", "[store]") {
    const PooledPostgres kept;
    const auto store = kept.open();
    ports::Sites& sites = *store->sites();
    const ports::SiteWorker worker{.name = "worker", .site = "berlin", .who = {}};
    const ports::SiteJob job{.asker = "asker", .key = "a", .site = "berlin", .farm = "contoso"};
    const auto direct = opened("postgresql://ops@" + at(Postgres::server().port()) + "/" + kept.database());
    REQUIRE(direct->sites()->be_present(worker).ok());
    REQUIRE(sites.be_present(worker).ok());
    REQUIRE(sites.ask({job}).ok());
    CHECK(is_told(*direct->sites()));
    CHECK((!sites.news().is_there && sites.news().descriptor < 0));
    CHECK(sites.take(worker, 1, 10'000)->size() == 1);
}

TEST_CASE("postgres: of the workers of a site a few are told", "[store]") {
    const Postgres kept;
    std::map<int, std::unique_ptr<ports::Store>> workers;
    const auto be_present = [&](int name) {
        return workers.at(name)->sites()->be_present({.name = std::to_string(name), .site = "berlin", .who = {}});
    };
    const auto told = [&] {
        std::string names;
        for (const auto& [name, store] : workers)
            if (store->sites()->news().descriptor >= 0) names += std::to_string(name);
        return names;
    };
    for (int name = 1; name <= 6; ++name) workers.emplace(name, opened(kept.url()));
    for (int name = 6; name >= 1; --name) REQUIRE(be_present(name).ok());
    CHECK(told() == "123456");  // each was among the first when it came
    for (int name = 6; name >= 1; --name) REQUIRE(be_present(name).ok());
    CHECK(told() == "1234");
    REQUIRE(workers.at(1)->sites()->leave("1").ok());
    REQUIRE(be_present(5).ok());
    CHECK(told() == "12345");
}

TEST_CASE("postgres: whoever notifies all the time makes nobody look all the time", "[store]") {
    const Postgres kept;
    const auto working = opened(kept.url());
    ports::Sites& site = *working->sites();
    const ports::SiteWorker worker{.name = "worker", .site = "berlin", .who = {}};
    REQUIRE(site.be_present(worker).ok());
    std::atomic<bool> is_over = false;
    std::thread flood([&] {
        while (!is_over)
            (void)Postgres::server().sql(
                "DO $$ BEGIN PERFORM set_config('synchronous_commit', 'off', false); FOR i IN 1..2000 LOOP PERFORM "
                "pg_notify('pvsplan_' || "
                "left(encode(sha256(E'jobs\\nberlin'), 'hex'), 32), ''); COMMIT; END LOOP; END $$",
                kept.database());
    });
    ports::Mailbox mailbox;
    ports::SystemClock clock;
    site::NextLook next(site, mailbox);
    std::vector<ports::Millis> looks;
    int turns = 0;
    bool is_taken = true;  // checked afterwards: the other thread asserts meanwhile
    const ports::Millis begun = clock.steady();
    for (; clock.steady() < begun + 1000 || looks.size() <= 10; ++turns) {
        if (const ports::Millis now = clock.steady(); next.is_due(now)) {
            is_taken = site.take(worker, 1, 10'000).ok() && is_taken;
            next.has_looked(now, 60'000);
            looks.push_back(now);
        }
        (void)clock.wait(mailbox, std::min(next.at(), clock.steady() + 1000));
    }
    const ports::Millis ended = clock.steady();
    is_over = true;
    flood.join();
    CHECK(is_taken);
    for (std::size_t i = 1; i < looks.size(); ++i) CHECK(looks[i] - looks[i - 1] >= 5);
    CHECK(turns < 4 * (ended - begun));
}

TEST_CASE("postgres: a worker holds the jobs that it knows to have, and no others", "[store]") {
    const Postgres kept;
    const auto store = opened(kept.url());
    ports::Sites& sites = *store->sites();
    const ports::SiteWorker worker{.name = "worker", .site = "berlin", .who = {}};
    REQUIRE(
        sites.ask({{.asker = "asker", .key = "a", .site = "berlin"}, {.asker = "asker", .key = "b", .site = "berlin"}})
            .ok());
    REQUIRE(sites.take(worker, 2, 5000)->size() == 2);  // of which an answer that was lost told but one
    const auto held = sites.hold("worker", {{"asker", "a"}, {"asker", "c"}}, 60'000);
    REQUIRE(held.ok());
    CHECK(*held == std::vector<ports::Sites::Held>{{"asker", "a"}});
    sleep_ms(5100);
    const auto again = sites.take(worker, 2, 60'000);
    REQUIRE((again.ok() && again->size() == 1));
    CHECK((again->at(0).key == "b" && again->at(0).takes == 2));
}

}  // namespace pvsplan::store::test
