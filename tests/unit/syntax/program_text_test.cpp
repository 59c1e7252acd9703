#include "compiler/syntax/program_text.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace pvsplan::syntax {
namespace {

using Words = std::vector<std::optional<std::string>>;

// The indices of the arguments that are programs: "2 3".
std::string programs(const Words& words) {
    std::string text;
    for (const ProgramText& one : program_texts(words)) text += (text.empty() ? "" : " ") + std::to_string(one.argument);
    return text;
}

const std::nullopt_t value = std::nullopt;

}  // namespace

TEST_CASE("arguments that are read as a program are found") {
    CHECK(programs({"sh", "-c", value}) == "2");
    CHECK(programs({"/bin/bash", "-euo", "pipefail", "-c", value, "bash", value}) == "4");
    CHECK(programs({"bash", "-lc", value}) == "2");
    CHECK(programs({"sudo", "-u", "x", "sh", "-c", value}) == "5");
    CHECK(programs({"cmd.exe", "/d", "/c", "copy", value}) == "3 4");
    CHECK(programs({"CMD", "/d/c", value}) == "2");
    CHECK(programs({"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe", "-NoProfile", "-Command", value, value}) ==
          "3 4");
    CHECK(programs({"pwsh", "-c", value}) == "2");
    CHECK(programs({"python3", "-c", value, value}) == "2");
    CHECK(programs({"perl", "-ne", value}) == "2");
    CHECK(programs({"node", "--eval", value}) == "2");
    CHECK(programs({"ssh", "-p", "22", "-o", "X=y", "host", value, value}) == "6 7");
    CHECK(programs({"ssh", value, value}) == "2");
    CHECK(programs({"sed", "-i", value, "file"}) == "2");
    CHECK(programs({"psql", "-d", "x", "-c", value}) == "4");
}

TEST_CASE("arguments that are data are no programs") {
    CHECK(programs({"sh", "script.sh", "-c", value}).empty());
    CHECK(programs({"bash", "--norc", "script.sh", value}).empty());
    CHECK(programs({"cp", "-c", value}).empty());
    CHECK(programs({"powershell", "-File", "x.ps1", value}).empty());
    CHECK(programs({"python", "x.py", "-c", value}).empty());
    CHECK(programs({value, "-c", value}).empty());
    CHECK(programs({}).empty());
}

}  // namespace pvsplan::syntax
