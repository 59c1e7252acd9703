// The canonical JSON text of a compiled plan, `pvsplan.compiled/1`, and back.
#pragma once

#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::program {

// Canonical: the same plan gives the same bytes; ends in a line feed. Fills in nothing: see seal().
std::string encode(const Plan& plan);

// Computes and sets `digest`.
void seal(Plan& plan);

// Accepts only what encode() would have written, with a digest that is right: whoever changed a byte is told.
base::Result<Plan> decode(std::string_view text);

// One value as JSON and back, by its type; used by the journal as well.
std::string encode_value(const Value& value, const ObjectNames& names);
base::Result<Value> decode_value(std::string_view json, const Type& type, const Plan& plan);

}  // namespace pvsplan::program
