// What a notification says, in the form that its receiver reads. Pure functions of its content.
#pragma once

#include <string>
#include <vector>

#include "compiler/program/people.hpp"

namespace pvsplan::notify {

// The content of a notification: the JSON of ports::Notification::content, read.
struct Message {
    std::string title;                     // "contoso: rolling-upgrade waits for a person"
    std::vector<std::string> lines;        // what there is to know, a paragraph each
    std::string next;                      // the command to type next; empty: none
    std::vector<std::string> environment;  // NAME=value, for a command
};
// Any text is read; what is no JSON becomes the only line.
Message read_message(const std::string& content);

// The JSON that a webhook of Microsoft Teams or Slack takes. What people wrote is shown as it stands: nothing in it is
// markup there.
std::string teams_json(const Message& message);
std::string slack_json(const Message& message);

// A whole mail, with its head. `at` is the date of it, in the form of RFC 5322. Lines end with CRLF; nothing of a text
// can add a line to the head.
std::string mail_text(const Message& message, const program::Notify& how, const std::string& at);

}  // namespace pvsplan::notify
