#include "runtime/transport/ssh_windows.hpp"

#include <deque>
#include <map>
#include <utility>

#include "runtime/transport/child.hpp"
#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/ssh_host.hpp"
#include "runtime/transport/windows_job.hpp"

namespace pvsplan::transport {

namespace {

constexpr std::size_t max_windows_clients = 64;

// A question under way.
struct Asked {
    SshHost host;
    std::string input;
    std::function<void(RemoteAnswer)> told;
    std::unique_ptr<Child> ssh;
    RemoteOutput output;
};

// One process of ssh for each question, and a bound on how many there are at once: further questions wait in line.
class SshRoad final : public WindowsRoad {
  public:
    SshRoad(Loop& loop, SshOptions options) : loop_(loop), options_(std::move(options)) {}

    base::Result<WindowsHost> host(const ports::Job& job) override {
        auto host = ssh_host(job, options_);
        if (!host) return std::move(host).error();
        return WindowsHost{.name = host->name, .identity = host->identity, .jobs = host->jobs};
    }
    // A host that cannot be named is told at once; all others wait for a free place, in the order in which they were
    // asked for.
    void ask(const ports::Job& job, std::string input, std::function<void(RemoteAnswer)> told) override {
        auto host = ssh_host(job, options_);
        if (!host) {
            RemoteAnswer answer;
            answer.fault = RemoteFault{.text = host.error().text(), .is_for_good = true};
            return told(std::move(answer));
        }
        const auto number = ++last_number_;
        asked_[number] = {
            .host = std::move(*host), .input = std::move(input), .told = std::move(told), .ssh = nullptr, .output = {}};
        in_line_.push_back(number);
        ask_next();
    }
    void close() override {
        loop_.run_and_wait([this] {
            for (auto& [number, asked] : asked_) {
                if (asked.ssh) asked.ssh->kill();
            }
            asked_.clear();
            in_line_.clear();
        });
    }

  private:
    void ask_next();
    void connect(std::uint64_t number);
    void ended(std::uint64_t number, int status);
    void tell(std::uint64_t number, std::optional<RemoteFault> fault);

    Loop& loop_;
    SshOptions options_;
    std::map<std::uint64_t, Asked> asked_;
    std::deque<std::uint64_t> in_line_;
    std::uint64_t last_number_ = 0;
};

// What is asked and not in line has a client of its own.
void SshRoad::ask_next() {
    while (!in_line_.empty() && asked_.size() - in_line_.size() < max_windows_clients) {
        const auto number = in_line_.front();
        in_line_.pop_front();
        connect(number);
    }
}

void SshRoad::connect(std::uint64_t number) {
    Asked& asked = asked_.at(number);
    auto argv = asked.host.argv;
    // One word for ssh, several for the shell of the host, whichever that is: none of them has anything to quote.
    std::string command = "powershell.exe";
    for (const auto& word : windows_loader()) command += " " + word;
    argv.push_back(command);
    auto child =
        Child::start(loop_, std::move(argv), plain_environment(),
                     {.on_out = [this, number](std::string_view more) { asked_.at(number).output.out += more; },
                      .on_err = [this, number](std::string_view more) { asked_.at(number).output.err += more; },
                      .on_end = [this, number](int status) { ended(number, status); }});
    if (!child) return tell(number, RemoteFault{.text = child.error().text(), .is_for_good = true});
    asked.ssh = std::move(*child);
    asked.ssh->write(asked.input);
    asked.ssh->close_input();
}

// Only a connection that was never made has certainly not carried the question.
void SshRoad::ended(std::uint64_t number, int status) {
    Asked& asked = asked_.at(number);
    asked.output.exit_status = status;
    if (status != 255) return tell(number, std::nullopt);
    const auto complaint = understand_ssh(asked.output.err, asked.host);
    const bool never_connected = complaint.is_for_good ||
                                 asked.output.err.find("connect to host") != std::string::npos ||
                                 asked.output.err.find("Could not resolve") != std::string::npos;
    tell(number,
         RemoteFault{.text = complaint.text, .is_for_good = complaint.is_for_good, .may_have_run = !never_connected});
}

// It is taken out first: who is told may ask the next question at once.
void SshRoad::tell(std::uint64_t number, std::optional<RemoteFault> fault) {
    const auto asked = asked_.extract(number);
    asked.mapped().told({.output = std::move(asked.mapped().output), .fault = std::move(fault)});
    ask_next();
}

}  // namespace

std::unique_ptr<WindowsRoad> make_ssh_road(Loop& loop, const SshOptions& options) {
    return std::make_unique<SshRoad>(loop, options);
}

}  // namespace pvsplan::transport
