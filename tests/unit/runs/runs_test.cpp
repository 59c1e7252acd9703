// Random plans with random lives: each journal is a legal schedule, and every requirement that was proved was kept.
//
// PVSPLAN_RUNS=n lives n runs, PVSPLAN_FIRST=p from the p-th plan on, PVSPLAN_SEED=s the one with that seed and prints
// it, PVSPLAN_STOP=1 ends with the first that is wrong.
#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <map>

#include "tests/unit/runs/life.hpp"
#include "tests/unit/runs/random_project.hpp"

using namespace pvsplan;
using namespace pvsplan::test;

namespace {

constexpr std::uint32_t lives_of_a_plan = 20;

std::uint32_t number_from(const char* variable, std::uint32_t otherwise) {
    const char* text = std::getenv(variable);
    return text ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : otherwise;
}

void print(const RandomProject& project, const Life& life) {
    fmt::print("{}{}", project.farm, project.text);
    for (const std::string& line : life.story) fmt::print("  {}\n", line);
    fmt::print("{}\n{}\n", life.fault, life.journal);
}

}  // namespace

TEST_CASE("no life of a run breaks an order, a limit or what was proved", "[runs]") {
    if (const std::uint32_t seed = number_from("PVSPLAN_SEED", 0); seed != 0) {
        const auto project = draw_project(seed / lives_of_a_plan);
        REQUIRE(project);
        const Life life = live(project->plan, seed);
        print(*project, life);
        CHECK(life.fault == "");
        return;
    }
    const std::uint32_t runs = number_from("PVSPLAN_RUNS", 5000);
    std::map<std::string, std::uint32_t> outcomes;
    std::uint32_t wrong = 0;
    std::uint32_t deaths = 0;
    std::uint32_t asked = 0;
    std::uint32_t lived = 0;
    std::optional<RandomProject> project;
    const bool stops = number_from("PVSPLAN_STOP", 0) != 0;
    const std::uint32_t first = lives_of_a_plan * number_from("PVSPLAN_FIRST", 1);
    for (std::uint32_t seed = first; lived < runs && seed < first + 4 * runs + 400; ++seed) {
        if (seed % lives_of_a_plan == 0) project = draw_project(seed / lives_of_a_plan);
        if (!project) continue;
        if (stops && wrong > 0) break;
        const Life life = live(project->plan, seed);
        ++lived;
        ++outcomes[life.outcome];
        deaths += life.deaths;
        asked += static_cast<std::uint32_t>(project->plan.requirements.size());
        if (life.fault.empty() || ++wrong > 3) continue;
        fmt::print("---- seed {}\n", seed);
        print(*project, life);
    }
    fmt::print("{} runs, {} deaths, {} requirements;", lived, deaths, asked);
    for (const auto& [outcome, times] : outcomes) fmt::print(" {} {}", outcome.empty() ? "under way" : outcome, times);
    fmt::print("\n");
    CHECK(lived == runs);
    CHECK(wrong == 0);
    for (const char* outcome : {"done", "failed", "rolled back", "given up"}) CHECK(outcomes[outcome] * 200 > runs);
    CHECK(deaths * 4 > runs);
    CHECK(asked > 3 * runs);
}
