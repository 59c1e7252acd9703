// What jobs on other hosts have in common, whatever carries them there: a shell over ssh, PowerShell over ssh or WinRM.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/ports/transport.hpp"

namespace pvsplan::transport {

// Whoever attaches or kills asks of a job that was begun: a connection that fails says nothing about that, so that the
// end of such a job is `lost` and never `never_started`.
bool is_of_begun_job(const ports::Job& job);

// Whether the host may have what it needs to begin the job.
enum class Begun : std::uint8_t { surely_not, maybe };

// The end of a job whose time is up; none: it is to be ended on its host, by to_be_killed().
std::optional<ports::JobEvent> end_at_timeout(const ports::Job& job, const std::string& host, Begun begun);

// The same job once more, to be ended this time.
ports::Job to_be_killed(ports::Job job);

}  // namespace pvsplan::transport
