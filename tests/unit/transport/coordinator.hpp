// A coordinator on this machine, as the tests of the local transport have it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "runtime/transport/local.hpp"
#include "tests/unit/transport/jobs.hpp"

namespace pvsplan::transport_tests {

// A coordinator: its loop, mailbox and transport. Another one on the same folder is the coordinator after a restart.
struct Coordinator {
    ports::Mailbox mailbox;
    transport::Loop loop;
    std::unique_ptr<ports::Transport> local;
    Inbox inbox{mailbox};
    explicit Coordinator(const std::string& folder, std::int64_t retired_s = transport::retired_kept_s)
        : local(transport::make_local(loop, mailbox, {.folder = folder, .look_every_ms = 50, .retired_s = retired_s})) {
    }
    JobEvent claim(Job::Type type, const std::string& run, bool is_over = false) {
        Job job;
        job.key = run + "-claim";
        job.type = type;
        job.claim = ports::Claim{.farm = run, .run = run, .token = 1, .owner = "{}", .is_over = is_over};
        inbox.clear();
        return this->run(job);
    }
    JobEvent run(Job job) {
        const auto key = job.key;
        local->start_or_attach(std::move(job));
        return inbox.end_of(key);
    }
};

}  // namespace pvsplan::transport_tests
