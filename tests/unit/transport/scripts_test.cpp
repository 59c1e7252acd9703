// What POSIX hosts run, run here by the shell of this machine.
#include "runtime/transport/scripts.hpp"

#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "runtime/transport/job_folder.hpp"
#include "tests/unit/ports/folder.hpp"

using namespace pvsplan;
using namespace pvsplan::ports::test;
using transport::shell_quoted;

namespace {

void make_old(const std::string& path) {
    std::filesystem::create_directory(path);
    std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 40));
}

}  // namespace

TEST_CASE("host scripts: each is one text, whose parts are in their places") {
    for (const std::string& text : {transport::host_script(), transport::runner_script(), transport::keeper_script(),
                                    transport::windows_ask_script(), transport::windows_runner_script()}) {
        CHECK(text.size() > 500);
        CHECK(text.find("\n. ./") == std::string::npos);
        CHECK(text.ends_with('\n'));
    }
    CHECK(transport::host_script().find("\nsize_of() {") < transport::host_script().find("\nfind_place() {"));
}

TEST_CASE("host scripts: what is old goes, and a name with a blank in it names nobody else's job") {
    const Folder folder;
    const std::string jobs = folder / "jobs";
    std::filesystem::create_directory(jobs);
    ::chmod(jobs.c_str(), 0755);
    std::filesystem::create_directory(jobs + "/r1-s1-1");
    std::filesystem::create_directory(jobs + "/other");
    for (const char* name : {"r0-s1-1", "r0-s2-1.observe.77", "x r1-s1-1", "x\nother", "*"})
        make_old(jobs + "/" + name);
    put(folder / "question",
        "key=r2-s1-1 ask=claim again= place= limit=0 old= clean=14 retired_for=60 claim= claim_run= "
        "claim_token=0 claim_name= instead_of= jobs=" +
            shell_quoted(jobs) + "\n" + transport::host_script());
    REQUIRE(std::system(("sh " + folder / "question > " + folder / "said").c_str()) == 0);
    CHECK(contents(folder / "said").find("pvsplan claimed") != std::string::npos);
    for (const char* name : {"r1-s1-1", "other", "x r1-s1-1", "*"}) CHECK(std::filesystem::exists(jobs + "/" + name));
    for (const char* name : {"r0-s1-1", "r0-s2-1.observe.77"}) CHECK_FALSE(std::filesystem::exists(jobs + "/" + name));
}
