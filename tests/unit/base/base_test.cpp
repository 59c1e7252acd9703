#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

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

TEST_CASE("names are told of folders inside the root only") {
    const Folder folder;
    fs::create_directories(folder.path / "root" / ".git" / "hooks");
    fs::create_directory_symlink(folder.path, folder.path / "root" / "up");
    const FolderFiles files((folder.path / "root").string());
    CHECK(files.names_in("") == std::vector<std::string>{"farms/", "in", "out", "up/"});
    CHECK(files.names_in("farms") == std::vector<std::string>{"x.yaml"});
    for (const char* const wrong : {"..", "up", ".git", ".git/hooks", "/etc", "farms/x.yaml", "nothing"})
        CHECK(files.names_in(wrong).empty());
    for (std::size_t i = 0; i <= Files::max_names; ++i)
        std::ofstream(folder.path / "root" / "farms" / std::to_string(i)).close();
    CHECK(files.names_in("farms").empty());
}

TEST_CASE("a path is seen from the file that names it") {
    CHECK(*join_path("plans/p.yaml", "./farms/x.yaml") == "plans/farms/x.yaml");
    CHECK(*join_path("plans/p.yaml", "../farms/x.yaml") == "farms/x.yaml");
    CHECK_FALSE(join_path("p.yaml", "../x.yaml").ok());
    CHECK_FALSE(join_path("a/p.yaml", "/x.yaml").ok());
    CHECK(path_from("plans/p.yaml", "plans/farms/x.yaml") == "./farms/x.yaml");
    CHECK(path_from("plans/p.yaml", "farms/x.yaml") == "../farms/x.yaml");
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

TEST_CASE("a password in the name of a store is refused and not shown, whatever signs it has") {
    for (const char* sign : {"", "/", "?", "#", "@", ":", "%", "&", "=", ",", "[", " ", "/1?a=", "\xc3\xa9"})
        for (const char* form : {"postgresql://me:PAS%RET@db/x", "postgresql://me:5432PAS%RET@db1:5432,db2/x?ttl=9",
                                 "postgresql://me:PAS%RET", "postgresql://me:PAS%RET/x", "postgresql:me:PAS%RET@db/x",
                                 "postgresql:/me:PAS%RET@db/x", "postgres://:PAS%RET@db/x"}) {
            std::string url = form;
            url.replace(url.find('%'), 1, sign);
            INFO(url);
            const Result<StoreName> name = store_name(url);
            REQUIRE_FALSE(name.ok());
            const std::string said = name.error().text() + " " + shown_store(url);
            CHECK(said.find("PAS") == std::string::npos);
            if (std::string(form).find('@') != std::string::npos) CHECK(said.find("RET") == std::string::npos);
        }
    for (const char* key : {"password", "sslpassword", "PASSWORD", "pasword", "%70assword"}) {
        const std::string url = "postgresql://db/x?sslmode=disable&" + std::string(key) + "=SECRET&ttl=9";
        INFO(url);
        const Result<StoreName> name = store_name(url);
        REQUIRE_FALSE(name.ok());
        CHECK(name.error().text().find("SECRET") == std::string::npos);
        CHECK(shown_store(url) == "postgresql://db/x?sslmode=disable&" + std::string(key) + "=…&ttl=9");
    }
    CHECK(shown_store("postgresql://me:a/b@db/x") == "postgresql://me:…@db/x");
    CHECK(shown_store("postgresql://me:a?b@db/x") == "postgresql://me:…@db/x");
    CHECK(shown_store("postgresql://me:secret/x") == "postgresql://me:…/x");
    for (const char* fine : {"postgresql://db:5432/x?ttl=9", "postgresql://me@[::1]:5433,db2/x", "/srv/a@b:c.db",
                             "postgresql:///x?host=/run/postgresql&sslmode=disable", "C:state.db", ""})
        CHECK(shown_store(fine) == fine);
}

TEST_CASE("the name of a store on a server is refused where its clients could read it in two ways") {
    for (const char* fine :
         {"postgresql://db/x", "postgres://me@db:5432/x",
          "postgresql://db1:5433,db2,[fe80::1%25eth0]:1/x?copies=2&ttl=9", "postgresql:///x?host=/run/postgresql",
          "postgresql:///x?host=%40abstract&port=5433&user=me", "postgresql://%2Frun%2Fpostgresql/x",
          "postgresql://a%40corp@db/my%2Fruns", "postgresql://10.0.0.1/x?hostaddr=::1",
          "postgresql://db/x?sslmode=verify-ca&sslrootcert=/etc/ca.crt", "postgresql://db/\xc3\xa9"}) {
        INFO(fine);
        const Result<StoreName> name = store_name(fine);
        CHECK(name.ok());
    }
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"postgresql://a@corp@db/x", "%40"},
        {"postgresql://u:12/w@host/db", "%2F"},
        {"postgresql://db/a/b", "%2F"},
        {"postgresql://db/a@b", "%40"},
        {"postgresql://db/a:b", "%3A"},
        {"postgresql://db/a#b", "%23"},
        {"postgresql://db/a b", "%20"},
        {"postgresql://db/100%", "%25"},
        {"postgresql://db/a%zzb", "%25"},
        {"postgresql://db/a%00b", "%25"},
        {"postgresql://::1/x", "brackets"},
        {"postgresql://::1:5432/x", "brackets"},
        {"postgresql://[::1/x", "brackets"},
        {"postgresql://a[::1]/x", "brackets"},
        {"postgresql://[::1]5432/x", "no port"},
        {"postgresql://db1,,db2/x", "has no name"},
        {"postgresql://db1,/x", "has no name"},
        {"postgresql://:5432/x", "has no name"},
        {"postgresql://db:0/x", "`db` is no port"},
        {"postgresql://db:65536/x", "no port"},
        {"postgresql://db:/x", "no port"},
        {"postgresql://db1:5432,db2:two/x", "`db2` is no port"},
        {"postgresql:///x", "names no host"},
        {"postgresql://me@/x", "names no host"},
        {"postgresql://db", "no database"},
        {"postgresql://db/", "no database"},
        {"postgresql://db?ttl=9", "no database"},
        {"postgresql://db/x?ttl=9&ttl=8", "`ttl` twice"},
        {"postgresql://db/x?sslmode=disable&sslmode=require", "`sslmode` twice"},
        {"postgresql://db/x?host=db2", "`host` twice"},
        {"postgresql://me@db:1/x?port=2", "`port` twice"},
        {"postgresql://me@db/x?user=you", "`user` twice"},
        {"postgresql://db/x?dbname=y", "`dbname` is no parameter"},
        {"postgresql://db/x?Copies=2", "did you mean"},
        {"postgresql://db/x?sslmod=disable", "did you mean `sslmode`"},
        {"postgresql://db/x?sslmode=Verify-Full", "`verify-full`"},
        {"postgresql://db/x?sslmode", "KEY=VALUE"},
        {"postgresql://db/x?ttl=", "KEY=VALUE"},
        {"postgresql://db/x?&ttl=9", "KEY=VALUE"},
        {"postgresql:db/x", "postgresql://HOST"}};
    for (const auto& [url, why] : wrong) {
        INFO(url);
        const Result<StoreName> name = store_name(url);
        REQUIRE_FALSE(name.ok());
        INFO(name.error().text());
        CHECK(name.error().text().find(why) != std::string::npos);
    }
}

TEST_CASE("digests are SHA-256") {
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace pvsplan::base
