// A folder of the moment for tests of what the system does with files.
#pragma once

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "runtime/ports/places.hpp"
#include "tests/unit/soon.hpp"

namespace pvsplan::ports::test {

class Folder {
  public:
    Folder() {
        const auto made = make_scratch_folder();
        REQUIRE(made);
        path_ = *made;
    }
    // The keeper of jobs that have just ended may be at work in it for some seconds more.
    ~Folder() {
        (void)tests::soon([this] {
            std::error_code failed;
            std::filesystem::remove_all(path_, failed);
            return !std::filesystem::exists(path_, failed);
        });
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

inline std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}
inline void put(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

inline unsigned mode_of(const std::string& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    return info.st_mode & 07777U;
}

struct Umask {
    mode_t before;
    explicit Umask(mode_t mask) : before(::umask(mask)) {}
    ~Umask() { ::umask(before); }
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;
};

}  // namespace pvsplan::ports::test
