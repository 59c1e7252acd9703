#include "runtime/transport/manual.hpp"

namespace pvsplan::transport {
namespace {

class Manual final : public ports::Transport {
  public:
    explicit Manual(ports::Mailbox& mailbox) : mailbox_(&mailbox) {}

    // Nothing is under way here, so whoever attaches gets the same answer as whoever starts.
    void start_or_attach(ports::Job job) override {
        mailbox_->post({.key = job.key, .type = ports::JobEvent::Type::needs_person, .text = job.text});
    }
    void forget(const std::string& key) override { (void)key; }

  private:
    ports::Mailbox* mailbox_;
};

}  // namespace

std::unique_ptr<ports::Transport> make_manual(ports::Mailbox& mailbox) { return std::make_unique<Manual>(mailbox); }

}  // namespace pvsplan::transport
