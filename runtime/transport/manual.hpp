// Steps that a person does: every job of it answers that a person is wanted.
#pragma once

#include <memory>

#include "runtime/ports/transport.hpp"

namespace pvsplan::transport {

// It keeps nothing: who said that a step is done is in the journal.
std::unique_ptr<ports::Transport> make_manual(ports::Mailbox& mailbox);

}  // namespace pvsplan::transport
