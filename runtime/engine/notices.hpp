// Who is told of a run, and of what: each step that waits, fails or is in doubt once, and how the run ends. What is to
// be told is a record before it is sent, and so is what became of it; whoever resumes the run sends what was not.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/engine/recorder.hpp"
#include "runtime/ports/courier.hpp"

namespace pvsplan::engine {

// Used by the loop's thread alone; the courier sends on threads of its own. Nobody is told of a run on a farm that is
// simulated as a whole: that is said instead.
class Notices {
  public:
    // `recorder` outlives it.
    explicit Notices(Recorder& recorder);

    // What an earlier process left: nobody knows whether it was sent, so it is sent once more.
    void send_what_is_left();
    // An event that observers were told of.
    void take_note(const Event& event);
    // Records what is to be told, as soon as it is a little old: what happens together is told together.
    void queue_what_is_due();
    // Likewise at once, when the run ends.
    void queue_the_end(const Ended& ended);
    // The same where a person has given the run up: that is how it ends.
    void queue_that_it_is_given_up(const std::string& message);
    // After the commit of those records.
    void send_queued();
    // Records what was sent or given up since.
    void record_deliveries();
    // The run has ended and all is recorded: waits for a short while until all is sent, and records that.
    void finish();
    // What has not reached somebody, and what becomes of it.
    [[nodiscard]] std::vector<std::string> untold() const;
    // When there is something to queue, on the steady clock.
    [[nodiscard]] std::optional<ports::Millis> due() const;

  private:
    using When = program::Notify::When;
    struct Thing {
        When when = When::waiting;
        std::string key;   // what it is told by, once
        std::string is;    // "approval", "manual", "window", "until", "failed", "unreached", "doubt"
        std::string step;  // its path
        std::string text;
    };
    [[nodiscard]] bool is_wanted(When when) const;
    [[nodiscard]] Thing thing_of(When when, std::string is, const std::string& step, std::string text) const;
    void add(Thing thing);
    void queue(When when, const std::string& message, std::vector<std::string> keys, const std::vector<Thing>& things);
    void queue_pending(When when, const std::string& message, std::vector<std::string> keys);
    [[nodiscard]] std::string content_of(When when, const std::string& message, const std::vector<Thing>& things) const;
    [[nodiscard]] std::string next_words(When when, const std::vector<Thing>& things) const;
    void send(std::uint64_t number, const state::Notice& notice);
    void give_up(std::uint64_t number, std::size_t to, std::string why);

    Recorder* recorder_;
    ports::Courier* courier_;  // null: nobody is told
    bool is_simulated_ = false;
    std::vector<Thing> pending_;
    ports::Millis pending_since_ = 0;
    std::set<std::string> shown_;  // what was shown in place of being told: a simulated run
    std::vector<std::uint64_t> queued_;
};

// Sends what a run that is over has not sent. Returns a sentence about it; empty: there was nothing to send.
std::string send_what_is_left(const Environment& environment, const std::string& run);

// "notify[1], a webhook at HOST (slack), was not told `waiting`: why": of what is neither sent nor under way. `open`
// says why what is open could not be sent, as far as this process has tried.
std::vector<std::string> untold_of(const state::RunState& run, const std::vector<ports::Delivery>& open);

}  // namespace pvsplan::engine
