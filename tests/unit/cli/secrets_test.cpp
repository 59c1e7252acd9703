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

TEST_CASE("a secret is text that a process can be given, or is refused before anything is asked of a host") {
    const std::string file =
        (std::filesystem::temp_directory_path() / ("pvsplan-secret2-" + std::to_string(::getpid()))).string();
    const auto of = [&](const std::string& bytes) {
        std::ofstream(file, std::ios::binary) << bytes;
        ::chmod(file.c_str(), 0600);
        const auto value = make_secrets({{"a", {"file", file}}})->read("a");
        return value ? *value : "error: " + value.error().text();
    };
    using namespace std::string_literals;
    CHECK(of("geheim\r\n") == "geheim");
    CHECK(of("\xEF\xBB\xBFgeheim\n") == "geheim");                   // PowerShell 5.1, -Encoding UTF8
    CHECK(of("\xFF\xFEg\0e\0h\0\xE4\0\r\0\n\0"s) == "geh\xC3\xA4");  // and without
    CHECK(of("two\nlines\n") == "two\nlines");
    CHECK_THAT(of("geh\0eim"s), Catch::Contains("a byte that is zero"));
    CHECK_THAT(of("geheim\xE4"), Catch::Contains("no UTF-8"));
    CHECK_THAT(of(" \t\r\n"), Catch::Contains("nothing but blanks"));
    CHECK_THAT(of(std::string(100'000, 'x')), Catch::Contains("longer than a secret can be"));
    ::unlink(file.c_str());
    const auto wrong = [](const std::vector<std::string>& source) {
        return make_secrets({{"a", source}})->read("a").error().text();
    };
    CHECK_THAT(wrong({"file", "/"}), Catch::Contains("is no plain file but a folder"));
    CHECK_THAT(wrong({"file", "/dev/zero"}), Catch::Contains("is no plain file"));
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    CHECK_THAT(wrong({"file", file}), Catch::Contains("is no plain file"));  // nobody waits for who writes into it
    ::unlink(file.c_str());
    CHECK_THAT(wrong({"command", "yes"}), Catch::Contains("longer than a secret can be"));
    const auto impatient = make_secrets({{"a", {"command", "sleep", "1000"}}}, [] { return true; });
    CHECK_THAT(impatient->read("a").error().text(), Catch::Contains("interrupted while the command `sleep` ran"));
}

}  // namespace pvsplan::cli
