// A coordinator on this machine, as the tests of the local transport have it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
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
    explicit Coordinator(const std::string& folder)
        : local(transport::make_local(loop, mailbox, {.folder = folder, .look_every_ms = 50})) {}
    JobEvent run(Job job) {
        const auto key = job.key;
        local->start_or_attach(std::move(job));
        return inbox.end_of(key);
    }
};

inline void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

// Whether `done()` comes true in time.
template <class Done>
bool soon(Done done) {
    for (int i = 0; i < 400; ++i) {
        if (done()) return true;
        sleep_ms(25);
    }
    return false;
}

}  // namespace pvsplan::transport_tests
