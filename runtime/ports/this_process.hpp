// What this process does with itself, apart from its work.
#pragma once

#include <cstdint>
#include <string_view>

namespace pvsplan::ports {

std::int64_t process_id();

// What a process does before anything else. All three standard streams are there from then on; a reader that went away
// and a file that may not grow any more are errors of writing, not the end of us; and SIGHUP, SIGINT and SIGTERM end it
// with 128 and their number as exit status, unless whoever started us ignores them. Children are ours to reap, whatever
// he does with his. What is made is for this account alone, whatever the umask was.
void begin_process();

// The thread that calls this receives no signals from then on: they are for the thread that runs the engine.
void leave_signals_to_others();

// Writes to standard error when there is no memory left to do so in the usual way.
void complain_without_memory(std::string_view words);

}  // namespace pvsplan::ports
