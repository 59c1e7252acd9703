// What was found is believed only if nobody else can have put it there; what is made is nobody else's.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "compiler/base/store_name.hpp"
#include "runtime/ports/private_files.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    return info.st_mode & 07777U;
}

struct OpenUmask {
    mode_t before = ::umask(0);
    ~OpenUmask() { ::umask(before); }
};

}  // namespace

TEST_CASE("what a store is made of is for its user alone, whatever the umask") {
    const Folder folder;
    const OpenUmask open_to_all;
    const fs::path file = folder.path / "project" / ".pvsplan" / "state.db";
    const auto store = store::open_sqlite_store(file.string());
    REQUIRE(store.ok());
    CHECK(mode_of(folder.path / "project") == 0700);
    CHECK(mode_of(file.parent_path()) == 0700);
    for (const auto& one : fs::directory_iterator(file.parent_path())) CHECK(mode_of(one.path()) == 0600);
    CHECK(ports::check_is_trusted(file.string()).ok());
}

TEST_CASE("a store is one file under one name: what was written last lies beside it") {
    const Folder folder;
    const fs::path file = folder.path / "state.db";
    REQUIRE(store::open_sqlite_store(file.string()).ok());
    fs::create_symlink(file, folder.path / "linked.db");
    CHECK(store::open_sqlite_store((folder.path / "linked.db").string()).ok());
    fs::create_hard_link(file, folder.path / "second.db");
    for (const char* name : {"state.db", "second.db"}) {
        const std::string path = (folder.path / name).string();
        CHECK_THAT(store::open_sqlite_store(path).error().text(), Catch::Contains("it has 2 names (hard links)"));
        CHECK_FALSE(store::open_sqlite_store_to_read(path).ok());
    }
    fs::remove(folder.path / "second.db");
    CHECK(store::open_sqlite_store(file.string()).ok());
}

TEST_CASE("a store that others can write, or have made, is not believed where it was found") {
    const Folder folder;
    const fs::path file = folder.path / ".pvsplan" / "state.db";
    REQUIRE(store::open_sqlite_store(file.string()).ok());
    const auto trusted = [&] { return ports::check_is_trusted(file.string()); };
    REQUIRE(trusted().ok());
    SECTION("the folder") {
        REQUIRE(::chmod(file.parent_path().c_str(), 0770) == 0);
        CHECK_THAT(trusted().error().text(), Catch::Contains("can write") && Catch::Contains("0770"));
    }
    SECTION("the file") {
        REQUIRE(::chmod(file.c_str(), 0602) == 0);
        CHECK_FALSE(trusted().ok());
    }
    SECTION("what lies beside it") {
        std::ofstream(file.string() + "-wal").close();
        REQUIRE(::chmod((file.string() + "-wal").c_str(), 0666) == 0);
        CHECK_FALSE(trusted().ok());
    }
    SECTION("the folder above, in which anybody could put another") {
        REQUIRE(::chmod(folder.path.c_str(), 0777) == 0);
        CHECK_FALSE(trusted().ok());
        REQUIRE(::chmod(folder.path.c_str(), 01777) == 0);
        CHECK(trusted().ok());
    }
    SECTION("what a link leads to") {
        const fs::path open = folder.path / "open";
        REQUIRE(fs::create_directory(open));
        REQUIRE(::chmod(open.c_str(), 0755) == 0);
        fs::rename(file.parent_path(), open / "store");
        fs::create_directory_symlink(open / "store", file.parent_path());
        CHECK(trusted().ok());
        REQUIRE(::chmod(open.c_str(), 0777) == 0);
        CHECK_FALSE(trusted().ok());
    }
    if (::geteuid() != 0) return;  // only root can give files away
    SECTION("another user") {
        constexpr uid_t other = 54321;
        REQUIRE(::chown(file.parent_path().c_str(), other, 0) == 0);
        CHECK_THAT(trusted().error().text(), Catch::Contains("belongs to the user 54321"));
        REQUIRE(::setenv("SUDO_UID", "54321", 1) == 0);
        CHECK(trusted().ok());  // who called sudo
        REQUIRE(::setenv("SUDO_UID", "54322", 1) == 0);
        CHECK_FALSE(trusted().ok());
        ::unsetenv("SUDO_UID");
    }
}

TEST_CASE("a store that could not be made leaves nothing behind") {
    const Folder folder;
    const fs::path no_store = folder.path / "folder";
    REQUIRE(fs::create_directory(no_store));
    CHECK_FALSE(store::open_sqlite_store(no_store.string()).ok());
    CHECK_FALSE(store::open_sqlite_store_to_read(no_store.string()).ok());
}

TEST_CASE("a store is a file or a database on a server, and nothing that this version does not know") {
    CHECK(base::store_name("state.db")->text == "state.db");
    CHECK(base::store_name("/srv/a b.db")->text == "/srv/a b.db");
    CHECK(base::store_name("sqlite:state.db")->text == "state.db");
    CHECK(base::store_name("sqlite:///srv/state.db")->text == "/srv/state.db");
    CHECK(base::store_name("sqlite:state.db")->type == base::StoreName::Type::file);
    const auto server =
        base::store_name("postgresql://ops@db1:5433,db2/pvs?copies=2&sslmode=disable&ttl=9&keepalives=1");
    REQUIRE(server.ok());
    CHECK(server->type == base::StoreName::Type::server);
    CHECK(server->text == "postgresql://ops@db1:5433,db2/pvs?sslmode=disable&keepalives=1");
    CHECK((server->copies == 2 && server->ttl_s == 9));
    CHECK(base::store_name("postgres://db/x")->copies == 1);
    for (const char* wrong :
         {"", "sqlite:", "postgres://x", "postgresql:///x", "postgresql://db/", "postgresql://me:secret@db/x",
          "postgresql://db/x?password=y", "postgresql://db/x?copies=0", "postgresql://db/x?copies=two",
          "postgresql://db/x?ttl=1", "postgresql://db/x?ttl=", "file:x", "http://x", "folder/", "sqlite://host/x"})
        CHECK_FALSE(base::store_name(wrong).ok());
    CHECK(base::shown_store("postgresql://me:se@c:ret@db/x") == "postgresql://me:…@db/x");
    CHECK(base::shown_store("postgresql://db/x?password=secret&ttl=9") == "postgresql://db/x?password=…&ttl=9");
    CHECK(base::shown_store("postgresql://me@db:5432/x") == "postgresql://me@db:5432/x");
    CHECK(base::shown_store("/srv/a@b:c.db") == "/srv/a@b:c.db");
}

}  // namespace pvsplan::engine::test
