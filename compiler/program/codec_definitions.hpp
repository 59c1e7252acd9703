// Kinds and actions in the canonical encoding: what the modules of a plan have defined.
#pragma once

#include <string>

#include "compiler/program/codec_values.hpp"

namespace pvsplan::program {

// Each appends one object to `out`.
void write_kind(std::string& out, const Kind& kind, const ObjectNames& names);
void write_action(std::string& out, const Action& action, const ObjectNames& names);

// What is wrong fails the reader; the result then means nothing.
Kind read_kind(JsonReader& in, const ObjectsById& objects);
Action read_action(JsonReader& in, const ObjectsById& objects);

}  // namespace pvsplan::program
