// The observed states of the farm, and where they differ from the plan or the farm file.
#pragma once

#include <string>
#include <vector>

#include "runtime/cli/project.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::cli {

// For the compiler's second look.
ObservedStates states_of(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed);

// States of an object that answered, or that cannot be asked at all, of which nobody has seen the value: a witness that
// is silent agrees with nothing.
struct Unseen {
    std::string object;
    std::vector<std::string> attributes;
    std::string expected;  // "stream = running": what the farm file says of them; empty: nothing
};
std::vector<Unseen> unseen(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed);

struct Difference {
    std::string object;
    std::string attribute;
    std::string expected;
    std::string found;
};
std::vector<Difference> differences(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed);
// "server/pvs02: stream is stopped, not running"
std::string text_of(const Difference& difference);

}  // namespace pvsplan::cli
