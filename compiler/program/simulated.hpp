// Which part of a farm is simulated: such objects behave as the module says, and nothing is done to a real host. Every
// view of states or steps says so.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/program/plan.hpp"

namespace pvsplan::program {

// Also one that does not say how it is reached.
bool is_simulated(const Object& object);

enum class Simulated : std::uint8_t { nothing, some, all };
// A farm that has no object on a host is simulated, and so is what works on no object there.
Simulated simulated_part(const Plan& plan);

// "simulated: nothing is done to a real host", or which objects are; empty where none is.
std::string simulated_text(const Plan& plan);
// The same as a word for tables and machines: "all", "some", "nothing".
std::string simulated_word(const Plan& plan);

}  // namespace pvsplan::program
