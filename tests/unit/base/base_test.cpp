#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "compiler/base/digest.hpp"
#include "compiler/base/files.hpp"
#include "compiler/base/near.hpp"
#include "compiler/base/source.hpp"
#include "compiler/base/store_name.hpp"

namespace pvsplan::base {
namespace {

namespace fs = std::filesystem;

// A folder of its own for one test.
struct Folder {
    fs::path path = fs::temp_directory_path() / ("pvsplan-base-" + std::to_string(::getpid()));
    Folder() {
        fs::remove_all(path);
        fs::create_directories(path / "root" / "farms");
        std::ofstream(path / "secret") << "secret";
        std::ofstream(path / "root" / "farms" / "x.yaml") << "farm: x\n";
        fs::create_symlink(path / "secret", path / "root" / "out");
        fs::create_symlink(path / "root" / "farms" / "x.yaml", path / "root" / "in");
    }
    ~Folder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("files are read inside the root only") {
    const Folder folder;
    const FolderFiles files((folder.path / "root").string());
    CHECK(*files.read("farms/x.yaml") == "farm: x\n");
    CHECK(*files.read("./farms/../farms/x.yaml") == "farm: x\n");
    CHECK(files.read("in").ok());
    for (const char* wrong :
         {"../secret", "farms/../../secret", "out", "/etc/passwd", "farms", "nothing", "", "C:\\x", "\\\\nas\\x"})
        CHECK_FALSE(files.read(wrong).ok());
    CHECK_FALSE(files.read(std::string_view("farms\0", 6)).ok());
}

TEST_CASE("a path is seen from the file that names it") {
    CHECK(*join_path("plans/p.yaml", "./farms/x.yaml") == "plans/farms/x.yaml");
    CHECK(*join_path("plans/p.yaml", "../farms/x.yaml") == "farms/x.yaml");
    CHECK_FALSE(join_path("p.yaml", "../x.yaml").ok());
    CHECK_FALSE(join_path("a/p.yaml", "/x.yaml").ok());
}

TEST_CASE("positions count lines and code points from 1") {
    Sources sources;
    const FileId file = sources.add("x", "aé\r\nb\n");
    CHECK(sources.position(file, 0) == Position{1, 1});
    CHECK(sources.position(file, 3) == Position{1, 3});
    CHECK(sources.position(file, 5) == Position{2, 1});
    CHECK(sources.position(file, 7) == Position{3, 1});
    CHECK(sources.position(file, 900) == Position{3, 1});
    CHECK(sources.line(file, 1) == "aé");
    CHECK(sources.line(file, 3).empty());
    CHECK(sources.line(file, 4).empty());
}

TEST_CASE("the nearest name is near") {
    const std::vector<std::string> names = {"steps", "summary", "stream"};
    CHECK(nearest("stesp", names) == "steps");
    CHECK(nearest("Summary", names) == "summary");
    CHECK_FALSE(nearest("policies", names));
    CHECK_FALSE(nearest("", {}));
}

TEST_CASE("a password in the name of a store is not shown, whatever signs it has") {
    CHECK(shown_store("postgresql://me:a/b@db/x") == "postgresql://me:…@db/x");
    CHECK(shown_store("postgresql://me:a?b@db/x") == "postgresql://me:…@db/x");
    CHECK(shown_store("postgresql://db:5432/x?ttl=9") == "postgresql://db:5432/x?ttl=9");
}

TEST_CASE("digests are SHA-256") {
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace pvsplan::base
