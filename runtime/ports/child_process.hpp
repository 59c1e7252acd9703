// Programs that are started as processes of their own, and the pipes between them and us.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/handle.hpp"

namespace pvsplan::ports {

// No child inherits an end of it but one that is given to it.
struct Pipe {
    Handle from;  // what is read
    Handle into;  // what is written
};
base::Result<Pipe> open_pipe(const std::string& what_for);
// From here on reading from it and writing into it return at once.
void never_block(const Handle& end);

// A file at whose end a child writes what it says; made for this account alone if it is not there. No link is followed.
base::Result<Handle> open_log(const std::string& file);

// What became of reading or writing once.
struct Transfer {
    enum class State : std::uint8_t {
        moved,  // `bytes` of them, at least one
        later,  // none now: there is nothing to read yet, or no room to write
        over,   // and none ever again: the other end is closed, or broken
    };
    State state = State::over;
    std::size_t bytes = 0;
};
// An interrupted call is made again. Any error is `over`.
Transfer read_some(const Handle& from, char* into, std::size_t max);
Transfer write_some(const Handle& into, std::string_view bytes);

// The environment of this process, as NAME=value.
std::vector<std::string> own_environment();

// Where `name` is in PATH, as the system looks for it; itself if it has a slash; empty: nowhere.
std::string find_program(const std::string& name);
// Whether the file is there and may be executed.
bool is_executable(const std::string& file);

struct SpawnOptions {
    std::vector<std::string> argv;         // argv[0] is looked for in PATH
    std::vector<std::string> environment;  // NAME=value, all of it
    const Handle* in = nullptr;            // what become its standard streams; null: nothing to read, nobody who reads
    const Handle* out = nullptr;
    const Handle* err = nullptr;
};
// Starts it as the leader of a session and process group of its own, with all signals as they are by default and with
// nothing else open that we have opened. Its number is that of its group; it is the caller's to reap.
base::Result<std::int64_t> spawn(const SpawnOptions& options);

// Whether the child has ended, without waiting: its exit status, or 128 + the signal that ended it. It is reaped then,
// and its number means nothing any more.
std::optional<int> end_of(std::int64_t child);
// The same, and waits for it.
int wait_for_end(std::int64_t child);
// The status where somebody else has reaped it: how it ended is not known, so it has not ended well.
inline constexpr int end_unseen = 255;

// What becomes readable when the process, ours or not, ends; empty if there is none to be had.
Handle watch_for_end(std::int64_t process);

}  // namespace pvsplan::ports
