#include "runtime/ports/files.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include "tests/unit/ports/folder.hpp"

namespace pvsplan::ports::test {
namespace {

namespace fs = std::filesystem;

void make_pipe(const std::string& path) { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }

}  // namespace

TEST_CASE("a file is read up to a bound, through a link only where that is wanted, and a pipe is not waited for") {
    const Folder folder;
    put(folder / "file", "0123456789");
    fs::create_symlink(folder / "file", folder / "link");
    make_pipe(folder / "pipe");
    std::error_code failed;
    CHECK(read_file(folder / "file", 4, Links::refused, failed) == "0123");
    CHECK_FALSE(failed);
    CHECK(read_file(folder / "link", 100, Links::followed, failed) == "0123456789");
    CHECK_FALSE(read_file(folder / "link", 100, Links::refused, failed));
    CHECK(failed == std::errc::too_many_symbolic_link_levels);
    CHECK_FALSE(read_file(folder / "none", 100, Links::followed, failed));
    CHECK(failed == std::errc::no_such_file_or_directory);
    CHECK(read_file(folder / "pipe", 100, Links::followed, failed) == "");
}

TEST_CASE("a file that a person named is read as a whole or not at all") {
    const Folder folder;
    put(folder / "file", "0123456789");
    make_pipe(folder / "pipe");
    const auto why_not = [&](const std::string& path, std::uint64_t max) {
        const auto text = read_named_file(path, max);
        return text ? "" : text.error().text();
    };
    CHECK(*read_named_file(folder / "file", 10) == "0123456789");
    CHECK(why_not(folder / "file", 9) == "cannot read `" + folder / "file" + "`: it has more than 9 bytes");
    CHECK(why_not(folder / "none", 9) == "cannot read `" + folder / "none" + "`: No such file or directory");
    CHECK(why_not(folder / "pipe", 9) == "cannot read `" + folder / "pipe" + "`: it is no plain file");
    CHECK(why_not(folder.path(), 9) == "cannot read `" + folder.path() + "`: it is a folder");
    CHECK(why_not("/dev/zero", 9) == "cannot read `/dev/zero`: it is no plain file");
}

TEST_CASE("a written file is for its account alone, and what stood there is lost") {
    const Folder folder;
    const Umask open_to_all(0);
    CHECK_FALSE(write_file(folder / "file", "a longer text"));
    CHECK(mode_of(folder / "file") == 0600);
    CHECK_FALSE(write_file(folder / "file", "short"));
    CHECK(contents(folder / "file") == "short");
    CHECK(write_file(folder / "no/file", "") == std::errc::no_such_file_or_directory);
    CHECK(write_file("/dev/full", "text") == std::errc::no_space_on_device);
}

TEST_CASE("a new file stands where nothing stood, with the rights that were asked for whatever the umask") {
    const Folder folder;
    SECTION("rights") {
        const Umask closed(0777);
        CHECK_FALSE(write_new_file(folder / "all", "text", Readers::everybody));
        CHECK_FALSE(write_new_file(folder / "one", "text", Readers::this_account));
        CHECK(mode_of(folder / "all") == 0644);
        CHECK(mode_of(folder / "one") == 0600);
        CHECK(contents(folder / "all") == "text");
    }
    SECTION("what stands there stays") {
        put(folder / "file", "theirs");
        CHECK(write_new_file(folder / "file", "ours", Readers::everybody) == std::errc::file_exists);
        CHECK(contents(folder / "file") == "theirs");
    }
    SECTION("a link that leads nowhere is no way to make a file elsewhere") {
        fs::create_symlink(folder / "elsewhere", folder / "link");
        CHECK(write_new_file(folder / "link", "ours", Readers::everybody) == std::errc::file_exists);
        CHECK_FALSE(fs::exists(folder / "elsewhere"));
    }
}

TEST_CASE("what is appended comes behind what others appended, and through no link and into no pipe") {
    const Folder folder;
    CHECK_FALSE(append_to_file(folder / "file", "one\n", Readers::this_account));
    CHECK_FALSE(append_to_file(folder / "file", "two\n", Readers::this_account));
    CHECK(contents(folder / "file") == "one\ntwo\n");
    fs::create_symlink(folder / "file", folder / "link");
    CHECK(append_to_file(folder / "link", "three\n", Readers::this_account));
    CHECK(contents(folder / "file") == "one\ntwo\n");
    make_pipe(folder / "pipe");
    CHECK(append_to_file(folder / "pipe", "nobody reads\n", Readers::this_account));
    CHECK(append_to_file("/dev/full", "text", Readers::this_account) == std::errc::no_space_on_device);
}

TEST_CASE("a file that is replaced keeps its rights and the links that lead to it") {
    const Folder folder;
    CHECK_FALSE(replace_file(folder / "file", "one"));
    CHECK(mode_of(folder / "file") == 0600);
    REQUIRE(::chmod((folder / "file").c_str(), 0640) == 0);
    fs::create_symlink(folder / "file", folder / "link");
    CHECK_FALSE(replace_file(folder / "link", "two"));
    CHECK(fs::is_symlink(folder / "link"));
    CHECK(contents(folder / "file") == "two");
    CHECK(mode_of(folder / "file") == 0640);
    CHECK_FALSE(replace_file("/dev/null", "three"));
    CHECK(replace_file("/dev/full", "three") == std::errc::no_space_on_device);
    CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("a file that may not be written is not replaced either, and other names of a file keep what they had") {
    const Folder folder;
    put(folder / "file", "old");
    REQUIRE(::chmod((folder / "file").c_str(), 0444) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
    const bool is_root = ::geteuid() == 0;  // whom no right binds
    if (is_root) REQUIRE(::seteuid(65534) == 0);
    const std::error_code failed = replace_file(folder / "file", "new");
    if (is_root) REQUIRE(::seteuid(0) == 0);
    CHECK(failed == std::errc::permission_denied);
    CHECK(contents(folder / "file") == "old");
    REQUIRE(::chmod((folder / "file").c_str(), 0644) == 0);
    fs::create_hard_link(folder / "file", folder / "other");
    CHECK_FALSE(replace_file(folder / "file", "new"));
    CHECK(contents(folder / "file") == "new");
    CHECK(contents(folder / "other") == "old");
}

TEST_CASE("of a replacement that fails nothing stays but the old file") {
    const Folder folder;
    put(folder / "file", "old");
    CHECK(replace_file(folder / "no/file", ""));
    // A limit on the size of files takes the place of a full disk.
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{4, 4};
        ::setrlimit(RLIMIT_FSIZE, &small);
        ::_exit(replace_file(folder / "file", "longer than that") == std::errc::file_too_large ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(contents(folder / "file") == "old");
    CHECK(std::distance(fs::directory_iterator(folder / ""), {}) == 1);
}

TEST_CASE("a replacement keeps the rights of a file under any umask, and writes through no link that lies beside it") {
    const Folder folder;
    put(folder / "file", "old");
    put(folder / "other", "other");
    REQUIRE(::chmod((folder / "file").c_str(), 0666) == 0);
    fs::create_symlink(folder / "other", folder / "file.part");
    fs::create_symlink(folder / "other", folder / ("file.part" + std::to_string(::getpid())));
    CHECK(replace_file(folder / "file", "new") == std::errc::file_exists);
    CHECK(contents(folder / "file") == "old");
    fs::remove(folder / ("file.part" + std::to_string(::getpid())));
    const Umask closed(0077);
    CHECK_FALSE(replace_file(folder / "file", "new"));
    CHECK(contents(folder / "file") == "new");
    CHECK(contents(folder / "other") == "other");
    CHECK(mode_of(folder / "file") == 0666);
}

TEST_CASE("a file that some process has open for writing is told from one that nobody writes") {
    const Folder folder;
    put(folder / "file", "");
    CHECK_FALSE(is_open_for_writing(folder / "file"));
    const int open_file = ::open((folder / "file").c_str(), O_WRONLY);
    CHECK(is_open_for_writing(folder / "file"));
    ::close(open_file);
    CHECK_FALSE(is_open_for_writing(folder / "file"));
    CHECK_FALSE(is_open_for_writing(folder / "none"));
}

TEST_CASE("a private folder is its account's, and one that is there is fine") {
    const Folder folder;
    const Umask open_to_all(0);
    CHECK_FALSE(make_private_folder(folder / "one"));
    CHECK(mode_of(folder / "one") == 0700);
    CHECK_FALSE(make_private_folder(folder / "one"));
    CHECK(make_private_folder(folder / "two/three") == std::errc::no_such_file_or_directory);
}

}  // namespace pvsplan::ports::test
