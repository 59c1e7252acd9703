#include "runtime/cli/transports.hpp"

#include <cstdlib>
#include <utility>

#include "runtime/transport/local.hpp"
#include "runtime/transport/odbc.hpp"
#include "runtime/transport/ssh.hpp"
#include "runtime/transport/winrm.hpp"

namespace pvsplan::cli {

namespace {

struct Factory {
    std::string_view over;
    std::unique_ptr<ports::Transport> (*make)(transport::Loop& loop, ports::Mailbox& mailbox);
};
constexpr Factory factories[] = {
    {"local",
     [](transport::Loop& loop, ports::Mailbox& mailbox) {
         // Tests share a machine and give their farms the same names; so may people who try things out.
         const char* folder = std::getenv("PVSPLAN_JOBS");
         return transport::make_local(loop, mailbox, {.folder = folder != nullptr ? folder : ""});
     }},
    {"odbc", [](transport::Loop& loop, ports::Mailbox& mailbox) { return transport::make_odbc(loop, mailbox, {}); }},
    {"ssh", [](transport::Loop& loop, ports::Mailbox& mailbox) { return transport::make_ssh(loop, mailbox, {}); }},
    {"winrm", [](transport::Loop& loop, ports::Mailbox& mailbox) { return transport::make_winrm(loop, mailbox, {}); }},
};

}  // namespace

// The loop, and so its thread, comes to be with the first transport that has one: a farm that is simulated needs none.
ports::Transport* Transports::get(const std::string& over) {
    if (const auto made = made_.find(over); made != made_.end()) return made->second.get();
    for (const Factory& factory : factories) {
        if (factory.over != over) continue;
        if (!loop_) loop_ = std::make_unique<transport::Loop>();
        return add(over, factory.make(*loop_, *mailbox_));
    }
    return nullptr;
}

ports::Transport* Transports::add(const std::string& name, std::unique_ptr<ports::Transport> transport) {
    return made_.emplace(name, std::move(transport)).first->second.get();
}

}  // namespace pvsplan::cli
