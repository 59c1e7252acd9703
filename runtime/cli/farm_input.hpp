// A farm that was named on the command line by its file.
#pragma once

#include <string>
#include <variant>

#include "compiler/program/plan.hpp"
#include "runtime/cli/session.hpp"
#include "runtime/cli/store_place.hpp"

namespace pvsplan::cli {

struct FarmInput {
    program::Plan plan;  // its objects, and no step
    StorePlace place;    // of the runs on it
};
// Findings go to standard error; without a farm: the exit status that says why. The place of the store was worked out
// and not opened: whether there is one is for the command.
std::variant<FarmInput, Exit> farm_of(Session& session, const std::string& file);

}  // namespace pvsplan::cli
