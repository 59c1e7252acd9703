// Sends one notification with short pauses, and prints what became of it: `sent after 3`, `given up after 1: why`, or
// `open after 2: why` once it has hurried. Without `hurry` it waits until it is sent or given up.
//
//     integration_tell json|teams|slack URL CA [hurry]
//     integration_tell smtp URL CA USER [hurry]        the password is in TELL_PASSWORD
//     integration_tell command PROGRAM ARGUMENT…
//
// TELL_TIMEOUT_MS: how long an attempt may take, where that is what is tested; else as long as a busy machine needs.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/notify/courier.hpp"

namespace {

using namespace pvsplan;
using program::Notify;

constexpr const char* content =
    R"({"run":"R1","farm":"contoso","plan":"roll","state":"waiting","message":"the run waits","step":"look",)"
    R"("asked":"Look.","steps":[{"step":"look","is":"approval","text":"Look."}],"more":0,"host":"ws","by":"anna",)"
    R"("at":"2026-01-01T00:00:00Z","next":"pvsplan approve R1 'look'"})";

Notify read(const std::vector<std::string>& arguments, std::map<std::string, std::string>& secrets) {
    Notify how;
    if (arguments.at(0) == "command") {
        how.command.assign(arguments.begin() + 1, arguments.end());
        return how;
    }
    how.channel = arguments[0] == "smtp" ? Notify::Channel::mail : Notify::Channel::webhook;
    how.url = arguments.at(1);
    how.ca = arguments.at(2);
    if (arguments[0] == "teams") how.format = Notify::Format::teams;
    if (arguments[0] == "slack") how.format = Notify::Format::slack;
    if (how.channel == Notify::Channel::webhook) {  // as if the farm kept it as a secret
        secrets["url"] = std::exchange(how.url, "");
        how.url_secret = "url";
        return how;
    }
    how.to = {"ops@contoso.com", "lead@contoso.com"};
    how.from = "pvsplan@contoso.com";
    how.user = arguments.at(3);
    if (how.user.empty()) return how;
    how.password_secret = "password";
    secrets["password"] = std::getenv("TELL_PASSWORD");
    return how;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    ports::Mailbox mailbox;
    const char* const timeout = std::getenv("TELL_TIMEOUT_MS");
    const auto courier = notify::make_courier(
        mailbox, {.pauses_ms = {20, 50, 100}, .timeout_ms = timeout != nullptr ? std::stoll(timeout) : 60'000});
    ports::Notification one{.number = 1, .content = content};
    one.how = read(arguments, one.secrets);
    courier->send(one);
    std::vector<ports::Delivery> all;
    if (arguments.back() == "hurry") {
        courier->hurry();
        courier->wait(180'000);
        all = courier->take_delivered();
    } else {
        while (all.empty()) {
            (void)courier->wait(50);
            all = courier->take_delivered();
        }
    }
    if (all.empty()) all = courier->open();
    for (const ports::Delivery& delivery : all) {
        const char* const words = delivery.state == ports::Delivery::State::sent   ? "sent"
                                  : delivery.state == ports::Delivery::State::open ? "open"
                                                                                   : "given up";
        std::cout << words << " after " << delivery.attempts << (delivery.why.empty() ? "" : ": " + delivery.why)
                  << "\n";
    }
    return 0;
}
