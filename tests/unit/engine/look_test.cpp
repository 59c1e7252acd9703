// Reading runs: how one is named, how long steps usually take, and what a record says on one line.
#include <catch2/catch.hpp>

#include "runtime/journal/record.hpp"
#include "tests/unit/engine/hosts.hpp"

namespace pvsplan::engine::test {
namespace {

using journal::Record;
using RecordType = Record::Type;

// Runs in a store, as far as who reads it can tell.
struct Shelf {
    Folder folder;
    std::unique_ptr<ports::Store> store = open(folder);

    void add(const std::string& id, const std::string& plan, const std::string& farm,
             const std::vector<Record>& records) {
        std::vector<ports::RecordRow> rows;
        for (const Record& record : records)
            rows.push_back({.number = rows.size() + 1, .bytes = journal::encode(record), .hash = std::string(64, 'a')});
        add_rows(id, plan, farm, rows);
    }
    void add_rows(const std::string& id, const std::string& plan, const std::string& farm,
                  const std::vector<ports::RecordRow>& rows) const {
        const auto taken = store->acquire(farm, {.who = ports::who_am_i(), .run = id, .since = 1}, ports::Take::over);
        REQUIRE(taken->lease);
        REQUIRE(store
                    ->create_run(*taken->lease, {.id = id, .plan = plan, .farm = farm, .digest = id}, "plan",
                                 ports::Runs::Use::many, rows)
                    .ok());
        REQUIRE(store->append(*taken->lease, id, {}, "done", 1).ok());
        REQUIRE(store->release(*taken->lease).ok());
    }
};

std::vector<Record> took(const std::string& node, ports::Millis ms) {
    return {{.number = 1, .at = 100, .type = RecordType::started, .node = node},
            {.number = 2, .at = 100 + ms, .type = RecordType::finished, .node = node}};
}

}  // namespace

TEST_CASE("look: a run is named by its id, the beginning of one, or as the last of a plan or on a farm") {
    Shelf shelf;
    const auto found = [&](const std::string& text) {
        const auto run = find_run(*shelf.store, text);
        return run.ok() ? run->id : run.error().text();
    };
    CHECK(found("last") == "there is no run yet");
    CHECK(found("") == "there is no run yet");
    shelf.add("20260101-a", "restart", "contoso", {});
    shelf.add("20260101-ab", "upgrade", "fabrikam", {});
    shelf.add("20260102-b", "restart", "fabrikam", {});
    shelf.add("20260103-c", "move", "contoso", {});
    CHECK(found("last") == "20260103-c");
    CHECK(found("last:restart") == "20260102-b");
    CHECK(found("last:upgrade") == "20260101-ab");
    CHECK(found("last:fabrikam") == "20260102-b");
    CHECK(found("last:contoso") == "20260103-c");
    CHECK(found("last:") == "there is no run of a plan or on a farm ``; `pvsplan runs` lists them");
    CHECK(found("last:nobody") == "there is no run of a plan or on a farm `nobody`; `pvsplan runs` lists them");
    CHECK(found("20260101-a") == "20260101-a");  // also the beginning of another
    CHECK(found("20260102") == "20260102-b");
    CHECK(found("20260101") == "`20260101` is the beginning of 2 runs");
    CHECK(found("2026") == "`2026` is the beginning of 4 runs");
    CHECK(found("2025") == "there is no run `2025`; `pvsplan runs` lists them");
}

TEST_CASE("look: how long a step usually takes is told by the last runs of its plan") {
    Shelf shelf;
    const auto usual = [&](const std::string& plan) {
        const auto all = usual_durations(*shelf.store, plan);
        std::string text;
        for (const auto& [node, ms] : *all) text += node + " " + std::to_string(ms) + " ";
        return text;
    };
    CHECK(usual("restart").empty());
    shelf.add("other", "upgrade", "contoso", took("stop", 7));
    CHECK(usual("restart").empty());
    shelf.add("first", "restart", "contoso", took("stop", 1000));
    CHECK(usual("restart") == "stop 1000 ");
    shelf.add("second", "restart", "contoso", took("stop", 10));
    shelf.add("third", "restart", "contoso", took("stop", 30));
    CHECK(usual("restart") == "stop 30 ");  // the middle one
    // What ended without a start, or before it by a clock that was set back, and what nobody can read.
    shelf.add("odd", "restart", "contoso", {{.number = 1, .at = 5, .type = RecordType::finished, .node = "alone"}});
    shelf.add("back", "restart", "contoso", took("back", -50));
    shelf.add_rows("damaged", "restart", "contoso", {{.number = 1, .bytes = "{", .hash = std::string(64, 'a')}});
    CHECK(usual("restart") == "back 0 stop 30 ");
    CHECK(usual("upgrade") == "stop 7 ");
    // Only the last twenty are looked at.
    for (int i = 0; i < 19; ++i) shelf.add("late" + std::to_string(i), "restart", "contoso", took("late", i));
    CHECK(usual("restart") == "late 9 ");
    shelf.add("very-last", "upgrade", "contoso", took("stop", 7));
    CHECK(usual("restart") == "late 9 ");
}

TEST_CASE("look: twenty runs and no more tell how long a step takes") {
    Shelf shelf;
    for (int i = 0; i < 21; ++i)
        shelf.add("run" + std::to_string(i), "restart", "contoso", took("s" + std::to_string(i), 1));
    const auto all = usual_durations(*shelf.store, "restart");
    CHECK(all->size() == 20);
    CHECK_FALSE(all->contains("s0"));
}

TEST_CASE("look: a record on one line") {
    Shelf shelf;
    const auto line_of = [&](Record record) {
        static int number = 0;
        const std::string id = "run" + std::to_string(++number);
        record.number = 1;
        shelf.add(id, "restart", "contoso", {record});
        const auto lines = log(*shelf.store, id);
        REQUIRE(lines->size() == 1);
        CHECK(lines->front().number == 1);
        CHECK(lines->front().json == journal::encode(record));
        CHECK(lines->front().at == record.at);
        CHECK(lines->front().node == record.node);
        CHECK(lines->front().kind == std::string(journal::name_of(record.type)));
        CHECK(lines->front().output == (record.type == RecordType::told ? "" : record.out + record.err));
        return lines->front().text;
    };
    CHECK(line_of({.type = RecordType::failed, .node = "s", .attempt = 1, .exit_status = 3, .text = "no room"}) ==
          "exit status 3, no room");
    CHECK(line_of({.type = RecordType::failed, .node = "s", .text = "refused"}) == "refused");
    CHECK(line_of({.at = 9,
                   .type = RecordType::finished,
                   .node = "s",
                   .attempt = 1,
                   .exit_status = 3,
                   .out = "o",
                   .err = "e"})
              .empty());
    CHECK(line_of({.type = RecordType::finished, .node = "s", .attempt = 2}) == "attempt 2");
    CHECK(line_of({.type = RecordType::approved, .node = "s", .text = "fine", .by = "otto"}) == "fine, by otto");
    CHECK(line_of({.type = RecordType::approved, .node = "s", .by = "otto", .host = "here"}) == "by otto on here");
    CHECK(line_of({.type = RecordType::approved, .node = "s", .by = "otto", .names = {"leads", "ops"}}) ==
          "by otto, as leads, ops");
    CHECK(
        line_of({.type = RecordType::told, .value = "waiting", .text = "look", .names = {"approval s"}, .out = "{}"}) ==
        "waiting, look");
    CHECK(line_of({.type = RecordType::started, .node = "s", .attempt = 1, .host = "/jobs"}).empty());
    const auto state = [&](const std::string& value) {
        return line_of({.type = RecordType::observed, .states = {{"server/s0", {{"x", value}}}}});
    };
    CHECK(state(R"({"enum": "running"})") == "server/s0.x = running");
    CHECK(state(R"("text")") == R"(server/s0.x = "text")");
    CHECK(state(R"("a: \"b\"")") == R"(server/s0.x = "a: \"b\"")");  // no mapping
    CHECK(state("2203") == "server/s0.x = 2203");
    CHECK(state("{}") == "server/s0.x = {}");
    CHECK(state(R"({"list": [1]})") == R"(server/s0.x = {"list": [1]})");
    CHECK(state(R"({"a": ""})") == "server/s0.x = ");
    const auto none = log(*shelf.store, "nobody");
    CHECK(none->empty());
    shelf.add_rows("damaged", "restart", "contoso", {{.number = 1, .bytes = "{", .hash = std::string(64, 'a')}});
    const auto damaged = log(*shelf.store, "damaged");
    CHECK(damaged->front().kind == "damaged");
    CHECK(damaged->front().text == "this record cannot be read");
    CHECK(damaged->front().json == "{");
}

}  // namespace pvsplan::engine::test
