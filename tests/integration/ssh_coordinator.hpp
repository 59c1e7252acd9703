// A coordinator that reaches hosts through a real sshd, as the tests of that transport have it.
#pragma once

#include <memory>
#include <utility>

#include "runtime/transport/ssh.hpp"
#include "tests/integration/sshd.hpp"
#include "tests/unit/skip.hpp"

namespace pvsplan::integration {

using transport_tests::Inbox;
using transport_tests::Job;
using transport_tests::JobEvent;

inline bool has_sshd() {
    static const bool possible = Sshd::is_possible();
    if (!possible) tests::skip("no sshd can be run here");
    return possible;
}

struct SshCoordinator {
    ports::Mailbox mailbox;
    transport::Loop loop;
    std::unique_ptr<ports::Transport> ssh;
    Inbox inbox{mailbox};
    explicit SshCoordinator(const Sshd& sshd, std::int64_t settled_s = transport::settled_kept_s)
        : ssh(transport::make_ssh(loop, mailbox,
                                  {.sockets = sshd.folder().path(),
                                   .connect_timeout_s = 2,
                                   .alive_interval_s = 1,
                                   .first_retry_ms = 50,
                                   .longest_retry_ms = 500,
                                   .settled_s = settled_s})) {}
    JobEvent run(Job job) {
        const auto key = job.key;
        ssh->start_or_attach(std::move(job));
        return inbox.end_of(key);
    }
};

inline Job on(const program::Object& host, Job job, ports::Millis patience_ms = tests::patience_ms) {
    job.host = &host;
    job.patience_ms = patience_ms;
    return job;
}

}  // namespace pvsplan::integration
