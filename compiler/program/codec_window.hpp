// Windows of time in the canonical encoding.
#pragma once

#include <string>

#include "compiler/program/json_text.hpp"
#include "compiler/program/window.hpp"

namespace pvsplan::program {

// The one around it goes by its number, which is smaller.
void write_window(std::string& out, const Window& window);
// `number`: how many come before it. What no window may say fails the reader.
Window read_window(JsonReader& in, std::size_t number);

}  // namespace pvsplan::program
