#include "runtime/cli/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace pvsplan::cli {
namespace {

base::Error trouble(const std::string& path) {
    return base::Error{"cannot write `" + path + "`", {std::strerror(errno)}};
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

base::Status write_file(const std::string& path, std::string_view bytes) {
    namespace fs = std::filesystem;
    std::error_code ec;
    // A link keeps pointing to what it points to; a device or a pipe is written as it is.
    const fs::path target = fs::is_symlink(path, ec) ? fs::weakly_canonical(path, ec) : fs::path(path);
    const bool is_special = fs::exists(target, ec) && !fs::is_regular_file(target, ec);
    const std::string written_first = is_special ? target.string() : target.string() + ".part";
    struct stat old {};
    const mode_t mode =
        ::stat(target.c_str(), &old) == 0 ? old.st_mode & 0777U : 0600U;  // a plan tells how a farm is run
    const int file = ::open(written_first.c_str(), O_WRONLY | O_CREAT | (is_special ? 0 : O_TRUNC) | O_CLOEXEC, mode);
    if (file < 0) return trouble(path);
    const bool is_written = write_all(file, bytes) && (is_special || ::fsync(file) == 0);
    const int reason = errno;
    ::close(file);
    if (!is_written) {
        if (!is_special) ::unlink(written_first.c_str());
        errno = reason;
        return trouble(path);
    }
    if (!is_special && std::rename(written_first.c_str(), target.c_str()) != 0) {
        const base::Error error = trouble(path);
        ::unlink(written_first.c_str());
        return error;
    }
    return base::Done{};
}

}  // namespace pvsplan::cli
