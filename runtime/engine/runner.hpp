// The loop of a run: what may start is started, what has happened is recorded, and only what is recorded goes on.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/attempts.hpp"
#include "runtime/engine/inbox.hpp"
#include "runtime/engine/notices.hpp"
#include "runtime/engine/recorder.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/engine/window_waits.hpp"

namespace pvsplan::engine {

// How this process goes on with the run, after its first records.
struct Beginning {
    Event::Type as = Event::Type::run_began;
    std::vector<std::string> notes = {};            // for people
    std::vector<program::NodeId> reconcile = {};    // an earlier process saw no end of them, or a failure
    std::vector<program::InstanceId> readmit = {};  // abandoned, and tried again one by one once all else is over:
                                                    // others have taken their place under `at_most`
    std::vector<std::pair<program::InstanceId, std::string>> keep = {};  // abandoned, not tried again now, and why
};

class Runner {
  public:
    // `claim`: this run's, under which its commands go to the hosts. All that is referred to outlives it.
    Runner(const Environment& environment, const Options& options, Observer& observer, Recorder& recorder,
           std::optional<ports::Claim> claim, Places places);

    // Runs until the run halts.
    Ended go(const Beginning& beginning);

  private:
    void begin(const Beginning& beginning);
    void keep_abandoned(program::InstanceId iteration, const std::string& why);
    void decide_guards();
    void begin_what_is_due();
    [[nodiscard]] bool can_go_on();
    [[nodiscard]] bool has_more_to_begin();
    base::Status flush();
    [[nodiscard]] ports::Millis deadline();
    [[nodiscard]] std::optional<ports::Millis> due();
    bool skip_time();
    [[nodiscard]] bool has_lost_the_farm();
    std::optional<Ended> halt_if_idle();
    void begin_rollback();
    void readmit();
    Ended halt(Outcome outcome, const std::string& text, std::vector<Wanted> wanted);
    void finish_telling(Ended& ended);
    Ended give_up(const base::Error& error);
    Ended give_up_what_went_back();
    Ended yield();

    const Environment* environment_;
    Options options_;
    Observer* observer_;
    Recorder* recorder_;
    Attempts attempts_;
    Inbox inbox_;
    WindowWaits window_waits_;
    Notices notices_;
    std::deque<program::InstanceId> readmit_;
    bool told_to_stop_ = false;
    ports::Millis told_at_ = 0;
    ports::Millis looked_at_ = 0;
};

}  // namespace pvsplan::engine
