// What parameters, the farm and states before the run decide while a plan is compiled: nothing of it is left in the
// compiled plan, and with other values something else will happen. Made by compiler/choices.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compiler/program/plan.hpp"

namespace pvsplan::diff {

// A step as it is written, in the words of the plan: calls are entered, and what they pass stands in place of the
// parameters of what is called.
struct Choice {
    std::string step;  // "rest[*].stop"
    enum class Type : std::uint8_t { action, approval, undoing } type = Type::action;
    std::string action;     // empty: an approval
    program::ExprPtr when;  // of it and of all that is around it; null: always
    program::ExprPtr on;
    std::vector<std::pair<std::string, program::ExprPtr>> with;  // those that read a parameter of the plan
};

struct LoopChoice {
    program::ExprPtr list;
    program::ExprPtr at_most;  // null: all at once
    program::ExprPtr per;
};

struct ParameterChoice {
    program::ExprPtr default_value;  // null: it has none
    program::Value value;            // here
};

// The parameters of both plans are variables 1, 2, … in all expressions, each with one number in both.
struct Choices {
    std::uint32_t parameters_of_both = 0;
    std::map<std::string, ParameterChoice> parameters;
    std::map<std::string, Choice> steps;  // by pattern; one that never runs, whatever is decided, is left out
    std::map<std::string, LoopChoice> loops;
    std::vector<program::Demand> demands;  // parallel to Plan::requirements
    bool is_whole = true;                  // false: there are too many steps, or an expression that is too large
};

[[nodiscard]] bool reads_parameter(const program::ExprPtr& expr, const Choices& choices);
[[nodiscard]] bool reads_parameter(const program::Demand& demand, const Choices& choices);

// All expressions of a demand; some may be null.
std::vector<program::ExprPtr*> parts_of(program::Demand& demand);

}  // namespace pvsplan::diff
