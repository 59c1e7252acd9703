#include "runtime/ports/places.hpp"

#include <unistd.h>

#include <cstdlib>

#include "tests/unit/ports/folder.hpp"

namespace pvsplan::ports::test {

TEST_CASE("no two random words are the same") {
    const std::string word = random_word();
    CHECK(word.size() >= 32);
    CHECK(word.find_first_not_of("0123456789abcdef-") == std::string::npos);
    CHECK(word != random_word());
}

TEST_CASE("a scratch folder is new, and of its account alone") {
    const Umask open_to_all(0);
    const Folder one;
    const Folder other;
    CHECK(one.path() != other.path());
    CHECK(mode_of(one.path()) == 0700);
}

TEST_CASE("a scratch folder is made elsewhere where nothing can be written") {
    const char* const before = std::getenv("TMPDIR");
    const std::string kept = before != nullptr ? before : "";
    for (const char* nowhere : {"/proc", "/none"}) {
        ::setenv("TMPDIR", nowhere, 1);
        const Folder folder;
        CHECK_FALSE(folder.path().starts_with(nowhere));
        put(folder / "file", "text");
        CHECK(contents(folder / "file") == "text");
    }
    before != nullptr ? ::setenv("TMPDIR", kept.c_str(), 1) : ::unsetenv("TMPDIR");
}

TEST_CASE("the folder of sockets is nobody else's, or there is none") {
    const Folder folder;
    const char* const before = std::getenv("XDG_RUNTIME_DIR");
    const std::string kept = before != nullptr ? before : "";
    ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);
    const std::string sockets = folder / "pvsplan";
    CHECK(socket_folder() == sockets);
    CHECK(mode_of(sockets) == 0700);
    CHECK(socket_folder() == sockets);
    REQUIRE(::chmod(sockets.c_str(), 0750) == 0);
    CHECK_FALSE(socket_folder());
    std::filesystem::remove(sockets);
    std::filesystem::create_directory(folder / "elsewhere");
    REQUIRE(::chmod((folder / "elsewhere").c_str(), 0700) == 0);
    std::filesystem::create_symlink(folder / "elsewhere", sockets);
    CHECK_FALSE(socket_folder());
    before != nullptr ? ::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1) : ::unsetenv("XDG_RUNTIME_DIR");
}

TEST_CASE("state is kept where the system's programs keep theirs, and a program knows its own file") {
    const Folder folder;
    const char* const before = std::getenv("XDG_STATE_HOME");
    const std::string kept = before != nullptr ? before : "";
    ::setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
    CHECK(*state_folder() == folder.path());
    ::setenv("XDG_STATE_HOME", "not/absolute", 1);
    const char* const home = std::getenv("HOME");
    const std::string kept_home = home != nullptr ? home : "";
    ::setenv("HOME", "/home/anna", 1);
    CHECK(*state_folder() == "/home/anna/.local/state");
    ::unsetenv("HOME");
    CHECK_THAT(state_folder().error().text(), Catch::Contains("neither `XDG_STATE_HOME` nor `HOME` names one"));
    if (home != nullptr) ::setenv("HOME", kept_home.c_str(), 1);
    before != nullptr ? ::setenv("XDG_STATE_HOME", kept.c_str(), 1) : ::unsetenv("XDG_STATE_HOME");
    CHECK_THAT(*own_program(), Catch::EndsWith("/test_ports"));
}

TEST_CASE("HOME is not asked where jobs lie") {
    const char* const before = std::getenv("HOME");
    const std::string kept = before != nullptr ? before : "";
    const auto usual = usual_jobs_folder();
    ::setenv("HOME", "/nowhere", 1);
    const auto again = usual_jobs_folder();
    REQUIRE(usual.ok() == again.ok());
    if (usual) CHECK(*usual == *again);
    before != nullptr ? ::setenv("HOME", kept.c_str(), 1) : ::unsetenv("HOME");
    CHECK(account_id() == std::to_string(::geteuid()));
    for (const std::string& place : usual_claim_places()) CHECK(place.starts_with("/"));
}

}  // namespace pvsplan::ports::test
