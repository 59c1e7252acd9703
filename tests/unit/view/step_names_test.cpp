#include <catch2/catch.hpp>

#include "runtime/view/show_text.hpp"
#include "runtime/view/step_names.hpp"

namespace pvsplan::view {
namespace {

using Found = std::vector<std::uint32_t>;

// a, g.x, g.y, the join of g, l[p].x, l[q].x, l
program::Graph graph() {
    using program::Node;
    program::Graph graph;
    for (const char* path : {"a", "g.x", "g.y"}) graph.nodes.push_back({.id = path});
    graph.nodes.push_back({.id = "g", .type = Node::Type::join});
    graph.nodes.push_back({.id = "l[p].x", .type = Node::Type::approval});
    graph.nodes.push_back({.id = "l[q].x"});
    graph.nodes.push_back({.id = "l", .type = Node::Type::join});
    return graph;
}

StepNames names_of_all() {
    program::Plan plan;
    plan.graph = graph();
    plan.left_out = {{"l[r]", "r.version is 2"}};
    return StepNames(plan);
}

std::string error_of(const StepNames& names, const std::string& typed) {
    const auto found = names.find(typed);
    return found ? "found" : found.error().text();
}

}  // namespace

TEST_CASE("a step is meant by its path, by its number or by a group around it") {
    const StepNames names = names_of_all();
    CHECK(*names.find("a") == Found{0});
    CHECK(*names.find("g") == Found{1, 2});
    CHECK(*names.find("l") == Found{4, 5});
    CHECK(*names.find("l[q]") == Found{5});
    CHECK(*names.find("1") == Found{0});
    CHECK(*names.find("3") == Found{2});
    CHECK(*names.find("4") == Found{4});  // the join has no number
    CHECK(*names.find("5") == Found{5});
}

TEST_CASE("a number is the one that show prints") {
    program::Plan plan;
    plan.graph = graph();
    plan.actions[""] = {};
    const StepNames names(plan);
    const std::string shown = show_text(plan, {.write = {}}, Shows::everything, {});
    for (std::uint32_t i = 0; i < names.size(); ++i)
        for (int number = 1; number <= 5; ++number)
            if (const auto found = names.find(std::to_string(number)); *found == Found{i})
                CHECK(shown.find("\n" + std::to_string(number) + "  " + names.path(i)) != std::string::npos);
}

TEST_CASE("an unknown step is an error that names the nearest") {
    const StepNames names = names_of_all();
    CHECK(error_of(names, "0") == "there is no step 0; the numbers of `pvsplan show` go from 1 to 5");
    CHECK(error_of(names, "6") == "there is no step 6; the numbers of `pvsplan show` go from 1 to 5");
    CHECK(error_of(names, "l[P].X") == "there is no step `l[P].X`; did you mean `l[p].x`?");
    CHECK(error_of(names, "l[s].x") == "there is no step `l[s].x`; did you mean `l[p].x`?");
    CHECK(error_of(names, "l[r].x") == "the step `l[r].x` is left out of this plan: r.version is 2");
    CHECK(error_of(names, "l[r]") == "the step `l[r]` is left out of this plan: r.version is 2");
    CHECK(error_of(names, "y") == "there is no step `y`; did you mean `a`?");
    CHECK(error_of(names, "x y z") == "there is no step `x y z`; `pvsplan show` lists them");
    CHECK(error_of(names, "") == "there is no step ``; did you mean `a`?");
}

TEST_CASE("one step is wanted, and a group is none") {
    const StepNames names = names_of_all();
    CHECK(*names.find_one("g.y") == "g.y");
    CHECK(*names.find_one("5") == "l[q].x");
    CHECK(names.find_one("g").error().text() == "`g` is a group of steps; name one of them: `g.x` or `g.y`");
    CHECK(names.find_one("l[q]").error().text() == "`l[q]` is a group of steps; name one of them: `l[q].x`");
    CHECK(names.find_one("nothing").error().text() == "there is no step `nothing`; `pvsplan show` lists them");
}

}  // namespace pvsplan::view
