// Processes that outlive whoever started them, each the leader of a group of its own: they are written down, and found
// again by somebody who starts later.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pvsplan::ports {

// The number of a process means one process within one boot of one machine and one namespace of process ids.
struct Borders {
    std::string machine;  // /etc/machine-id, else "host:NAME"
    std::string boot;     // "-": cannot be told, as the next ones
    std::string pids;     // the namespace of process ids
    std::string mounts;   // the namespace of mounts, within which a path names one file
};
const Borders& borders_here();

// One process among all that there ever were.
struct ProcessName {
    std::int64_t number = 0;
    std::string start;  // when it began: a later process of its number has another; "-": cannot be told
    std::string boot;   // the borders within which the number is one process
    std::string pids;
    std::string machine;
};
// That of a process of ours that has not been reaped.
ProcessName name_of_process(std::int64_t number);

enum class Alive : std::uint8_t {
    leader,     // the process itself
    remainder,  // it is gone, but others of its process group are there
    no,
    unknown,  // it is or was a process of another machine or container: nothing can be seen of it from here
};
Alive is_alive(const ProcessName& leader);

// The processes of its session and process group, and those that carry `variable` (NAME=value) in their environment,
// wherever they went; without this one.
std::vector<std::int64_t> members_of(const ProcessName& leader, const std::string& variable);

enum class Ending : std::uint8_t {
    asked,   // it may clean up, or not listen
    forced,  // at once
};
// One that is gone already is none of the caller's business.
void end_process(std::int64_t number, Ending how);
void end_group(std::int64_t leader, Ending how);

}  // namespace pvsplan::ports
