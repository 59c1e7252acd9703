// The bound on the time of a run that `show` tells: by the timeouts of the steps.
#include <catch2/catch.hpp>

#include "runtime/view/show_text.hpp"

namespace pvsplan::view::test {
namespace {

using program::Node;
using program::NodeId;

constexpr std::int64_t minute_ms = 60'000;

Node step(const std::string& id, std::int64_t minutes, program::Retry retry = {}) {
    return {.id = id, .action = "m.act", .timeout_ms = minutes * minute_ms, .retry = retry};
}

// What is told of the time of a run of these steps.
std::string times_of(const std::vector<Node>& nodes, const std::vector<std::pair<int, int>>& edges) {
    program::Plan plan{.name = "p"};
    plan.actions["m.act"] = {.name = "m.act"};
    plan.graph.nodes = nodes;
    for (const auto& [from, to] : edges) plan.graph.edges.push_back({.from = NodeId(from), .to = NodeId(to)});
    const std::string text = show_text(plan, {.width = 200}, Shows::everything, {});
    const std::size_t at = text.find("expected time: ");
    return text.substr(at, text.find('\n', at) - at);
}

std::string bound_of(const std::vector<Node>& nodes, const std::vector<std::pair<int, int>>& edges) {
    const std::string text = times_of(nodes, edges);
    const std::size_t at = text.find("; ");
    return at == std::string::npos ? "" : text.substr(at + 2);
}

}  // namespace

TEST_CASE("the bound by the timeouts is that of the longest chain") {
    CHECK(bound_of({step("a", 5), step("b", 7)}, {{0, 1}}) == "at most 12m by the timeouts");
    CHECK(bound_of({step("a", 5), step("b", 7)}, {}) == "at most 7m by the timeouts");
    CHECK(bound_of({step("a", 5), step("b", 7), step("c", 1)}, {{0, 2}, {1, 2}}) == "at most 8m by the timeouts");
    const Node join{.id = "j", .type = Node::Type::join};
    CHECK(bound_of({step("a", 5), join, step("b", 7)}, {{0, 1}, {1, 2}}) == "at most 12m by the timeouts");
}

TEST_CASE("each further attempt takes its timeout and its delay") {
    const program::Retry twice{.times = 2, .delay_ms = 3 * minute_ms};
    CHECK(bound_of({step("a", 5, twice)}, {}) == "at most 21m by the timeouts");
    CHECK(bound_of({step("a", 5, twice), step("b", 1)}, {{0, 1}}) == "at most 22m by the timeouts");
    CHECK(bound_of({step("a", 5, twice), step("b", 20)}, {}) == "at most 21m by the timeouts");
}

TEST_CASE("without a timeout of each step there is no bound, and people are not counted") {
    CHECK(bound_of({step("a", 5), step("b", 0)}, {{0, 1}}).empty());
    CHECK(bound_of({}, {}).empty());
    const Node approval{.id = "ok", .type = Node::Type::approval, .text = "look"};
    CHECK(bound_of({step("a", 5), approval}, {{0, 1}}) == "at most 5m by the timeouts; people not counted");
}

TEST_CASE("a bound that no number holds is none") {
    const std::int64_t year = std::int64_t{366} * 24 * 60;
    const program::Retry often{.times = 1000, .delay_ms = year * minute_ms};
    CHECK(bound_of({step("a", year, often)}, {}).empty());
}

TEST_CASE("more steps than run at once wait for each other") {
    std::vector<Node> nodes;
    for (int i = 0; i < 64; ++i) nodes.push_back(step("s" + std::to_string(i), 64));
    CHECK(bound_of(nodes, {}) == "at most 1h 4m by the timeouts");
    nodes.push_back(step("one-more", 64));
    CHECK(bound_of(nodes, {}) == "at most 2h 8m by the timeouts");
    std::vector<std::pair<int, int>> chain;
    for (int i = 0; i < 64; ++i) chain.emplace_back(i, i + 1);
    CHECK(bound_of(nodes, chain) == "at most 2d 21h by the timeouts");
}

}  // namespace pvsplan::view::test
