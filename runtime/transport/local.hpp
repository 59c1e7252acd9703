// Jobs on this machine, each a process of its own that outlives this one (see job_folder.hpp).
#pragma once

#include <memory>
#include <string>

#include "runtime/ports/transport.hpp"
#include "runtime/transport/loop.hpp"
#include "runtime/transport/retired.hpp"

namespace pvsplan::transport {

struct LocalOptions {
    std::string folder;                  // of the jobs, where `connect` says none; empty: as place.hpp says
    ports::Millis look_every_ms = 1000;  // for new output, and for the end of what cannot be waited for
    std::int64_t retired_s = retired_kept_s;
};

// `loop` and `mailbox` outlive it.
std::unique_ptr<ports::Transport> make_local(Loop& loop, ports::Mailbox& mailbox, LocalOptions options);

}  // namespace pvsplan::transport
