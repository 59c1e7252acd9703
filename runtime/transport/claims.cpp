#include "runtime/transport/claims.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>

#include "compiler/base/digest.hpp"
#include "runtime/transport/folder_files.hpp"

namespace pvsplan::transport {

namespace {

struct Found {
    std::string line;
    std::string run;
    std::uint64_t token = 0;
};

constexpr std::uint64_t longest_claim = 10'000;

// Where others can write too, anything may stand under this name: a link to a file that only we may read, a pipe that
// never ends. It is looked at and not followed; what is no claim that can be read is somebody's all the same.
std::optional<Found> read_claim(const std::string& file) {
    struct stat about {};
    if (lstat(file.c_str(), &about) != 0) return std::nullopt;
    const auto unreadable = [](const std::string& why) { return Found{.line = "? " + why, .run = {}, .token = 0}; };
    if (S_ISLNK(about.st_mode)) return unreadable("it is a link");
    if (!S_ISREG(about.st_mode)) return unreadable("it is no plain file");
    auto text = read_own_file(file, longest_claim);
    if (!text && errno == ENOENT) return std::nullopt;
    if (!text) return unreadable(std::strerror(errno));
    Found found{.line = text->substr(0, text->find('\n')), .run = {}, .token = 0};
    const auto space = found.line.find(' ');
    found.run = found.line.substr(0, space);
    if (space != std::string::npos)
        std::from_chars(found.line.data() + space + 1, found.line.data() + found.line.size(), found.token);
    return found;
}

// A file of ours, complete, under a name that nobody waits for; empty: it cannot be written, errno says why.
std::string draft(const std::string& file, const std::string& line) {
    const std::string mine = file + "." + std::to_string(getpid());
    unlink(mine.c_str());
    const int fd = open(mine.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) return {};
    const std::string text = line + "\n";
    const bool is_whole = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                          fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    const int number = errno;
    close(fd);
    if (is_whole) return mine;
    unlink(mine.c_str());
    errno = number;
    return {};
}

// Moves a claim that gives way aside, unless it has become another's meanwhile.
void set_aside(const std::string& file, const std::string& line) {
    const std::string aside = file + ".over." + std::to_string(getpid());
    if (rename(file.c_str(), aside.c_str()) != 0) return;
    if (const auto moved = read_claim(aside); moved && moved->line != line) (void)link(aside.c_str(), file.c_str());
    (void)std::remove(aside.c_str());  // a folder too
}

enum class Look : std::uint8_t { nobody, ours, held };

Look look_at(const std::string& file, const ports::Claim& claim, Claimed& held) {
    auto found = read_claim(file);
    if (found && !claim.instead_of.empty() && found->line == claim.instead_of) {
        set_aside(file, found->line);
        found = read_claim(file);
    }
    if (!found) return Look::nobody;
    if (found->run == claim.run && found->token <= claim.token) return Look::ours;
    held = {.result = Claimed::Result::held, .line = found->line, .file = file, .why = {}};
    return Look::held;
}

}  // namespace

std::string claim_name(const std::string& farm) {
    std::string name;
    for (const char c : farm.substr(0, 40)) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        name += is_plain ? c : '_';
    }
    return name + "-" + base::sha256_hex(farm).substr(0, 12);
}

std::string claim_line(const ports::Claim& claim) {
    return claim.run + " " + std::to_string(claim.token) + " " + claim.owner;
}

Claimed make_claim(const std::vector<std::string>& places, const ports::Claim& claim) {
    const std::string name = claim_name(claim.farm);
    const std::string line = claim_line(claim);
    Claimed held;
    bool is_ours = false;
    for (const std::string& place : places) {
        const std::string file = place + name;
        const Look look = look_at(file, claim, held);
        if (look == Look::held) return held;
        if (look != Look::ours) continue;
        is_ours = true;
        if (const auto found = read_claim(file); found && found->line != line)
            if (const std::string mine = draft(file, line); !mine.empty() && rename(mine.c_str(), file.c_str()) != 0)
                unlink(mine.c_str());  // somebody else's file: the run is ours all the same
    }
    if (is_ours) return {};
    std::string why;
    for (const std::string& place : places) {
        const std::string file = place + name;
        const std::string mine = draft(file, line);
        const bool is_made = !mine.empty() && link(mine.c_str(), file.c_str()) == 0;
        const int number = errno;
        if (!mine.empty()) unlink(mine.c_str());
        if (!is_made) {
            if (number == EEXIST && look_at(file, claim, held) == Look::held) return held;
            why += (why.empty() ? "`" : ", `") + file + "`: " + std::strerror(number);
            continue;
        }
        for (const std::string& other : places)
            if (look_at(other + name, claim, held) == Look::held) {
                unlink(file.c_str());
                return held;
            }
        return {};
    }
    return {.result = Claimed::Result::nowhere, .line = {}, .file = {}, .why = why};
}

void release_claim(const std::vector<std::string>& places, const ports::Claim& claim) {
    for (const std::string& place : places) {
        const std::string file = place + claim_name(claim.farm);
        const auto found = read_claim(file);
        if (found && found->run == claim.run && found->token <= claim.token) unlink(file.c_str());
    }
}

}  // namespace pvsplan::transport
