// The windows of time of an expansion, each once.
#pragma once

#include <map>
#include <tuple>

#include "compiler/expand/expansion.hpp"

namespace pvsplan::expand {

class Windows {
  public:
    explicit Windows(Expansion& out) : out_(out) {}

    // The window of a step within `around`. One that never opens while `around` is open is reported at `place`.
    program::WindowId add(program::Window window, program::WindowId around, const diag::Place& place, diag::Sink& sink);

  private:
    using Key = std::tuple<program::WindowId, std::uint16_t, std::uint16_t, std::uint8_t, std::string>;
    Expansion& out_;
    std::map<Key, program::WindowId> known_;
};

}  // namespace pvsplan::expand
