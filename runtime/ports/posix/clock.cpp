#include "runtime/ports/clock.hpp"

#include <ctime>

namespace pvsplan::ports {

Millis since_boot() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return Millis{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace pvsplan::ports
