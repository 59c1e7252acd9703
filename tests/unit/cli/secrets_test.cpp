#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "runtime/cli/secrets.hpp"

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
    ::chmod(file.c_str(), 0644);
    CHECK_THAT(make_secrets({{"a", {"file", file}}})->read("a").error().text(), Catch::Contains("chmod 600"));
    ::unlink(file.c_str());
}

}  // namespace pvsplan::cli
