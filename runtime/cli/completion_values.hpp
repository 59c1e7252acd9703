// What a shell offers that is no word of the command line itself: runs of the store, steps of a run, what `doc` and
// `explain` know. Nothing is written, asked or complained of: where there is nothing, nothing is offered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/cli/command.hpp"

namespace pvsplan::cli {

// "runs", "steps", "topics", "codes"; empty where the shell itself knows (files), or nobody does.
std::string_view values_name(Option::Completes completes);
std::vector<std::string> values_names();

// `typed`: the words behind the command, one of which names the run whose steps are wanted.
std::vector<std::string> completion_values(const Session& session, std::string_view name,
                                           const std::vector<std::string>& typed);

}  // namespace pvsplan::cli
