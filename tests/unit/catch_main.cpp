// The main of every test program: passes only if at least one test ran and none was skipped.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>
#include <set>
#include <string>

#include "tests/unit/skip.hpp"

namespace {

constexpr int skip_status = 77;  // SKIP_RETURN_CODE of tests/CMakeLists.txt

std::set<std::string>& skipped() {
    static std::set<std::string> reasons;
    return reasons;
}

bool is_ci() {
    const char* ci = std::getenv("CI");
    return ci && std::string(ci) != "" && std::string(ci) != "false";
}

// The exit status of a program in which nothing failed.
int status_of_skipped() {
    for (const std::string& why : skipped()) std::cerr << "skipped: " << why << "\n";
    if (skipped().empty()) return 0;
    if (!is_ci()) return skip_status;
    std::cerr << "in CI nothing is skipped: install what is missing, see .ci/packages\n";
    return 1;
}

}  // namespace

void pvsplan::tests::skip(std::string_view why) { skipped().emplace(why); }
void pvsplan::tests::skip_all(std::string_view why) {
    skip(why);
    std::exit(status_of_skipped());
}

int main(int argc, char** argv) {
    Catch::Session session;
    session.configData().warnings = Catch::WarnAbout::NoTests;
    if (const int wrong = session.applyCommandLine(argc, argv); wrong != 0) return wrong;
    const int failed = session.run();
    const int skipped_or_passed = status_of_skipped();
    return failed != 0 ? failed : skipped_or_passed;
}
