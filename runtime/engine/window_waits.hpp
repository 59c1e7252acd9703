// The steps of a run that wait for a window of time to open: which, until when, and that people and the journal are
// told of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/recorder.hpp"
#include "runtime/engine/windows.hpp"

namespace pvsplan::engine {

class WindowWaits {
  public:
    // `recorder` outlives it.
    explicit WindowWaits(Recorder& recorder) : recorder_(&recorder), windows_(recorder.plan()) {}

    // The step may not start now.
    [[nodiscard]] bool holds(program::NodeId node);
    // Says that steps wait for a window, and that they do no longer, each once; so does the journal.
    void record();
    // What is waited for, the first step of each window.
    [[nodiscard]] std::vector<Wanted> wanted();
    // When the first of those windows opens, for people; empty: nothing waits for one.
    [[nodiscard]] std::string next_opening();
    // How long until the first of them opens; nothing: none does.
    [[nodiscard]] std::optional<ports::Millis> due_in();

  private:
    // The windows that are waited for now, and the first step that waits for each.
    [[nodiscard]] std::map<program::WindowId, program::NodeId> closed(ports::Millis at);
    void record(program::NodeId node, program::WindowId window, ports::Millis at);
    [[nodiscard]] ports::Millis now() const { return recorder_->environment().clock->now(); }

    Recorder* recorder_;
    Windows windows_;
    std::map<program::WindowId, program::NodeId> told_closed_;  // and the step that it was told with
};

}  // namespace pvsplan::engine
