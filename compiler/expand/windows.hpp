// The windows of time of an expansion, each once.
#pragma once

#include <vector>

#include "compiler/expand/expansion.hpp"

namespace pvsplan::expand {

class Windows {
  public:
    explicit Windows(Expansion& out) : out_(out) {}

    // The window of a step within `around`. One that never opens while `around` is open is reported at `place`.
    program::WindowId add(program::Window window, program::WindowId around, const diag::Place& place, diag::Sink& sink);

  private:
    Expansion& out_;
};

}  // namespace pvsplan::expand
