// Who may say yes to a step, and who is told of a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::program {

// Who may approve a step, beside what the plan says of all of them.
struct Approvers {
    std::vector<std::string> by;     // users and groups, ascending; empty: anybody
    bool is_not_by_starter = false;  // not whoever started the run, nor who took it over
    friend bool operator==(const Approvers&, const Approvers&) = default;
};

// "a, b or c".
std::string one_of(const std::vector<std::string>& names);

// Who may approve, for people: "alice or CORP\pvs-leads, but not who started the run"; empty: anybody. `of_plan` are
// the `approvers` of the plan: each approval needs one of them as well.
std::string who_may_approve(const std::vector<std::string>& of_plan, const Approvers* approvers);

// Somebody who is told of a run, and how.
struct Notify {
    enum class When : std::uint8_t { waiting, failed, doubt, done };
    enum class Channel : std::uint8_t { command, webhook, mail };
    enum class Format : std::uint8_t { json, teams, slack };
    std::vector<When> on;  // ascending, each once
    Channel channel = Channel::command;
    std::vector<std::string> command;  // a program of this machine and its arguments
    std::string url;                   // of a webhook, or of the server of a mail; empty: `url_secret`
    std::string url_secret;            // the name of the secret that the URL of a webhook is
    Format format = Format::json;      // of a webhook
    std::vector<std::string> to;       // mail
    std::string from;
    std::string user;
    std::string password_secret;  // its name; empty: nobody logs in
    std::string ca;               // file of the certificates to trust; empty: the system's
    friend bool operator==(const Notify&, const Notify&) = default;
};
std::string_view name_of(Notify::When when);
// An entry of Plan::notify, as journals and people call it: "notify[0]".
std::string entry_of_notify(std::size_t index);

// What is told and to whom, for people: "the command `page`", "a webhook at hooks.slack.com (slack)", "a mail to a@b".
// Never the whole URL of a webhook, which is mostly all that is needed to post there.
std::string text_of(const Notify& notify);

}  // namespace pvsplan::program
