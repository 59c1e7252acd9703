// The canonical JSON text of a compiled plan, `pvsplan.compiled/1`, and back.
#pragma once

#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::program {

// Canonical: the same plan gives the same bytes; ends in a line feed. Fills in nothing: see seal().
std::string encode(const Plan& plan);

// Puts the edges by the nodes that they lead to, as all readers find them, and sets `digest` and `checksum`.
//
// The digest covers what will happen: steps and what they run, their order, objects and how they are reached, values,
// guards, what undoes them, approvals, requirements with their verdicts, where secrets come from. It
// does not cover where and how that is written: places in the source, digests of the files that were read, summaries,
// why requirements are asked and steps are left out, and orders that mean nothing: of members of `parallel:` (all steps
// stand in it by their paths), of objects of the farm, kinds, attributes, parameters, what an action sets, exit codes,
// requirements and approvers. So line breaks, comments, a moved or renamed file leave every approval as it was. The
// checksum covers every byte.
void seal(Plan& plan);

// Accepts only what encode() would have written, with the right checksum and digest: any changed byte is an error.
base::Result<Plan> decode(std::string_view text);

// One value as JSON and back, by its type; used by the journal as well.
std::string encode_value(const Value& value, const ObjectNames& names);
base::Result<Value> decode_value(std::string_view json, const Type& type, const Plan& plan);

}  // namespace pvsplan::program
