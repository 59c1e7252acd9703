#include "runtime/ports/process.hpp"

#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/check.hpp"
#include "runtime/ports/posix/proc.hpp"

namespace pvsplan::ports {

namespace {

using namespace posix;

// The first namespace of processes of a kernel has this number on every machine.
constexpr std::string_view first_space = "pid:[4026531836]";

}  // namespace

// Within a container the id of the machine comes with the image and may be anybody's, so it counts only in the first
// namespace of processes.
Identity who_am_i() {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    const passwd* entry = getpwuid(geteuid());
    const std::string pids = link_target("/proc/self/ns/pid");
    const std::vector<std::string> self = stat_of("self");
    const std::string machine = pids == first_space ? first_line("/etc/machine-id") : "";
    const std::string boot = first_line("/proc/sys/kernel/random/boot_id");
    const std::string users = link_target("/proc/self/ns/user");  // a number within a container is another one outside
    const std::string border = machine.empty() ? (boot.empty() || pids.empty() ? "" : boot + " " + pids) : machine;
    return {.user = entry != nullptr ? std::string(entry->pw_name) : "uid " + std::to_string(geteuid()),
            .host = host.data(),
            .pid = getpid(),
            .started = self.empty() ? "" : self[start_field],
            .machine = machine,
            .boot = boot,
            .space = pids.empty() ? "" : pids + " " + link_target("/proc/self/ns/time"),
            .account = std::to_string(geteuid()) + "@" + (border.empty() || users.empty() ? "" : border + " " + users)};
}

void keep_memory_private() { base::check(prctl(PR_SET_DUMPABLE, 0) == 0, "the kernel knows no PR_SET_DUMPABLE"); }

// Every `dead` is sure: whoever is taken for dead loses its farm. Where one of the facts is missing nobody can tell.
Life life_of(const Identity& who) {
    const Identity me = who_am_i();
    if (who.pid <= 0 || who.boot.empty() || me.boot.empty()) return Life::unknown;
    // A machine that has booted since runs none of its old processes.
    if (who.boot != me.boot) return !who.machine.empty() && who.machine == me.machine ? Life::dead : Life::unknown;
    if (who.space.empty() || who.space != me.space) return Life::unknown;
    if (kill(static_cast<pid_t>(who.pid), 0) != 0 && errno == ESRCH) return Life::dead;
    // A /proc that belongs to another namespace speaks of other processes.
    if (link_target("/proc/self") != std::to_string(me.pid)) return Life::unknown;
    const std::vector<std::string> there = stat_of(std::to_string(who.pid));
    if (there.empty() || who.started.empty()) return Life::unknown;
    if (there[start_field] != who.started) return Life::dead;
    // Dead, and its parent has not asked yet; with threads left, one of them may still be writing.
    const bool is_zombie = there[state_field] == "Z" || there[state_field] == "X";
    return is_zombie && there[threads_field] == "1" ? Life::dead : Life::alive;
}

}  // namespace pvsplan::ports
