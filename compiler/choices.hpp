// Reads off two models what is decided while they are compiled (diff/choices.hpp), to be compared.
#pragma once

#include "compiler/diff/choices.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::compiler {

struct BothChoices {
    diff::Choices before;
    diff::Choices after;
};
BothChoices choices_of(const resolve::Model& before, const resolve::Model& after);

}  // namespace pvsplan::compiler
