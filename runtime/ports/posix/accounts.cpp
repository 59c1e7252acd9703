#include "runtime/ports/accounts.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

namespace pvsplan::ports {

namespace {

constexpr std::size_t first_size = 4096;
constexpr std::size_t max_size = 64U << 20U;  // a group of a domain may have very many members

// Calls `ask` with a buffer that is large enough; what it found, or nothing.
template <class Entry, class Ask>
std::optional<Entry> entry_of(const Ask& ask, std::vector<char>& buffer) {
    for (buffer.resize(first_size); buffer.size() <= max_size; buffer.resize(buffer.size() * 4)) {
        Entry entry{};
        Entry* found = nullptr;
        const int error = ask(entry, buffer, found);
        if (error == EINTR) continue;
        if (error == ERANGE) continue;
        return error == 0 && found != nullptr ? std::optional(entry) : std::nullopt;
    }
    return std::nullopt;
}

// What is returned points into `buffer`.
std::optional<passwd> user_called(const std::string& name, std::vector<char>& buffer) {
    return entry_of<passwd>(
        [&](passwd& entry, std::vector<char>& room, passwd*& found) {
            return getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
        },
        buffer);
}

std::optional<passwd> user_numbered(uid_t number, std::vector<char>& buffer) {
    return entry_of<passwd>(
        [&](passwd& entry, std::vector<char>& room, passwd*& found) {
            return getpwuid_r(number, &entry, room.data(), room.size(), &found);
        },
        buffer);
}

std::optional<gid_t> group_called(const std::string& name) {
    std::vector<char> buffer;
    const auto entry = entry_of<group>(
        [&](group& found_entry, std::vector<char>& room, group*& found) {
            return getgrnam_r(name.c_str(), &found_entry, room.data(), room.size(), &found);
        },
        buffer);
    return entry ? std::optional(entry->gr_gid) : std::nullopt;
}

// The C library says how many groups there are where the room is too small; where it does not ask for more, nobody can
// tell.
bool is_member(const passwd& user, gid_t group) {
    constexpr int usual = 64;
    std::vector<gid_t> all(usual);
    for (;;) {
        int count = static_cast<int>(all.size());
        const bool is_whole = getgrouplist(user.pw_name, user.pw_gid, all.data(), &count) >= 0;
        if (is_whole) {
            all.resize(static_cast<std::size_t>(count));
            return std::find(all.begin(), all.end(), group) != all.end();
        }
        if (static_cast<std::size_t>(count) <= all.size()) return false;
        all.resize(static_cast<std::size_t>(count));
    }
}

}  // namespace

// Membership is asked of the name service, not of this process: whoever was taken out of a group since the login is no
// member any more.
Accounts::Match SystemAccounts::match(const std::string& name) {
    std::vector<char> buffer;
    if (const auto user = user_called(name, buffer)) return user->pw_uid == geteuid() ? Match::is : Match::is_not;
    const std::optional<gid_t> group = group_called(name);
    if (!group) return Match::unknown;
    const auto me = user_numbered(geteuid(), buffer);
    if (!me) return Match::is_not;
    return is_member(*me, *group) ? Match::is : Match::is_not;
}

}  // namespace pvsplan::ports
