// What a plan could call and be given: for advice about what is missing in it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "compiler/program/value.hpp"

namespace pvsplan::graph {

struct Vocabulary {
    using Names = std::set<std::string>;  // of actions and procedures
    struct Procedure {
        explicit Procedure(std::string its_name) : name(std::move(its_name)) {}
        std::string name;
        Names calls;  // by its own steps
    };
    std::vector<Procedure> procedures;
    std::vector<Names> undo_calls;  // by action (Facts::actions): what its `undo` calls
    struct Parameter {
        std::string name;
        program::Value value;
    };
    std::vector<Parameter> parameters;  // of the plan, by number
};

}  // namespace pvsplan::graph
