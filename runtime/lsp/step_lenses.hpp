// What is told above each step of a plan: its numbers, and what may happen at the same time.
#pragma once

#include <functional>
#include <string>

#include "compiler/base/source.hpp"
#include "compiler/compilation.hpp"

namespace pvsplan::lsp {

// "step 2 may overlap with 3-7; at worst 2 of 4 servers down", for each step that may overlap with something or during
// which as many objects as ever can be counted by a requirement. The numbers are those of `show`. The compilation has a
// graph. `tell` is called in the order of the text, with the head of each step; steps of procedures are told where
// these are called.
void tell_of_steps(const compiler::Compilation& compilation,
                   const std::function<void(base::Span step, const std::string& text)>& tell);

// "at worst 2 of 4 servers down", of a requirement that counts; else empty. `requirement` is an index of
// Compilation::decisions.
std::string worst_text(const compiler::Compilation& compilation, std::size_t requirement);

}  // namespace pvsplan::lsp
