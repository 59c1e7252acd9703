// One attempt to send a notification: it takes a bounded time, and ends soon when it is told to stop.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/ports/courier.hpp"

namespace pvsplan::notify {

// What became of it, for the journal and for whoever waits.
struct SendResult {
    enum class Type : std::uint8_t {
        sent,
        failed,    // it may work later
        hopeless,  // it will not
    };
    Type type = Type::failed;
    std::string why = {};  // without any secret
};

// What is sent, ready to go. It holds secrets, and so is never printed or kept.
struct Parcel {
    program::Notify how;
    std::string url;                       // of a webhook, of a mail server
    std::string password;                  // for the mail server
    std::string bytes;                     // the body, the mail, or the standard input
    std::vector<std::string> environment;  // of a command
};
// `date`: for the head of a mail, as RFC 5322 writes it.
Parcel pack(const ports::Notification& notification, const std::string& date);

// `stop` is looked at all the time: where it is set, the attempt has failed.
SendResult run_command(const Parcel& parcel, ports::Millis timeout_ms, const std::atomic<bool>& stop);
SendResult post(const Parcel& parcel, ports::Millis timeout_ms, const std::atomic<bool>& stop);

}  // namespace pvsplan::notify
