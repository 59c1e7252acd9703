#include "runtime/cli/keyboard.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace pvsplan::cli {
namespace {

// Whoever runs in the background (`pvsplan apply … &`) and touches the terminal is stopped by the system, with the
// lease of the farm: there the keys are somebody else's.
bool is_in_foreground() { return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp(); }

class TerminalKeyboard final : public Keyboard {
  public:
    explicit TerminalKeyboard(ports::Mailbox& mailbox) : mailbox_(&mailbox) {
        if (::pipe2(stop_, O_CLOEXEC) != 0) stop_[0] = stop_[1] = -1;
        has_terminal_ = is_in_foreground() && ::tcgetattr(STDIN_FILENO, &before_) == 0;
        if (!has_terminal_ || stop_[0] < 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet);
        reader_ = std::thread([this] { read_keys(); });
    }
    ~TerminalKeyboard() override {
        if (stop_[1] >= 0) ::close(stop_[1]);
        if (reader_.joinable()) reader_.join();
        if (stop_[0] >= 0) ::close(stop_[0]);
        if (has_terminal_ && is_in_foreground()) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    }
    TerminalKeyboard(const TerminalKeyboard&) = delete;
    TerminalKeyboard& operator=(const TerminalKeyboard&) = delete;

    void on(const engine::Event& event) override {
        using EventType = engine::Event::Type;
        const std::lock_guard lock(mutex_);
        if (event.type == EventType::approval_wanted || event.type == EventType::person_wanted)
            wanted_.insert(event.node);
        if (event.type == EventType::approval_given || event.type == EventType::step_finished ||
            event.type == EventType::step_skipped)
            wanted_.erase(event.node);
    }

    std::vector<Answer> answers() override {
        const std::lock_guard lock(mutex_);
        return std::exchange(answers_, {});
    }

  private:
    void read_keys() {
        // Sent to the background meanwhile, reading fails.
        sigset_t stop;
        sigemptyset(&stop);
        sigaddset(&stop, SIGTTIN);
        ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);
        for (;;) {
            pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {stop_[0], POLLIN, 0}};
            if (::poll(watched, 2, -1) < 0) continue;
            if (watched[1].revents != 0) return;
            char key = 0;
            if (::read(STDIN_FILENO, &key, 1) != 1) return;
            if (key != 'y' && key != 'Y') continue;
            {
                const std::lock_guard lock(mutex_);
                if (wanted_.empty()) continue;
                answers_.push_back({.node = *wanted_.begin(), .because = ""});
                wanted_.erase(wanted_.begin());
            }
            mailbox_->wake();
        }
    }

    ports::Mailbox* mailbox_;
    termios before_{};
    bool has_terminal_ = false;
    int stop_[2] = {-1, -1};
    std::mutex mutex_;
    std::set<std::string> wanted_;  // by name, as the view shows them
    std::vector<Answer> answers_;
    std::thread reader_;
};

}  // namespace

std::unique_ptr<Keyboard> make_keyboard(ports::Mailbox& mailbox) { return std::make_unique<TerminalKeyboard>(mailbox); }

}  // namespace pvsplan::cli
