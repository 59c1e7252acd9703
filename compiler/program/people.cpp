#include "compiler/program/people.hpp"

#include <algorithm>
#include <array>

#include "compiler/base/lists.hpp"

namespace pvsplan::program {

namespace {

// What stands between `://` and the path.
std::string host_of(const std::string& url) {
    const std::size_t begin = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
    return url.substr(begin, std::min(url.find_first_of("/?#", begin), url.size()) - begin);
}

}  // namespace

// "a, b or c"
std::string one_of(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    return text;
}

// Both have to allow it: the plan, and the approval itself. Empty: anybody.
std::string who_may_approve(const std::vector<std::string>& of_plan, const Approvers* approvers) {
    static const std::vector<std::string> nobody;
    const std::vector<std::string>& by = approvers ? approvers->by : nobody;
    std::string text = one_of(by.empty() ? of_plan : by);
    if (!by.empty() && !of_plan.empty()) text += ", who has to be " + one_of(of_plan) + " as well";
    if (of_plan.empty() && !(approvers && approvers->is_not_by_starter)) return text;
    return (text.empty() ? "anybody" : text) + ", but not who started the run";
}

std::string_view name_of(Notify::When when) {
    static constexpr std::array<std::string_view, 4> names = {"waiting", "failed", "doubt", "done"};
    return names.at(static_cast<std::size_t>(when));
}

std::string entry_of_notify(std::size_t index) { return "notify[" + std::to_string(index) + "]"; }

// Of a URL only its host: the rest may be what lets one post there.
std::string text_of(const Notify& notify) {
    switch (notify.channel) {
        case Notify::Channel::command: return "the command `" + notify.command.at(0) + "`";
        case Notify::Channel::mail: return "a mail to " + base::joined(notify.to);
        case Notify::Channel::webhook: break;
    }
    const std::string_view format = notify.format == Notify::Format::teams   ? " (teams)"
                                    : notify.format == Notify::Format::slack ? " (slack)"
                                                                             : "";
    const std::string where =
        notify.url.empty() ? "the secret `" + notify.url_secret + "`" : "at " + host_of(notify.url);
    return (notify.url.empty() ? "a webhook in " : "a webhook ") + where + std::string(format);
}

}  // namespace pvsplan::program
