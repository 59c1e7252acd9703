// Staying with a run: the view of its progress, a person at the keyboard, and how it ended.
#pragma once

#include <functional>
#include <string>

#include "runtime/cli/session.hpp"
#include "runtime/engine/offers.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::cli {

struct FollowArguments {
    std::string format = "text";      // or "json"
    std::uint32_t max_parallel = 64;  // steps at once
    bool in_real_time = false;        // also what is simulated
    ports::Runs::Use use = ports::Runs::Use::many;
    std::string again = {};                   // the run that is done once more
    std::string until = {};                   // the path of the step before which the run stops
    std::string plan = {};                    // its name, for the durations of earlier runs
    const program::Plan* compiled = nullptr;  // where it halts, it is said whether its files have changed since
};

// Calls `go` with the options and the observer that fit this terminal, and says how it ended. The observer is called by
// the thread of the run, and is gone when this returns.
using Go = std::function<engine::Ended(const engine::Options&, engine::Observer&)>;
int follow(Session& session, const engine::Environment& environment, const FollowArguments& arguments, const Go& go);

// The closing words and what to type next; returns the exit status. In JSON one line on standard output (`result`); as
// text on standard error, so that it stands behind what the run printed.
int conclude(Session& session, const engine::Ended& ended, const std::string& format,
             const engine::Advice& advice = {});

// Asks a question that `yes` answers; without a terminal an error that names `option`.
enum class Answer : std::uint8_t { yes, no, nobody };
// `expected`: what has to be typed; empty: y or yes.
Answer ask(Session& session, const std::string& question, const std::string& expected, const std::string& option);

}  // namespace pvsplan::cli
