// What people say to a run: approvals and manual steps, from the terminal of this process or as messages from others.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "runtime/engine/attempts.hpp"
#include "runtime/engine/messages.hpp"

namespace pvsplan::engine {

// Used by the loop's thread alone. The store keeps the messages; here is which were answered and not removed yet.
class Inbox {
  public:
    // All outlive it.
    Inbox(Recorder& recorder, Attempts& attempts, const Options& options)
        : recorder_(&recorder), attempts_(&attempts), options_(&options) {}

    // What was said since the last time; messages as often as the options say.
    void receive();
    void receive_messages();
    // After a commit: messages that were answered leave the inbox. If the process dies before that, the journal shows
    // that they were.
    void remove_answered();
    // Uses approvals that were given before they were due, and tells which ones are wanted.
    void ask_for_approvals();
    // The run does not come there any more.
    void refuse_what_is_left(const std::string& because);
    // Another program goes on: nothing of it was asked for yet.
    void begin_anew() { asked_.clear(); }

  private:
    void receive_answer(const Person::Answer& said);
    void answer(journal::Record answer);
    [[nodiscard]] journal::Record due_answer(program::NodeId node) const;

    Recorder* recorder_;
    Attempts* attempts_;
    const Options* options_;
    std::set<program::NodeId> asked_;       // approvals that were told
    std::optional<std::int64_t> answered_;  // the last message that was answered
    ports::Millis received_at_ = 0;
};

}  // namespace pvsplan::engine
