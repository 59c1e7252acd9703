// Waiting for whatever happens first, by one thread: something that is open becomes ready, time goes by, somebody
// rings.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/ports/clock.hpp"
#include "runtime/ports/handle.hpp"

namespace pvsplan::ports {

class Readiness {
  public:
    enum class Interest : std::uint8_t { readable, writable };

    Readiness();  // throws std::system_error where the system gives us none
    ~Readiness();
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;

    // From here on wait() returns `number`, which is not 0, whenever what is open is ready or has hung up, until
    // unwatch(), which comes before it is closed. False: the system takes no more.
    [[nodiscard]] bool watch(const Handle& handle, Interest interest, std::uint64_t number);
    void unwatch(const Handle& handle);
    // Until what a library holds open by itself can be read, it is rung, or the time is over.
    void wait_for(int descriptor, Millis at_most);

    // Those that are ready; waits for the first up to `max_wait` (none: until there is one, or it is rung).
    std::vector<std::uint64_t> wait(std::optional<Millis> max_wait);

    // From any thread: the wait that is under way returns, or else the next one.
    void ring();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

// For what a library holds open by itself: whether it can be read (or written, where that is wanted) within the time.
enum class Direction : std::uint8_t { reading, either };
[[nodiscard]] bool wait_until_ready(int descriptor, Direction what, Millis at_most);

}  // namespace pvsplan::ports
