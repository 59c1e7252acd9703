// What an editor shows between the lines: verdicts above them, numbers at their ends. Each kind has a switch.
#pragma once

#include <string>

#include "runtime/lsp/at.hpp"

namespace pvsplan::lsp {

// Lenses above the plan, the policies that it names and each requirement: "holds · 23 of 23". A click on one asks for
// the verdicts (`verdict_command`). Above each step what may overlap with it, and the worst that it is part of. A list;
// empty where the switch is off. A lens comes with its words, so that none is resolved later.
std::string lenses_json(const At& at);
inline constexpr std::string_view verdict_command = "pvsplan.verdict";

// Behind a loop how many iterations it has, behind a call how long it lasts, behind a requirement what is reached; in
// the bytes [at.offset, end).
std::string inlay_hints_json(const At& at, std::uint32_t end);

}  // namespace pvsplan::lsp
