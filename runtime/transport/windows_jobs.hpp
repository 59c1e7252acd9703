// Jobs on Windows hosts, seen through one short question after another (see windows_job.hpp), whatever carries the
// questions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "compiler/base/result.hpp"
#include "runtime/ports/transport.hpp"
#include "runtime/transport/loop.hpp"

namespace pvsplan::transport {

// What a program on another host printed, and how it ended.
struct RemoteOutput {
    std::int64_t exit_status = 0;
    std::string out;
    std::string err;
};
struct RemoteFault {
    std::string text;
    bool is_for_good = false;   // login, certificate, no such service: trying again does not help
    bool may_have_run = false;  // the whole input may have been there before it broke
};
struct RemoteAnswer {
    RemoteOutput output;
    std::optional<RemoteFault> fault;  // none: it ended
};

struct WindowsHost {
    std::string name;      // for people
    std::string identity;  // equal for the same login on the same host
    std::string jobs;      // folder; empty: the default
};

// How a question gets to a host: runs powershell.exe with windows_loader() and `input` as its standard input. Called on
// the loop; calls `told` there, once, or never after it was destroyed.
class WindowsRoad {
  public:
    virtual ~WindowsRoad() = default;
    virtual base::Result<WindowsHost> host(const ports::Job& job) = 0;
    virtual void ask(const ports::Job& job, std::string input, std::function<void(RemoteAnswer)> told) = 0;
    // Nothing is asked any more; what is under way is given up. Called from the thread that ends the transport.
    virtual void close() = 0;
};

struct WindowsJobsOptions {
    ports::Millis look_every_ms = 2000;
    ports::Millis first_retry_ms = 500;
    ports::Millis max_retry_ms = 10'000;
};

std::unique_ptr<ports::Transport> make_windows_jobs(Loop& loop, ports::Mailbox& mailbox,
                                                    std::unique_ptr<WindowsRoad> road, WindowsJobsOptions options);

}  // namespace pvsplan::transport
