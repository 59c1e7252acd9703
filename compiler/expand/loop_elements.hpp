// The elements that a loop goes over. A list may read states: it is fixed before the run, by what they are then.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "compiler/expand/env.hpp"

namespace pvsplan::expand {

struct LoopElements {
    struct Left {
        Value value;
        std::string why;  // "pvs02.version is 2402"; empty: it is none of the list, whatever the states are
    };
    Value::List all;
    // By index, the closed conditions of those about which a state decides that is not known before the run.
    std::map<std::size_t, program::ExprPtr> only_if;
    std::vector<Left> left_out;    // by the condition of a filter that reads states
    bool is_over_nothing = false;  // also without a look at states
};

// Nothing where the list is not known.
std::optional<LoopElements> elements_of(const program::ExprPtr& list, CompileEnv& env);

// Reports such a list, with the way out. The steps that undo a plan run later, when the states are others.
enum class RunsWhen : std::uint8_t { at_once, later };
void report_unknown_list(const program::Expr& list, RunsWhen when, const diag::Place& place, diag::Sink& sink);

}  // namespace pvsplan::expand
