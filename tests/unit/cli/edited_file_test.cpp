#include "runtime/cli/edited_file.hpp"
#include "runtime/cli/output_file.hpp"

#include "tests/unit/ports/folder.hpp"

namespace pvsplan::cli {

TEST_CASE("a file is written where it is still what was read, and nothing is lost where it is not") {
    const ports::test::Folder folder;
    const std::string file = folder / "x.yaml";
    ports::test::put(file, "before");
    CHECK(write_edited(file, "before", "after"));
    CHECK(ports::test::contents(file) == "after");
    for (const char* const meanwhile : {"after, and saved", "aft", ""}) {
        ports::test::put(file, meanwhile);
        const base::Status written = write_edited(file, "after", "lost");
        REQUIRE_FALSE(written);
        CHECK_THAT(written.error().text(), Catch::Contains("has changed since it was read"));
        CHECK(ports::test::contents(file) == meanwhile);
    }
    std::filesystem::remove(file);
    CHECK_FALSE(write_edited(file, "after", "lost"));
    CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("a name that is listed steers no terminal, and is as it is for a program") {
    std::string listed;
    Session session;
    session.out.write = [&](std::string_view text) { listed += text; };
    list_written(session, "a\033[2J.yaml");
    session.out.is_terminal = true;
    list_written(session, "a\033[2J.yaml");
    CHECK(listed == "a\033[2J.yaml\na\uFFFD[2J.yaml\n");
}

}  // namespace pvsplan::cli
