#include "runtime/cli/keyboard.hpp"

#include <mutex>
#include <set>
#include <utility>

#include "runtime/ports/terminal.hpp"

namespace pvsplan::cli {
namespace {

// `take` runs on the thread of the keys, the others on that of the run; the mutex is held for what they share, and not
// while the mailbox is woken, since whoever wakes up takes it at once.
class TerminalKeyboard final : public Keyboard {
  public:
    explicit TerminalKeyboard(ports::Mailbox& mailbox) : mailbox_(&mailbox), keys_([this](char key) { take(key); }) {}

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
    // A key approves one step, the first by name of those that wait. Pressed when nothing waits it does nothing, so
    // that nothing is approved in advance.
    void take(char key) {
        if (key != 'y' && key != 'Y') return;
        {
            const std::lock_guard lock(mutex_);
            if (wanted_.empty()) return;
            answers_.push_back({.node = *wanted_.begin(), .because = ""});
            wanted_.erase(wanted_.begin());
        }
        mailbox_->wake();
    }

    ports::Mailbox* mailbox_;
    std::mutex mutex_;
    std::set<std::string> wanted_;  // by name, as the view shows them
    std::vector<Answer> answers_;
    ports::Keys keys_;  // the last, for it calls take() from the moment it is made until it has gone
};

}  // namespace

std::unique_ptr<Keyboard> make_keyboard(ports::Mailbox& mailbox) { return std::make_unique<TerminalKeyboard>(mailbox); }

}  // namespace pvsplan::cli
