// Going on with a run, forward or back.
#pragma once

#include <functional>
#include <string>

#include "runtime/cli/environment.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/run_input.hpp"

namespace pvsplan::cli {

// References: what they refer to outlives the call.
struct GoOnArguments {
    const EnvironmentArguments& environment;
    const TakeOver& take_over;
    const std::string& format;
    std::string until = {};  // the path of the step before which the run stops
};

// Opens the environment of a run and keeps it open while `go_on` continues the run; says how it ended.
using GoOn = std::function<engine::Ended(const engine::Environment& environment, const std::string& run,
                                         const engine::Options& options, engine::Observer& view)>;
// The exit status of the run, or why it was not gone on with. The store is the one that the command would find:
// --store, --root, or from here upwards.
Exit go_on_with(Session& session, const RunInput& input, const GoOnArguments& arguments, const GoOn& go_on);

}  // namespace pvsplan::cli
