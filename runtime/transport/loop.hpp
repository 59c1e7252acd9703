// One thread on which all transports do their waiting: what is open, timers, and what other threads hand over.
// Whatever is watched or timed here is also called here, so a transport's own state needs no lock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "runtime/ports/clock.hpp"
#include "runtime/ports/readiness.hpp"

namespace pvsplan::transport {

class Loop {
  public:
    using Task = std::function<void()>;
    using Interest = ports::Readiness::Interest;
    // 0 is no timer.
    using Timer = std::uint64_t;

    Loop();
    // Ends the thread. Everything that uses the loop is gone by then.
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // From any thread: `task` runs on the loop soon, after all that was posted before it.
    void post(Task task);
    // From any thread but the loop's: runs `task` there and returns when it has.
    void run_and_wait(const Task& task);

    // The rest is for tasks that run on the loop.

    // Once, not before `ms` have gone by.
    Timer after(ports::Millis ms, Task task);
    void cancel(Timer& timer);  // and sets it to 0
    // Calls `task` whenever it is ready (or has hung up), until unwatch(), which comes before it is closed. False: the
    // system takes no more.
    [[nodiscard]] bool watch(const ports::Handle& handle, Interest interest, Task task);
    void unwatch(const ports::Handle& handle);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace pvsplan::transport
