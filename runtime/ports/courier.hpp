// Tells people of a run while it goes on. Nothing here holds the run up: what is sent goes out on threads of its own,
// is tried again, and may in the end not arrive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/program/people.hpp"
#include "runtime/ports/clock.hpp"

namespace pvsplan::ports {

// What one of those who are told is to be sent.
struct Notification {
    std::uint64_t number = 0;  // of the notification within its run
    std::size_t to = 0;        // entry of Plan::notify
    program::Notify how;
    std::string content;                         // one JSON object: run, farm, plan, state, message, steps, host, next
    std::map<std::string, std::string> secrets;  // those that `how` names, by name
};

struct Delivery {
    enum class State : std::uint8_t {
        sent,      // its receiver took it
        open,      // not yet; it is tried again
        given_up,  // it is not tried again
    };
    std::uint64_t number = 0;
    std::size_t to = 0;
    State state = State::open;
    std::uint32_t attempts = 0;
    std::string why = {};  // it could not be sent: in words, without any secret
};

// Called by the engine's thread alone.
class Courier {
  public:
    virtual ~Courier() = default;
    // Returns at once.
    virtual void send(Notification notification) = 0;
    // What was sent or given up since the last call. The mailbox is woken when there is something.
    virtual std::vector<Delivery> take_delivered() = 0;
    // The run ends: what waits to be tried again is tried at once, a last time.
    virtual void hurry() = 0;
    // Waits until nothing is under way, at most so long. Whether nothing is.
    virtual bool wait(Millis at_most) = 0;
    // What is neither sent nor given up, and why.
    virtual std::vector<Delivery> open() = 0;
};

}  // namespace pvsplan::ports
