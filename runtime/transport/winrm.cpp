#include "runtime/transport/winrm.hpp"

#include <atomic>
#include <utility>

#include "runtime/transport/patience.hpp"
#include "runtime/transport/thread_pool.hpp"
#include "runtime/transport/windows_job.hpp"
#include "runtime/transport/windows_jobs.hpp"
#include "runtime/transport/wsman_client.hpp"

namespace pvsplan::transport {

namespace {

class WsmanRoad final : public WindowsRoad {
  public:
    WsmanRoad(Loop& loop, const WinrmOptions& options)
        : loop_(loop),
          timeout_s_(options.connect_timeout_s),
          threads_(std::make_unique<ThreadPool>(options.max_questions)) {}

    base::Result<WindowsHost> host(const ports::Job& job) override {
        auto host = wsman_host(job);
        if (!host) return std::move(host).error();
        return WindowsHost{.name = host->name, .identity = host->identity(), .jobs = host->jobs};
    }
    void ask(const ports::Job& job, std::string input, std::function<void(RemoteAnswer)> told) override {
        auto host = wsman_host(job);
        if (!host) return told({.output = {}, .fault = RemoteFault{.text = host.error().text(), .is_for_good = true}});
        threads_->give([this, host = std::move(*host), timeout_s = connect_timeout_of(job, timeout_s_),
                        input = std::move(input), told = std::move(told)] {
            WsmanClient client(host, timeout_s, &stop_);
            auto answer = client.run("powershell.exe", windows_loader(), input);
            loop_.post([told, answer = std::move(answer)] { told(answer); });
        });
    }
    // The flag breaks what is under way, so the threads are not waited for longer than libcurl needs to look at it.
    void close() override {
        stop_ = true;
        threads_.reset();
    }

  private:
    Loop& loop_;
    int timeout_s_;
    std::atomic<bool> stop_ = false;
    std::unique_ptr<ThreadPool> threads_;
};

}  // namespace

std::unique_ptr<ports::Transport> make_winrm(Loop& loop, ports::Mailbox& mailbox, WinrmOptions options) {
    return make_windows_jobs(loop, mailbox, std::make_unique<WsmanRoad>(loop, options),
                             {.look_every_ms = options.look_every_ms,
                              .first_retry_ms = options.first_retry_ms,
                              .max_retry_ms = options.max_retry_ms});
}

}  // namespace pvsplan::transport
