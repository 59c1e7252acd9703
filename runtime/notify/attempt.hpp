// One attempt to send a notification: it takes a bounded time, and ends soon when it is told to stop.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/ports/courier.hpp"

namespace pvsplan::notify {

struct Attempt {
    enum class Result : std::uint8_t {
        sent,
        failed,    // it may work later
        hopeless,  // it will not
    };
    Result result = Result::failed;
    std::string why = {};  // without any secret
};

// What is sent, ready to go.
struct Parcel {
    program::Notify how;
    std::string url;                       // of a webhook, of a mail server
    std::string password;                  // for the mail server
    std::string bytes;                     // the body, the mail, or the standard input
    std::vector<std::string> environment;  // of a command
};
Parcel pack(const ports::Notification& notification, const std::string& date);

Attempt run_command(const Parcel& parcel, ports::Millis timeout_ms, const std::atomic<bool>& stop);
Attempt post(const Parcel& parcel, ports::Millis timeout_ms, const std::atomic<bool>& stop);

}  // namespace pvsplan::notify
