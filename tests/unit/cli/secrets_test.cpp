#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "runtime/cli/secrets.hpp"
#include "runtime/transport/child.hpp"

namespace pvsplan::cli {

TEST_CASE("secrets come from where the farm says, else from the environment") {
    const std::string file =
        (std::filesystem::temp_directory_path() / ("pvsplan-secret-" + std::to_string(::getpid()))).string();
    std::ofstream(file) << "from file\n";
    ::chmod(file.c_str(), 0600);
    ::setenv("ELSEWHERE", "from variable", 1);
    ::setenv("PVSPLAN_SECRET_SQL_SA", "from convention", 1);
    const auto secrets = make_secrets({{"a", {"file", file}},
                                       {"b", {"env", "ELSEWHERE"}},
                                       {"c", {"command", "printf", "from %s\\n", "command"}},
                                       {"d", {"command", "false"}},
                                       {"e", {"env", "NOT_THERE"}},
                                       {"f", {"file", file + ".no"}},
                                       {"g", {"command", "no-such-program-anywhere"}}});
    CHECK(*secrets->read("a") == "from file");
    CHECK(*secrets->read("b") == "from variable");
    CHECK(*secrets->read("c") == "from command");
    CHECK(*secrets->read("sql-sa") == "from convention");
    for (const char* name : {"d", "e", "f", "g", "nowhere"}) {
        const auto wrong = secrets->read(name);
        REQUIRE_FALSE(wrong.ok());
        CHECK_THAT(wrong.error().text(), Catch::StartsWith("the secret `" + std::string(name) + "` is not there: "));
    }
    ::setenv("EMPTY", "", 1);
    CHECK(make_secrets({{"a", {"env", "EMPTY"}}})->read("a").error().text() ==
          "the secret `a` is empty: the variable `EMPTY` has no characters");
    CHECK_FALSE(make_secrets({{"a", {"command", "true"}}})->read("a").ok());
    // The variable that a secret is read from reaches no child.
    for (const std::string& variable : transport::plain_environment()) {
        CHECK_FALSE(variable.starts_with("ELSEWHERE="));
        CHECK_FALSE(variable.starts_with("EMPTY="));
        CHECK_FALSE(variable.starts_with("PVSPLAN_SECRET_"));
    }
    ::chmod(file.c_str(), 0644);
    CHECK_THAT(make_secrets({{"a", {"file", file}}})->read("a").error().text(), Catch::Contains("chmod 600"));
    ::unlink(file.c_str());
}

}  // namespace pvsplan::cli
