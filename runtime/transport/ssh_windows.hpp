// Windows hosts with OpenSSH: `connect: {over: ssh, system: windows}`.
#pragma once

#include <memory>

#include "runtime/transport/ssh.hpp"
#include "runtime/transport/windows_jobs.hpp"

namespace pvsplan::transport {

// One process of ssh for each question. `loop` outlives it.
std::unique_ptr<WindowsRoad> make_ssh_road(Loop& loop, const SshOptions& options);

}  // namespace pvsplan::transport
