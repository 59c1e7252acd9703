// Programs that outlive us. Each has a runner, a process of its own that nobody's end reaches: it claims the job,
// starts the program, waits for it and leaves in a file how it ended.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/handle.hpp"

namespace pvsplan::ports {

// What a runner is told. The names are those of files in `folder`.
struct Launch {
    std::string folder;                    // where the program runs
    std::vector<std::string> argv;         // argv[0] is a path; a script without a first line is read by /bin/sh
    std::vector<std::string> environment;  // NAME=value, all of it
    std::string claim;                     // "NUMBER START BORDERS" of the runner; is it there already, nothing begins
    std::string spare;                     // a file to write it into, if there is one under this name
    std::string borders;                   // "BOOT PIDS MACHINE", within which the number is one process
    std::string out;                       // appended to, as `err`
    std::string err;
    std::string room;    // where the status is written, reserved before the program begins, so that a full disk is none
    std::string status;  // the name that `room` takes once it holds "STATUS NAME", with " left" behind it where a
                         // process that the program began may still be there
    std::string name;    // of the job, of up to 80 bytes: no crash makes the status of another one of it
};

// Starts runners by way of a process that is forked once, from the first launch on: a runner is then a copy of that,
// with nothing to load, and yet our child. Of one thread at a time.
class Launcher {
  public:
    Launcher() = default;
    ~Launcher() { stop(); }
    Launcher(const Launcher&) = delete;
    Launcher& operator=(const Launcher&) = delete;

    // The number of the runner, which leads a session and a group of its own and is the caller's to reap. It may not
    // have claimed the job yet; ends it without, nothing has begun. Dies this process before the call returns, the job
    // may begin all the same.
    base::Result<std::int64_t> launch(const Launch& launch);

  private:
    base::Status start();
    void stop();

    Handle requests_;
    std::int64_t process_ = 0;
};

// Why a runner cannot leave the status of a program that has ended ("No space left on device"), which it tries every
// second; empty: it does not try.
// Read off the name of the process, so it costs a look into /proc and no message.
std::string why_stuck(std::int64_t runner);

}  // namespace pvsplan::ports
