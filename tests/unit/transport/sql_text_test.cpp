#include <catch2/catch.hpp>

#include "runtime/transport/sql_text.hpp"

using namespace pvsplan::transport;

namespace {

std::vector<SqlBatch> split(std::string_view script) {
    auto batches = split_sql(script);
    if (!batches) FAIL(batches.error().text());
    return *batches;
}
std::string refused(std::string_view script) {
    auto batches = split_sql(script);
    REQUIRE_FALSE(batches.ok());
    return batches.error().text();
}

}  // namespace

TEST_CASE("sql: batches end at lines that say GO") {
    const auto batches = split("SELECT 1\nGO\n-- nothing here\nGO\nSELECT 2\n  go 3 -- thrice\nSELECT 3");
    REQUIRE(batches.size() == 3);
    CHECK(batches[0].text == "SELECT 1\n");
    CHECK(batches[1].text == "SELECT 2\n");
    CHECK(batches[1].times == 3);
    CHECK(batches[1].line == 5);
    CHECK(batches[2].text == "SELECT 3");
    CHECK(split("SELECT 'a\nGO\nb'").size() == 1);
    CHECK(split("/* x\nGO\n*/ SELECT 1").size() == 1);
    CHECK(split("GOTO label\nGO1\nGO x").size() == 1);
    CHECK(split("SELECT 1\r\nGO\r\nSELECT 2\r\n").size() == 2);
    CHECK(split(" ;\n-- only this\nGO\n").empty());
    CHECK(split("SELECT 1\nGO 0\nSELECT 2").size() == 1);
}

TEST_CASE("sql: values outside of literals and comments become parameters") {
    const auto batches = split(
        "INSERT INTO t VALUES (:With.name, :On.address, ':With.no', \":With.no\", [a:With.no], :Secret.db-login)\n"
        "-- :With.no\n/* :With.no /* :With.no */ :With.no */ SELECT :Before.version-1, x::With.y, :with.z, "
        ":With.server.site");
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].values == std::vector<std::string>{"With.name", "On.address", "Secret.db-login",
                                                        "Before.version-1", "With.server.site"});
    CHECK(batches[0].text ==
          "INSERT INTO t VALUES (?, ?, ':With.no', \":With.no\", [a:With.no], ?)\n"
          "-- :With.no\n/* :With.no /* :With.no */ :With.no */ SELECT ?, x::With.y, :with.z, ?");
}

TEST_CASE("sql: literals of every kind are left alone") {
    for (const char* text : {"SELECT 'it''s :With.a ?'", "SELECT E'\\' :With.a ?'", "SELECT $$ :With.a ? $$",
                             "SELECT $tag$ $$ :With.a ? $tag$", "SELECT \"a\"\":With.a?\"", "SELECT [a]]:With.a?]",
                             "SELECT x[1], $1, 5$ FROM t -- ?"}) {
        const auto batches = split(text);
        REQUIRE(batches.size() == 1);
        CHECK(batches[0].text == text);
        CHECK(batches[0].values.empty());
    }
}

TEST_CASE("sql: a fault is reported with its line") {
    CHECK(refused("SELECT\n?") ==
          "line 2 of the script: `?` would be taken for a value: write `:With.name` and the like");
    CHECK(refused("\nSELECT 'a\n") == "line 2 of the script: a literal has no end");
    CHECK(refused("/* /* */") == "line 1 of the script: a comment has no end");
    CHECK(refused("SELECT $x$ $y$") == "line 1 of the script: a literal has no end");
    CHECK(refused("SELECT :With.") == "line 1 of the script: `:With.` wants a name");
}

TEST_CASE("sql: values come from the data of the job, typed") {
    const auto values = sql_values(
        {"With.n", "With.t", "With.b", "On.none", "With.list", "With.o.site", "Secret.s"},
        R"({"With":{"n":5,"t":"x","b":true,"list":[1,"a"],"o":{"site":"east"}},"On":{"none":null}})", {{"s", "hush"}});
    REQUIRE(values.ok());
    CHECK((*values)[0].number == 5);
    CHECK((*values)[1].text == "x");
    CHECK((*values)[2].type == SqlValue::Type::boolean);
    CHECK((*values)[3].type == SqlValue::Type::null);
    CHECK((*values)[4].text == R"([1,"a"])");
    CHECK((*values)[5].text == "east");
    CHECK((*values)[6].text == "hush");
    CHECK_FALSE(sql_values({"With.missing"}, R"({"With":{}})", {}).ok());
    CHECK_FALSE(sql_values({"Secret.missing"}, "{}", {}).ok());
}
