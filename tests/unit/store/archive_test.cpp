// A run in a file of its own comes back as it was; what was changed or cut off is told, and never taken for fine.
#include <catch2/catch.hpp>

#include <fstream>

#include "compiler/base/digest.hpp"
#include "runtime/store/archive.hpp"
#include "tests/unit/store/folder.hpp"

namespace pvsplan::store::test {

namespace {

const ports::RunRow row{.id = "one",
                        .plan = "restart",
                        .farm = "contoso \"\xc3\xbc\"",
                        .digest = "d1",
                        .outcome = "done",
                        .begun_at = 5,
                        .touched_at = 6,
                        .records = 2,
                        .head = base::sha256_hex("{\"n\":2}")};
const std::string plan = "{\"a\": 1,\n \"b\": 2}\n";

std::string whole() {
    return archive_text(
        row, plan, {{.number = 1, .bytes = "{\"n\":1}", .hash = ""}, {.number = 2, .bytes = "{\"n\":2}", .hash = ""}});
}

}  // namespace

TEST_CASE("archive: a run is read as it was written") {
    const Folder folder;
    const std::string path = (folder.path / "one.journal").string();
    std::ofstream(path) << whole();
    const auto archive = open_archive(path);
    REQUIRE(archive.ok());
    const ports::Store& store = **archive;
    const auto rows = store.runs();
    REQUIRE((rows.ok() && rows->size() == 1));
    const ports::RunRow& there = rows->front();
    CHECK((there.id == row.id && there.plan == row.plan && there.farm == row.farm && there.digest == row.digest));
    CHECK((there.outcome == "done" && there.begun_at == 5 && there.touched_at == 6));
    CHECK((there.records == 2 && there.head == row.head));
    CHECK(*store.plan_bytes("one") == plan);
    REQUIRE(store.records("one")->size() == 2);
    CHECK(store.records("one")->at(1).bytes == "{\"n\":2}");
    CHECK(store.records("one")->at(1).hash == row.head);
    CHECK(archive_text(there, *store.plan_bytes("one"), *store.records("one")) == whole());
}

TEST_CASE("archive: cut anywhere it is refused, or has fewer records than its first line says") {
    const std::string text = whole();
    const std::size_t head = text.find('\n');
    for (std::size_t length = 0; length + 1 < text.size(); ++length) {
        const auto archive = archive_in(std::string_view(text).substr(0, length));
        CHECK(archive.ok() == (length >= head + 1 + plan.size()));
        if (!archive) continue;
        CHECK(*(*archive)->plan_bytes("one") == plan);
        const auto records = *(*archive)->records("one");
        const bool is_less = records.size() < 2 || records.back().hash != row.head;
        CHECK(is_less);
        CHECK((*archive)->runs()->front().records == 2);
    }
}

TEST_CASE("archive: what is none is refused with the reason") {
    for (const char* text : {"", "\n", "x", "[]", "7", "{}", "{\"format\":\"pvsplan.archive/2\",\"run\":\"one\"}",
                             "{\"format\":\"pvsplan.archive/1\"}", "{\"format\":\"pvsplan.archive/1\",\"run\":7}"}) {
        INFO(text);
        CHECK_FALSE(archive_in(text).ok());
    }
    const auto why = [](const std::string& text) {
        const auto archive = archive_in(text);
        return archive ? "" : archive.error().text();
    };
    CHECK(why(R"({"format":"pvsplan.archive/1","run":"r","records":-1,"plan_bytes":18446744073709551615})") ==
          "it was cut off within the compiled plan: copy it again");
    std::string other_ends;  // as a transfer that takes it for text leaves it
    for (const char c : whole()) other_ends += c == '\n' ? std::string("\r\n") : std::string(1, c);
    CHECK(why(other_ends) == "its line ends were changed on the way here: copy it again, byte by byte");
    const auto missing = open_archive("/nowhere/one.journal");
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().text().find("cannot read `/nowhere/one.journal`") != std::string::npos);
}

}  // namespace pvsplan::store::test
