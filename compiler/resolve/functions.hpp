// The functions that expressions may call, beside predicates, and the types that are written as one word.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/program/expr.hpp"
#include "compiler/program/type.hpp"

namespace pvsplan::resolve {

struct Function {
    std::string_view name;
    program::Expr::Op op;
    std::size_t arguments;
    std::string_view form;  // "max(A, B)"
    std::string_view doc;
    std::string_view example;  // a condition
    bool is_of_steps = false;  // asks how another step ended: in `recover` only
};
std::span<const Function> functions();
// Null if there is none of that name.
const Function* function_named(std::string_view name);
// "first", "size", …, and the questions about other steps: "done", "started", "failed".
std::vector<std::string> function_names();

struct SimpleType {
    std::string_view name;
    program::Type::Category category;
    std::string_view doc;
    std::string_view example;  // the `default` of a parameter; empty: it has none
};
std::span<const SimpleType> simple_types();

}  // namespace pvsplan::resolve
