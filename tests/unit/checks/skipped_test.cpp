// Order goes through what is skipped: what is left of a plan has the order that it has when everything is there.
#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "tests/unit/checks/random_plan.hpp"
#include "tests/unit/checks/toy_project.hpp"

using namespace pvsplan;
using namespace pvsplan::test;

namespace {

using Paths = std::set<std::string>;
using Before = std::map<std::string, Paths>;  // of each step that does something: what comes before it

Before order_of(const compiler::Compilation& c) {
    const graph::Facts& facts = c.facts();
    std::vector<Paths> before(facts.size());
    Before of_actions;
    for (graph::Index node = 0; node < facts.size(); ++node) {
        for (const graph::Index other : facts.predecessors[node]) {
            before[node].insert(before[other].begin(), before[other].end());
            if (facts.is_action[other]) before[node].insert(facts.path(other));
        }
        if (facts.is_action[node]) of_actions[facts.path(node)] = before[node];
    }
    return of_actions;
}

std::string text_of(const Before& all, const Before& named) {
    std::string text;
    for (const auto& [path, before] : all) {
        if (!named.contains(path)) continue;
        text += path + " <-";
        for (const std::string& other : before)
            if (named.contains(other)) text += " " + other;
        text += "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("steps skipped while compiling keep the order of all others", "[skipped]") {
    static constexpr std::size_t wanted = 2000;
    std::size_t compared = 0;
    std::size_t cyclic = 0;
    for (std::uint32_t seed = 1; compared < wanted && seed < 10 * wanted; ++seed) {
        const RandomPlan plan = draw_plan(seed, Skips::many);
        if (plan.steps.find(" here") == std::string::npos) continue;
        const auto here = compile_toy(plan, {.parameters = {{"here", "true"}}});
        const auto away = compile_toy(plan, {.parameters = {{"here", "false"}}});
        INFO("seed " << seed << "\n" << plan.plan());
        REQUIRE(here->has_graph == away->has_graph);
        ++compared;
        if (!here->has_graph) {
            ++cyclic;
            continue;
        }
        const Before all = order_of(*here);
        const Before remaining = order_of(*away);
        REQUIRE(text_of(all, remaining) == text_of(remaining, all));
    }
    CHECK(compared == wanted);
    fmt::print("{} plans, {} of them with a cycle\n", compared, cyclic);
}
