// A person at this terminal who approves what a run waits for by pressing a key. Nothing is echoed, so that the live
// view stays whole; Ctrl-C works as ever.
#pragma once

#include <memory>

#include "runtime/engine/event.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::cli {

class Keyboard : public engine::Person, public engine::Observer {};

// Receives, as an observer, what is wanted; wakes `mailbox` when a key was pressed. The terminal is as before when it
// goes. `mailbox` outlives it. Any thread may call it.
std::unique_ptr<Keyboard> make_keyboard(ports::Mailbox& mailbox);

}  // namespace pvsplan::cli
