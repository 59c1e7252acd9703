// The JSON value that a command printed, and what stands in it.
//
// It is the last whole one on its standard output and stands there as the last lines: PowerShell puts its warnings
// before it, on the same stream. What comes before stays text. What is cut off, or is followed by other text, is none;
// neither is the last element of a list that was cut off.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/program/value.hpp"

namespace pvsplan::state {

struct PrintedJson {
    std::string_view text;  // of the value, a part of what was printed
    std::string fault;  // why there is none: "what it printed is no JSON, byte 0: `WARNING: x`"; empty: there is one
};
// Takes time linear in `out`.
PrintedJson printed_json(std::string_view out);

// "byte 12: …" of what makes `text` no JSON value; empty if it is one, blanks around it allowed.
std::string json_fault(std::string_view text);

struct JsonMember {
    program::Value value;
    std::string fault;  // why there is no such value: "there is no `file`; its members are `path`"; empty: there is one
};
// The scalar at `path` of a whole JSON value: names of members, numbers of elements. A member that is there twice has
// no value.
JsonMember member_at(std::string_view json, const std::vector<std::string>& path);

}  // namespace pvsplan::state
