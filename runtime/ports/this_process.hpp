// What this process does with itself, apart from its work.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace pvsplan::ports {

std::int64_t process_id();

// What a process does before anything else. All three standard streams are there from then on; a reader that went away
// and a file that may not grow any more are errors of writing, not the end of us; and SIGHUP, SIGINT and SIGTERM end it
// with 128 and their number as exit status, unless whoever started us ignores them. Children are ours to reap, whatever
// he does with his. What is made is for this account alone, whatever the umask was.
void begin_process();

// While it lives, its thread receives no signals, and the threads that begin meanwhile never do: signals are for the
// thread that runs the engine. To be held by whoever begins a thread, for one that blocked them itself could already
// have received one.
class SignalsHeld {
  public:
    SignalsHeld();
    ~SignalsHeld();
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

// Writes to standard error when there is no memory left to do so in the usual way.
void complain_without_memory(std::string_view words);

}  // namespace pvsplan::ports
