// Spin, the compiler and the oracle agree on exported plans of every form. All go into one pan, which tries them all
// and says which lines it never reached; `bad = N` is such a line of the plan N.
#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/unit/checks/oracle.hpp"
#include "tests/unit/checks/promela.hpp"
#include "tests/unit/checks/toy_project.hpp"

namespace fs = std::filesystem;
using namespace pvsplan;
using namespace pvsplan::test;

namespace {

struct Exported {
    std::uint32_t seed;
    Model model;
    Asked asked;
    checks::Verdict compiler;
    checks::Verdict oracle;
};

// The numbers of the processes that were found to be violated.
std::set<int> run_spin(const std::vector<std::string>& processes) {
    const fs::path folder = fs::temp_directory_path() / fmt::format("pvsplan-spin-{}", getpid());
    fs::remove_all(folder);  // of a process that had the same number, and died
    fs::create_directories(folder);
    std::ofstream(folder / "plans.pml") << promela_file(processes);
    const std::string command = "cd '" + folder.string() +
                                "' && spin -a plans.pml > spin.out 2>&1 && cc -O0 -w -DSAFETY -DNOREDUCE "
                                "-DVECTORSZ=4096 -o pan pan.c > cc.out 2>&1 "
                                "&& ./pan -E -m10000 > pan.out 2>&1";
    REQUIRE(std::system(command.c_str()) == 0);
    std::ostringstream all;
    all << std::ifstream(folder / "pan.out").rdbuf();
    const std::string text = all.str();
    INFO(text.substr(0, 2000));
    REQUIRE(text.find("errors: 0") != std::string::npos);
    REQUIRE(text.find("max search depth too small") == std::string::npos);
    std::set<int> violated;
    for (std::size_t i = 0; i < processes.size(); ++i) violated.insert(static_cast<int>(i));
    static const std::regex unreached("\"bad = ([0-9]+)\"");
    for (std::sregex_iterator at(text.begin(), text.end(), unreached), end; at != end; ++at)
        violated.erase(std::stoi((*at)[1]));
    fs::remove_all(folder);
    return violated;
}

}  // namespace

TEST_CASE("spin agrees on plans of every form", "[.spin]") {
    static constexpr std::size_t of_each_form = 8;
    static constexpr std::uint32_t last_seed = 4000;
    std::vector<Exported> exported;
    std::map<std::string, std::size_t> forms;
    std::set<std::uint32_t> plans;
    for (std::uint32_t seed = 1; seed < last_seed; ++seed) {
        const RandomPlan plan = draw_plan(seed);
        const auto compiled = compile_toy(plan);
        if (!compiled->has_graph || compiled->decisions.size() != plan.asked.size()) continue;
        const auto model = model_of(compiler::program_of(*compiled));
        if (!model || !model->is_always_decided() || model->sets_outputs()) continue;  // Spin knows no values
        const auto oracle = Oracle::of(*model);
        if (!oracle || oracle->moments() < 10 || oracle->moments() > 400 || oracle->has_race() ||
            oracle->unknown_assignments().size() > 1)
            continue;
        for (std::size_t i = 0; i < plan.asked.size(); ++i) {
            const Asked& asked = plan.asked[i];
            // Not told to Spin.
            if (asked.form == Asked::Form::then && oracle->may_continue()) continue;
            if (asked.left.per != Per::whole || asked.right.per != Per::whole) continue;
            const checks::Verdict verdict = oracle->decide(asked).verdict;
            // As many that hold as are violated; few that are vacuous.
            const std::string form = asked.form_name() + " " + std::string(checks::name_of(verdict));
            if (forms[form] >= (verdict == checks::Verdict::vacuous ? 1 : of_each_form)) continue;
            ++forms[form];
            plans.insert(seed);
            exported.push_back({seed, *model, asked, compiled->decisions[i].verdict, verdict});
        }
    }
    std::set<int> violated;
    static constexpr std::size_t at_once = 25;
    for (std::size_t first = 0; first < exported.size(); first += at_once) {
        std::vector<std::string> processes;
        for (std::size_t i = first; i < std::min(exported.size(), first + at_once); ++i)
            processes.push_back(promela(exported[i].model, exported[i].asked, static_cast<int>(i - first)));
        for (const int number : run_spin(processes)) violated.insert(number + static_cast<int>(first));
    }
    std::size_t against_oracle = 0;
    std::size_t against_compiler = 0;
    for (std::size_t i = 0; i < exported.size(); ++i) {
        const Exported& e = exported[i];
        const bool is_violated = violated.contains(static_cast<int>(i));
        const bool oracle_agrees = is_violated == (e.oracle == checks::Verdict::violated);
        const bool compiler_agrees = is_violated == (e.compiler == checks::Verdict::violated);
        against_oracle += oracle_agrees ? 0 : 1;
        against_compiler += compiler_agrees ? 0 : 1;
        if (oracle_agrees && compiler_agrees) continue;
        fmt::print("seed {}: {}\n  spin: {}, oracle: {}, compiler: {}\n", e.seed, e.asked.text(),
                   is_violated ? "violated" : "holds", checks::name_of(e.oracle), checks::name_of(e.compiler));
    }
    fmt::print(
        "{} requirements of {} plans, {} violated according to spin; the oracle disagrees {} times, the compiler {} "
        "times\n",
        exported.size(), plans.size(), violated.size(), against_oracle, against_compiler);
    CHECK(plans.size() >= 100);
    CHECK(against_oracle == 0);
    CHECK(against_compiler == 0);
}
