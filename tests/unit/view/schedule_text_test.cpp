#include <catch2/catch.hpp>

#include "runtime/view/schedule_text.hpp"

namespace pvsplan::view {
namespace {

using schedule::Moment;
using What = Moment::What;

// Nodes "n0", "n1", …, each on an object of its own; the last one is a join.
graph::Facts facts(std::uint32_t nodes) {
    graph::Facts facts;
    for (std::uint32_t i = 0; i < nodes; ++i) facts.on.emplace_back(i);
    facts.on.back() = {};
    facts.path = [](graph::Index node) { return "n" + std::to_string(node); };
    return facts;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the text of a schedule has what matters in it") {
    checks::Witness witness;
    for (std::uint32_t i = 0; i < 5; ++i)
        witness.schedule.insert(witness.schedule.end(), {{What::start, i}, {What::finish, i}});
    const auto also = [&](What what, std::uint32_t node) { witness.schedule.push_back({what, node}); };
    also(What::start, 5);  // open until the end, though the witness does not name it
    also(What::start, 6);
    also(What::finish, 6);
    also(What::start, 7);
    also(What::fail, 7);
    also(What::start, 8);
    also(What::start, 9);  // a join: nobody sees it
    also(What::finish, 9);
    also(What::finish, 8);
    witness.nodes = {2, 8};
    CHECK(schedule_lines(facts(10), witness) == Lines{"2 other steps run", "`n2` starts and finishes",
                                                      "2 other steps run", "`n5` starts", "1 other step runs",
                                                      "`n7` starts and fails", "`n8` starts", "`n8` finishes"});
}

TEST_CASE("a long schedule is cut to its beginning and its end") {
    checks::Witness witness;
    for (std::uint32_t i = 0; i < 60; ++i) {
        witness.schedule.push_back({What::start, i});
        witness.nodes.push_back(i);
    }
    const Lines lines = schedule_lines(facts(61), witness);
    REQUIRE(lines.size() == 12);
    CHECK(lines[2] == "`n2` starts");
    CHECK(lines[3] == "… 49 more moments …");
    CHECK(lines[4] == "`n52` starts");
    CHECK(lines[11] == "`n59` starts");
    CHECK(schedule_lines(facts(1), {}).empty());
}

}  // namespace pvsplan::view
