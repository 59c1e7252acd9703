// How who may approve and who is told of a run stands in a compiled plan.
#pragma once

#include <string>

#include "compiler/program/json_text.hpp"
#include "compiler/program/people.hpp"

namespace pvsplan::program {

// The members `by` and `not` of a node, behind others.
void write_approvers(std::string& out, const Approvers& approvers);
// None of them is there: an empty value.
Approvers read_approvers(JsonReader& in);

// One entry of `notify`: when, and by which of the three ways.
void write_notify(std::string& out, const Notify& notify);
Notify read_notify(JsonReader& in);

}  // namespace pvsplan::program
