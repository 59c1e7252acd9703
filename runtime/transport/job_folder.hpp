// What a job is on a POSIX host: a folder named by its key, and a process that nobody's connection holds.
//
//   JOBS/KEY/                  mode 0700; place.hpp says where
//     run                      a script of sh: what to execute, every argument quoted whole; on this machine only
//                              where no program is named that can be executed as it is
//     script.ps1               what it executes, when the body is PowerShell
//     begun.N                  "PID START BOOT PIDS MACHINE" of the process that runs it, or "void"
//     out, err                 what it printed, bounded as output.hpp says
//     exit.room                reserved before the command begins, so that a disk that is full at its end is none
//     exit                     that file, once its first line is the exit status in decimal, written by one call after
//                              all else; without the newline it is not there yet. On this machine "STATUS KEY", where
//                              another key is none at all, and "STATUS KEY left" where a process of it may be there
//     stuck                    (over ssh) that cannot be written; on this machine the name of the runner says so
//
// On this machine a folder whose job is over is JOBS/.over.KEY until it is removed, or until it becomes that of another
// job: with empty `out` and `err`, a `claim` and an `exit.room` to be written over, and nothing else.
//
// `begun.N` is the claim: a file complete with its content, brought into place by a call that fails if the name is
// there. Whoever starts a job does no more than launch a runner; of any number of runners, launched by any number of
// connections, only the one whose call succeeds runs the command. Whoever only wants to know what became of a job that
// nobody has begun claims it himself with "void", so that a runner still on its way cannot begin it after it was
// reported as unknown, nor a start that arrives later: whoever asked gives each further attempt a key of its own, and
// may have ended the run meanwhile. Before it claims, a runner puts the key into
// JOBS/.begun.UID.RUN, and for the keeper of outputs into JOBS/.open.UID.
//
// The exit status is the host's, from the file: no connection's own status is trusted with it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/transport.hpp"
#include "runtime/transport/output.hpp"

namespace pvsplan::transport {

// `text` as one word of any POSIX shell.
std::string shell_quoted(std::string_view text);

// What a host has to be given to run a job.
struct Parcel {
    std::string run;          // the script of sh
    std::string script;       // PowerShell; empty: none
    std::string environment;  // a script of sh that exports the secrets; never touches a disk
    std::vector<std::pair<std::string, std::string>> secrets;  // the same as variables of an environment
};
// Fails if no POSIX host could run it: a NUL byte or more than 131,071 bytes in an argument or a secret, no command.
base::Result<Parcel> make_parcel(const ports::Job& job);

// Whether `key` may be a file name on any host.
bool is_good_key(std::string_view key);

// The last whole line with something in it of `tail`, which begins with the end of some line or with a newline put
// before the output: a line that is cut might show a part of a secret by which nobody could recognise it. Empty: there
// is none.
std::string last_line(std::string_view tail);

}  // namespace pvsplan::transport
