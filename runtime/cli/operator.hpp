// Shared by the commands on a run: finding the run, confirming that it is the right one, taking it over from a process.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "runtime/cli/command.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::cli {

// RUN, as an argument that must be given.
Option run_option(std::string* into);

// The run that was typed. Else it was said why there is none, and the command ends so: with wrong usage where the name
// is at fault, and not where the store cannot be read.
std::variant<ports::RunRow, Exit> named_run(Session& session, const ports::Runs& runs, const std::string& typed);

// The process that loses the run is fenced by the store: it can write nothing more.
struct TakeOver {
    bool wanted = false;
    std::string because;  // of the command: why, for the journal
};
// --take-over and --because.
void add_take_over(std::vector<Option>& options, TakeOver& take_over);
// The environment for a command that takes over; a usage error without a reason.
base::Result<engine::Environment> taking_over(const engine::Environment& environment, const TakeOver& take_over);

// A run about which something is to be decided, and its store, open to record that.
struct DecidedRun {
    std::unique_ptr<OpenEnvironment> opened;
    engine::Environment environment;  // that of `opened`, which takes the run over where that is wanted
    ports::RunRow row;
};
// The run that `run` means, without a transport to any host; or how the command ends, once it was said why.
std::variant<DecidedRun, Exit> run_to_decide(Session& session, const std::string& run, const TakeOver& take_over);

// `--until STEP`.
Option until_option(std::string* into);

// The path of the step or group of the plan that an option (for what is wrong with it) names; empty: it was not given.
base::Result<std::string> step_of(const program::Plan& plan, std::string_view option, const std::string& typed);

// "20261124-0812-k3x9: rolling on contoso, begun 2026-11-24 09:12:03 +01:00". The time is that of this machine.
std::string text_of(const ports::RunRow& run);
// Each `pvsplan COMMAND RUN` of the text with the store, where it would not be found without.
std::string with_store(const Session& session, std::string text);

// Commands to type, one a line, indented, with the store where it is needed; what comes of each stands beside it, or
// above it where `width` columns are too few.
std::string offers_text(const Session& session, const std::vector<engine::Offer>& offers, std::uint32_t width);

// Tells which run is meant if it was not named by its full id, before an action on it that cannot be undone.
void say_which(Session& session, const std::string& typed, const ports::RunRow& run);

}  // namespace pvsplan::cli
