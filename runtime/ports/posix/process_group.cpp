#include "runtime/ports/process_group.hpp"

#include <unistd.h>
#include <csignal>

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "runtime/ports/files.hpp"
#include "runtime/ports/posix/proc.hpp"

namespace pvsplan::ports {

namespace {

std::string first_word(const char* file) {
    std::string word;
    std::ifstream(file) >> word;
    return word;
}

std::string or_unknown(std::string text) { return text.empty() ? "-" : std::move(text); }

// Within these the number of a process, with its start, means one process.
Borders find_borders() {
    Borders here{.machine = first_word("/etc/machine-id"),
                 .boot = or_unknown(first_word("/proc/sys/kernel/random/boot_id")),
                 .pids = or_unknown(posix::link_target("/proc/self/ns/pid")),
                 .mounts = or_unknown(posix::link_target("/proc/self/ns/mnt"))};
    if (here.machine.empty()) {
        std::array<char, 256> name{};
        here.machine = std::string("host:") + (gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "");
    }
    return here;
}

// Both known, and not the same.
bool differ(const std::string& one, const std::string& other) {
    return !one.empty() && one != "-" && !other.empty() && other != "-" && one != other;
}

bool is_over(const std::string& state) { return state == "Z" || state == "X"; }

// A variable is passed on to whatever a process starts, also where that leaves the session and the group.
bool carries(const std::string& process, const std::string& variable) {
    constexpr std::uint64_t max_environment = 1U << 21U;
    std::error_code failed;
    const std::string environment =
        read_file("/proc/" + process + "/environ", max_environment, Links::followed, failed).value_or("");
    const auto at = environment.find(variable + '\0');
    return at != std::string::npos && (at == 0 || environment[at - 1] == '\0');
}

int signal_of(Ending how) { return how == Ending::asked ? SIGTERM : SIGKILL; }

}  // namespace

const Borders& borders_here() {
    static const Borders here = find_borders();
    return here;
}

ProcessName name_of_process(std::int64_t number) {
    const std::vector<std::string> stat = posix::stat_of(std::to_string(number));
    const Borders& here = borders_here();
    return {.number = number,
            .start = stat.empty() ? "-" : stat[posix::start_field],
            .boot = here.boot,
            .pids = here.pids,
            .machine = here.machine};
}

// The leader may be gone while its group is not: what it started still runs, and its number is not given away before
// the group is empty.
Alive is_alive(const ProcessName& leader) {
    if (leader.number <= 1) return Alive::no;
    const Borders& here = borders_here();
    if (differ(leader.machine, here.machine)) return Alive::unknown;
    if (differ(leader.boot, here.boot)) return Alive::no;
    if (differ(leader.pids, here.pids)) return Alive::unknown;
    const std::vector<std::string> stat = posix::stat_of(std::to_string(leader.number));
    if (!stat.empty()) {
        if (stat[posix::start_field] != leader.start) return Alive::no;  // its number has gone to another
        if (!is_over(stat[posix::state_field])) return Alive::leader;
    }
    return kill(-static_cast<pid_t>(leader.number), 0) == 0 ? Alive::remainder : Alive::no;
}

// All processes are looked through, since one that left its group and session is found by the variable alone.
std::vector<std::int64_t> members_of(const ProcessName& leader, const std::string& variable) {
    std::vector<std::int64_t> members;
    const std::string number = std::to_string(leader.number);
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
        const std::string process = entry.path().filename();
        if (process.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::vector<std::string> stat = posix::stat_of(process);
        if (stat.empty() || is_over(stat[posix::state_field])) continue;
        const bool is_one =
            stat[posix::group_field] == number || stat[posix::session_field] == number || carries(process, variable);
        if (is_one && std::stoll(process) != getpid()) members.push_back(std::stoll(process));
    }
    return members;
}

void end_process(std::int64_t number, Ending how) { (void)kill(static_cast<pid_t>(number), signal_of(how)); }

void end_group(std::int64_t leader, Ending how) { (void)kill(-static_cast<pid_t>(leader), signal_of(how)); }

}  // namespace pvsplan::ports
