// Asking whether something is to be done to a farm.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/program/plan.hpp"
#include "runtime/cli/command.hpp"

namespace pvsplan::cli {

// `Exit::done`: somebody wants it. A protected farm is confirmed by its name, typed or given with `--confirm`; any
// other by `--yes`, its name, or an answer. `named`: what `--confirm` said; empty: nothing. Whoever declines ends the
// command, and it was said that nothing was done.
enum class Wish : std::uint8_t { run, undo };
Exit confirm(Session& session, const program::Plan& plan, const std::string& named, Wish wish);

// `--confirm FARM`.
Option confirm_option(std::string* into);

}  // namespace pvsplan::cli
