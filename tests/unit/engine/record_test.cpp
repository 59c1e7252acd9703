// A record is one line of canonical JSON: every part of it comes back, and nothing else is taken for one.
#include "runtime/journal/record.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace pvsplan::journal {
namespace {

Record full() {
    return {.number = 7,
            .at = 8,
            .type = Record::Type::failed,
            .node = "all[s0].stop",
            .attempt = 2,
            .value = "v",
            .exit_status = -3,
            .text = "why \"it\" failed\n",
            .by = "anna",
            .account = "1000@m",
            .host = "ws",
            .said = "m1",
            .names = {"anna", "CORP\\leads"},
            .states = {{"server/a", {{"stream", "{\"enum\":\"on\"}"}, {"version", "1"}}}, {"server/b", {}}},
            .outputs = {{"file", "\"/b\""}, {"n", "[1,2]"}},
            .out = "o",
            .err = "e",
            .prev = "abc"};
}

const std::string full_text =
    R"({"n":7,"at":8,"is":"failed","node":"all[s0].stop","attempt":2,"value":"v","exit":-3,)"
    R"("text":"why \"it\" failed\n","by":"anna","account":"1000@m","host":"ws","said":"m1","names":["anna","CORP\\leads"],)"
    R"("states":{"server/a":{"stream":{"enum":"on"},"version":1},"server/b":{}},)"
    R"("outputs":{"file":"/b","n":[1,2]},"out":"o","err":"e","prev":"abc"})";

std::string without(std::string text, const std::string& part) {
    const auto at = text.find(part);
    REQUIRE(at != std::string::npos);
    return text.erase(at, part.size());
}

}  // namespace

TEST_CASE("record: every part comes back, and each may be left out") {
    CHECK(encode(full()) == full_text);
    REQUIRE(decode(full_text).ok());
    CHECK(*decode(full_text) == full());
    for (const char* part :
         {R"("at":8,)", R"("node":"all[s0].stop",)", R"("attempt":2,)", R"("value":"v",)", R"("exit":-3,)",
          R"("text":"why \"it\" failed\n",)", R"("by":"anna",)", R"("account":"1000@m",)", R"("host":"ws",)",
          R"("said":"m1",)", R"("names":["anna","CORP\\leads"],)", R"("outputs":{"file":"/b","n":[1,2]},)",
          R"("out":"o",)", R"("err":"e",)", R"(,"prev":"abc")"}) {
        INFO(part);
        const std::string rest = without(full_text, part);
        REQUIRE(decode(rest).ok());
        CHECK(encode(*decode(rest)) == rest);
        CHECK_FALSE(*decode(rest) == full());
    }
    Record bare{.number = 1};
    CHECK(encode(bare) == R"({"n":1,"is":"began"})");
    CHECK(*decode(encode(bare)) == bare);
}

TEST_CASE("record: each kind has a name of its own, and is known by it") {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Record::Type::unsent); ++i) {
        const Record record{.number = 1, .type = static_cast<Record::Type>(i)};
        CHECK(names.insert(name_of(record.type)).second);
        REQUIRE(decode(encode(record)).ok());
        CHECK(decode(encode(record))->type == record.type);
    }
}

TEST_CASE("record: what is not exactly one is refused") {
    const auto refused = [](const std::string& text) {
        const auto record = decode(text);
        INFO(text);
        REQUIRE_FALSE(record.ok());
        return record.error().text();
    };
    for (std::size_t size = 0; size < full_text.size(); ++size) refused(full_text.substr(0, size));
    CHECK(refused(full_text + " ").find("a record of the journal is not in its canonical form") != std::string::npos);
    CHECK(refused(full_text + full_text).find("a record of the journal cannot be read") != std::string::npos);
    CHECK(refused(R"({"n":1,"is":"becan"})") == "a record of the journal is of no kind that this version knows");
    for (const char* text :
         {R"({"n":1, "is":"began"})", R"({"is":"began","n":1})", R"({"n":1,"is":"began","at":5})",
          R"({"n":1,"at":0,"is":"began"})", R"({"n":1,"is":"began","node":""})", R"({"n":1,"is":"began","states":{}})",
          R"({"n":1,"is":"began","outputs":{}})", R"({"n":1,"is":"began","more":"x"})",
          R"({"n":1,"is":"began","states":{"b":{},"a":{}}})", R"({"n":01,"is":"began"})",
          R"({"n":1,"is":"began","outputs":{"a": 1}})", R"({"n":1,"is":"began","attempt":-1})"})
        refused(text);
}

}  // namespace pvsplan::journal
