// The least coordinator there is, to be killed: starts the job KEY on this machine or over ssh, waits for its end,
// prints its exit status and output.
//   integration_coordinator local FOLDER KEY SCRIPT
//   integration_coordinator ssh SOCKETS KEY SCRIPT ADDRESS PORT IDENTITY CONFIG KNOWN_HOSTS JOBS
#include <cstdio>
#include <string>
#include <vector>

#include "runtime/transport/local.hpp"
#include "runtime/transport/ssh.hpp"

using namespace pvsplan;

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() != 4 && words.size() != 10) return 2;
    ports::Mailbox mailbox;
    transport::Loop loop;
    ports::Job job;
    job.key = words[2];
    job.body = program::Body::Type::command;
    job.arguments = {"sh", "-c", words[3]};
    job.patience_ms = 180'000;
    program::Object host{.id = "server/a", .kind = "server", .name = "a"};
    std::unique_ptr<ports::Transport> transport;
    if (words[0] == "local") {
        transport = transport::make_local(loop, mailbox, {.folder = words[1]});
    } else {
        const char* names[] = {"address", "port", "identity", "config", "known_hosts", "jobs"};
        for (std::size_t i = 0; i < 6; ++i) host.connect[names[i]] = program::Value::string(words[4 + i]);
        job.host = &host;
        transport = transport::make_ssh(loop, mailbox, {.sockets = words[1], .first_retry_ms = 50});
    }
    transport->start_or_attach(job);
    while (true) {
        for (const auto& event : mailbox.take(10'000)) {
            if (!event.is_final()) continue;
            std::printf("%d %lld %s%s", static_cast<int>(event.type), static_cast<long long>(event.exit_status),
                        event.out.c_str(), event.text.c_str());
            std::fflush(stdout);
            return event.type == ports::JobEvent::Type::ended ? 0 : 1;
        }
    }
}
