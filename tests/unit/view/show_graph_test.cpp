#include <catch2/catch.hpp>

#include "runtime/view/show_text.hpp"

namespace pvsplan::view {
namespace {

// `count` iterations of a loop, each of two steps, one iteration after the other, with a step before all.
program::Plan looping(std::uint32_t count) {
    program::Plan plan;
    plan.name = "looping";
    plan.graph.nodes.push_back({.id = "first", .action = "look"});
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::string path = "rest[n" + std::to_string(i) + "]";
        plan.instances.push_back({.path = path, .loop = "rest"});
        for (const std::string step : {".stop", ".start"}) {
            const auto node = static_cast<std::uint32_t>(plan.graph.nodes.size());
            plan.graph.nodes.push_back({.id = path + step, .action = "act", .instance = program::InstanceId(i)});
            plan.graph.edges.push_back({program::NodeId(node - 1), program::NodeId(node)});
        }
    }
    return plan;
}

std::size_t count_of(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_CASE("a graph that nobody can look at has its loops folded, one that is small has not") {
    const std::string few = show_mermaid(looping(20));
    CHECK(count_of(few, " --> ") == 40);
    CHECK(count_of(few, "iterations alike") == 0);
    const std::string many = show_mermaid(looping(3000));
    CHECK(many.size() < 50'000);
    CHECK(count_of(many, "-->") == 5);  // first, two of the first iteration, the folded ones, two of the last
    CHECK(count_of(many, "[[\"rest<br>5996 steps of iterations alike\"]]") == 1);
    CHECK(count_of(many, "rest[n2999].start") == 1);
}

TEST_CASE("loops are folded, too, where the names of few steps are more than Mermaid reads") {
    program::Plan plan = looping(100);
    for (program::Node& node : plan.graph.nodes) node.action = std::string(300, 'a');
    const std::string text = show_mermaid(plan);
    CHECK(text.size() < 50'000);
    CHECK(count_of(text, "iterations alike") == 1);
}

TEST_CASE("a drawing is one that Mermaid reads, whatever the plan is") {
    program::Plan chain;
    for (std::uint32_t i = 0; i < 2000; ++i) {
        chain.graph.nodes.push_back({.id = "s" + std::to_string(i), .action = "act"});
        if (i > 0) chain.graph.edges.push_back({program::NodeId(i - 1), program::NodeId(i)});
    }
    const std::string rows = show_mermaid(chain);
    CHECK(count_of(rows, "[[\"s0<br>to s7<br>8 steps\"]]") == 1);
    CHECK(count_of(rows, "-->") == 249);
    CHECK(rows.size() < 50'000);
    CHECK(count_of(show_dot(chain), "->") == 249);

    program::Plan woven;  // each of the first steps before each of the last ones, and names as long as there are
    for (std::uint32_t i = 0; i < 600; ++i) {
        woven.graph.nodes.push_back({.id = std::string(70'000, '"') + std::to_string(i)});
        for (std::uint32_t j = 0; i >= 300 && j < 300; ++j)
            woven.graph.edges.push_back({program::NodeId(j), program::NodeId(i)});
    }
    woven.graph.nodes[7].undo.type = program::Undo::Type::impossible;
    const std::string tight = show_mermaid(woven);
    CHECK(count_of(tight, "-->") > 0);
    CHECK(count_of(tight, "-->") <= 500);
    CHECK(tight.size() < 50'000);
    CHECK(count_of(tight, "stroke:#c00") == 1);  // what cannot be undone is seen in its row, too
}

TEST_CASE("names are text in a drawing, whatever they hold") {
    program::Plan plan;
    plan.graph.nodes.push_back({.id = "s", .action = R"(<img src="x">#35;&amp;\n\"|)"});
    CHECK(count_of(show_mermaid(plan), R"(["s<br>#lt;img src=#quot;x#quot;#gt;#35;35;#amp;amp;\n\#quot;|"])") == 1);
    CHECK(count_of(show_dot(plan), R"(label="s\n<img src=\"x\">#35;&amp;\\n\\\"|")") == 1);
}

TEST_CASE("steps of one iteration are a cluster of the drawing") {
    const std::string dot = show_dot(looping(2));
    CHECK(count_of(dot, "subgraph cluster_") == 2);
    CHECK(count_of(dot, "label=\"rest[n0]\"") == 1);
    CHECK(count_of(show_dot(looping(3000)), "->") == 5);
}

}  // namespace pvsplan::view
