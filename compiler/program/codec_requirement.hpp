// Requirements in the canonical encoding.
#pragma once

#include <string>

#include "compiler/program/codec_values.hpp"
#include "compiler/program/requirement.hpp"

namespace pvsplan::program {

// The text and the demand: what was meant is compared, not how it was written.
void write_requirement(std::string& out, const Requirement& requirement, const ObjectNames& names);
Requirement read_requirement(JsonReader& in, const ObjectsById& objects);

}  // namespace pvsplan::program
