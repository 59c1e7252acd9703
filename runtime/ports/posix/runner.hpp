// The other end of a Launcher: what is done in the processes that are forked from this one.
#pragma once

#include <cstdint>
#include <string_view>

namespace pvsplan::ports::posix {

// Before the number of an error in the name of a runner that cannot leave its status.
inline constexpr std::string_view stuck_name = "job-stuck-";

// Goes before each request, which is so many bytes: folder, claim, spare, borders, out, err, room, status and name, the
// arguments and the variables of the environment, each with a NUL at its end. The answer is a std::int64_t: the number
// of the runner, or what errno says, negated.
struct LaunchHeader {
    std::uint32_t bytes = 0;
    std::uint32_t arguments = 0;
    std::uint32_t variables = 0;
};

// In a process that was just forked from one with threads: launches what comes through `requests` until nobody can ask
// any more. Only the system is called, past the library: what other threads had locked stays so for ever here, and who
// listens to our calls (tests do) means those of the process that was forked.
[[noreturn]] void serve_launches(int requests);

}  // namespace pvsplan::ports::posix
