// The `undo` of an action before it stands for a step: what depends on the step is left open. A million steps share a
// handful of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/program/plan.hpp"

namespace pvsplan::program {

// The locals from this number on are the frame of the step that is undone: its object, then its arguments.
inline constexpr std::uint32_t undone_frame = 1U << 20U;

// Local `number` of the step that is undone. Its name is no name of the language: no other text is equal to it.
inline ExprPtr local_of_undone(std::uint32_t number) {
    return make_expr({.op = Expr::Op::local, .local = undone_frame + number, .name = "$" + std::to_string(number)});
}

// The path of a step that is not known yet. No path of a plan has such a part.
inline constexpr std::string_view open_step = "*";

struct OpenUndo {
    // Paths begin with open_step; nodes work on no object, do and set nothing. Their `with` and the conditions may read
    // locals of the undone step.
    Undo undo;
    std::vector<ExprPtr> on;  // by node: the object that it works on; null: none
};

}  // namespace pvsplan::program
