#include "runtime/ports/private_files.hpp"

#include <unistd.h>

#include "runtime/ports/places.hpp"
#include "tests/unit/ports/folder.hpp"

namespace pvsplan::ports::test {

TEST_CASE("a private file is read whole, and not at all if others may read it") {
    const Folder folder;
    const std::string file = folder / "secret";
    put(file, "one\ntwo");
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK(*read_private_file(file, 100) == "one\ntwo");
    for (const unsigned mode : {0640U, 0604U, 0610U, 0601U}) {
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        CHECK_THAT(read_private_file(file, 100).error().text(), Catch::Contains("others than its owner may read"));
    }
    CHECK_THAT(read_private_file(folder / "none", 100).error().text(), Catch::Contains("No such file"));
    REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
    CHECK_FALSE(read_private_file(folder.path(), 100).ok());
}

TEST_CASE("a folder is trusted if it is ours and nobody else can write there") {
    const Folder folder;
    CHECK(distrust(folder.path()).empty());
    REQUIRE(::chmod(folder.path().c_str(), 0770) == 0);
    CHECK_THAT(distrust(folder.path()), Catch::Contains("can be written by others"));
    REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
    put(folder / "file", "");
    CHECK_THAT(distrust(folder / "file"), Catch::Contains("is no folder"));
    std::filesystem::create_symlink(folder.path(), folder / "link");
    CHECK_THAT(distrust(folder / "link"), Catch::Contains("is no folder"));
    CHECK_THAT(distrust(folder / "none"), Catch::Contains("cannot be looked at"));
}

TEST_CASE("a folder is shared only if root made it so that nobody takes away what is another's") {
    const Folder folder;
    CHECK_FALSE(is_shared_folder(folder.path()));
    if (::geteuid() == 0) {
        REQUIRE(::chmod(folder.path().c_str(), 01777) == 0);
        CHECK(is_shared_folder(folder.path()));
        CHECK(distrust(folder.path()).empty());
        REQUIRE(::chown(folder.path().c_str(), 12345, 12345) == 0);
    }
    REQUIRE((::geteuid() == 0 || ::chmod(folder.path().c_str(), 01777) == 0));
    CHECK_FALSE(is_shared_folder(folder.path()));
    CHECK_FALSE(distrust(folder.path()).empty());
}

}  // namespace pvsplan::ports::test
