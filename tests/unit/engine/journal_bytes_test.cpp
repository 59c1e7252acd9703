// runtime/journal/README.md specifies the bytes of a journal; here the code is compared with it, and the schema of
// records.
#include <catch2/catch.hpp>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "compiler/base/digest.hpp"
#include "runtime/journal/record.hpp"

namespace pvsplan::journal {
namespace {

std::vector<std::string> readme() {
    std::ifstream in(PVSPLAN_SOURCE_DIR "/runtime/journal/README.md");
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    REQUIRE(lines.size() > 20);
    return lines;
}

// The lines of the example.
std::vector<std::string> example() {
    std::vector<std::string> records;
    bool is_inside = false;
    for (const std::string& line : readme()) {
        if (line.starts_with("```"))
            is_inside = line.starts_with("```json");
        else if (is_inside)
            records.push_back(line);
    }
    return records;
}

// What stands in backticks in the given cells of the rows of a table, row by row, cell after cell.
std::vector<std::string> column(const std::string& heading, std::size_t cell) {
    std::vector<std::string> words;
    bool is_inside = false;
    for (const std::string& line : readme()) {
        if (line.starts_with(heading)) is_inside = true;
        if (!is_inside || line.starts_with(heading) || line.starts_with("|---")) continue;
        if (!line.starts_with('|')) break;
        std::size_t from = 0;
        for (std::size_t i = 0; i < cell; ++i) from = line.find('|', from + 1);
        const std::string text = line.substr(from, line.find('|', from + 1) - from);
        for (std::size_t at = text.find('`'); at != std::string::npos; at = text.find('`', at)) {
            const std::size_t end = text.find('`', at + 1);
            words.push_back(text.substr(at + 1, end - at - 1));
            at = end + 1;
        }
    }
    return words;
}

nlohmann::ordered_json schema() {
    std::ifstream in(PVSPLAN_SOURCE_DIR "/runtime/cli/formats/record-1.json");
    return nlohmann::ordered_json::parse(in);
}

}  // namespace

TEST_CASE("the journal of the README is one, byte by byte") {
    std::string prev;
    std::uint64_t number = 0;
    for (const std::string& line : example()) {
        INFO(line);
        base::Result<Record> record = decode(line);
        REQUIRE(record);
        CHECK(record->number == ++number);
        record->prev = prev;
        CHECK(encode(*record) == line);
        prev = base::sha256_hex(line);
    }
    CHECK(number == 4);
}

TEST_CASE("a byte more, or in another place, and it is none") {
    const std::string line = example().at(0);
    for (const std::string& other : {line + " ", " " + line, line + "\n", "{\"at\":1," + line.substr(1)})
        CHECK(!decode(other));
}

TEST_CASE("the README names every kind of record, and nothing else") {
    std::vector<std::string> kinds = column("| `is` | of |", 0);
    for (const std::string& kind : column("| `is` | of |", 2)) kinds.push_back(kind);
    for (std::size_t i = 0; i < kinds.size(); ++i) CHECK(name_of(static_cast<Record::Type>(i)) == kinds[i]);
    CHECK_THROWS_AS(name_of(static_cast<Record::Type>(kinds.size())), std::out_of_range);
    CHECK(schema().at("properties").at("is").at("enum") == nlohmann::ordered_json(kinds));
}

TEST_CASE("the README names every member of a record, in its order") {
    const Record full{.number = 1,
                      .at = 2,
                      .type = Record::Type::finished,
                      .node = "a",
                      .attempt = 1,
                      .value = "a",
                      .exit_status = 1,
                      .text = "a",
                      .by = "a",
                      .account = "a",
                      .host = "a",
                      .said = "a",
                      .names = {"a"},
                      .states = {{"server/a", {{"stream", "1"}}}},
                      .outputs = {{"file", "1"}},
                      .out = "a",
                      .err = "a",
                      .prev = "a"};
    const std::string bytes = encode(full);
    std::vector<std::string> found;
    int depth = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '{') ++depth;
        if (bytes[i] == '}') --depth;
        if (depth != 1 || bytes[i] != '"') continue;
        const std::size_t end = bytes.find('"', i + 1);
        if (bytes[end + 1] == ':') found.push_back(bytes.substr(i + 1, end - i - 1));
        i = end;
    }
    CHECK(found == column("| member |", 0));
    std::vector<std::string> of_schema;
    const nlohmann::ordered_json properties = schema().at("properties");
    for (const auto& member : properties.items()) of_schema.push_back(member.key());
    CHECK(of_schema == found);
}

}  // namespace pvsplan::journal
