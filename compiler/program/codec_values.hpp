// Types, values and expressions of the canonical encoding; the documents around them are in encode.cpp and decode.cpp.
//
// A value stands plainly where its type is declared ("2402", "stopped", true) and is tagged elsewhere
// ({"version": "2402"}, {"enum": "stopped"}); a secret is always tagged, by its name. An expression is an array in
// prefix form; a literal is the value itself, a literal list {"list": […]}, so that every array is an operation.
#pragma once

#include <string>
#include <unordered_map>

#include "compiler/program/expr.hpp"
#include "compiler/program/json_text.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::program {

// Deeper expressions, values and types are refused; what the parser accepts stays far below.
inline constexpr unsigned max_encoded_depth = 300;

using ObjectsById = std::unordered_map<std::string, ObjectId>;

// Each appends to `out`.
void write_type(std::string& out, const Type& type);
// `declared` may be null.
void write_value(std::string& out, const Value& value, const Type* declared, const ObjectNames& names);
void write_expr(std::string& out, const Expr& expr, const Type* declared, const ObjectNames& names);
std::string duration_json_text(std::int64_t milliseconds);

// What is wrong fails the reader; the result then means nothing.
Type read_type(JsonReader& in, unsigned depth = 0);
Value read_value(JsonReader& in, const Type* declared, const ObjectsById& objects, unsigned depth = 0);
ExprPtr read_expr(JsonReader& in, const Type* declared, const ObjectsById& objects, unsigned depth = 0);
std::int64_t read_duration(JsonReader& in);

}  // namespace pvsplan::program
