// What a shell offers that only the program knows: runs of the store, their steps, steps, parameters and objects of a
// plan, what `doc` and `explain` know. Nothing is written, asked or complained of: where there is nothing, nothing is
// offered.
#pragma once

#include <string>
#include <vector>

#include "runtime/cli/command.hpp"
#include "runtime/cli/project.hpp"

namespace pvsplan::cli {

// What was typed of a command that these values may depend on.
struct TypedArguments {
    std::vector<std::string> places;  // arguments by their places
    CompileArguments compile;
};

// `session` has the --root and --store that were typed. No server is connected to, however a store is named: a shell
// asks at each press of a key.
std::vector<std::string> completion_values(const Session& session, Option::Completes completes,
                                           const TypedArguments& typed);

}  // namespace pvsplan::cli
