// Sends notifications, each receiver's in its order, on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/ports/courier.hpp"

namespace pvsplan::notify {

struct CourierOptions {
    // How long to wait after each attempt that failed; after the last of them it is given up.
    std::vector<ports::Millis> pauses_ms = {5'000, 30'000, 120'000, 600'000};
    ports::Millis timeout_ms = 15'000;  // of one attempt
    // How a command for people is typed here: with the store that it needs.
    std::function<std::string(const std::string&)> as_typed = {};
};

// `mailbox` outlives it, and is woken when something was delivered or given up. Made and destroyed on one thread.
std::unique_ptr<ports::Courier> make_courier(ports::Mailbox& mailbox, CourierOptions options = {});

}  // namespace pvsplan::notify
