#include "tests/integration/postgres_store.hpp"

#include <catch2/catch.hpp>

#include "runtime/store/postgres_store.hpp"
#include "tests/unit/skip.hpp"

namespace pvsplan::store::test {

std::unique_ptr<ports::Store> opened(const std::string& url) {
    auto store = open_postgres_store(*base::store_name(url));
    INFO((store.ok() ? "" : store.error().text()));
    REQUIRE(store.ok());
    return std::move(*store);
}

std::string at(int port) { return "127.0.0.1:" + std::to_string(port); }

integration::Postgres& Postgres::server() {
    if (!integration::Postgres::is_possible()) tests::skip_all("postgresql is not installed");
    static integration::Postgres one;
    return one;
}

Postgres::Postgres(int port) : port_(port) {
    static int count = 0;
    if (count == 0) (void)server().sql("CREATE ROLE ops LOGIN");
    database_ = "store" + std::to_string(++count);
    (void)server().sql("CREATE DATABASE " + database_ + " OWNER ops");
}

std::string Postgres::url(const std::string& parameters) const {
    return "postgresql://ops@" + at(port_) + "/" + database_ + "?" + parameters;
}

std::shared_ptr<ports::Store> Postgres::open() const { return opened(url()); }

std::shared_ptr<const ports::Store> Postgres::open_to_read() const {
    auto store = open_postgres_store_to_read(*base::store_name(url()));
    INFO((store.ok() ? "" : store.error().text()));
    REQUIRE(store.ok());
    return std::move(*store);
}

void Postgres::fail_writes() {
    (void)server().sql("REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pvsplan FROM ops", database_);
}

void Postgres::repair() { (void)server().sql("GRANT ALL ON ALL TABLES IN SCHEMA pvsplan TO ops", database_); }

integration::Pool& PooledPostgres::pool() {
    if (!integration::Pool::is_possible()) tests::skip_all("pgbouncer is not installed");
    static integration::Pool one(server());
    return one;
}

}  // namespace pvsplan::store::test
