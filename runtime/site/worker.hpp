// A worker: takes the jobs of its site out of the store, does them over the transports of this machine, and reports
// what becomes of them. It does only what is sealed with the key of its site, for the farms that it was told, and takes
// what is run from the compiled plan whose digest is sealed.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "compiler/program/plan.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/process.hpp"
#include "runtime/ports/sites.hpp"
#include "runtime/ports/transport.hpp"

namespace pvsplan::site {

struct WorkerOptions {
    std::string site;
    std::string key;                 // of the site
    std::set<std::string> farms;     // that it works for
    std::uint32_t max_jobs = 64;     // at once
    ports::Millis hold_ms = 15'000;  // how long another worker waits before it takes over what this one has
    ports::Millis idle_ms = 1000;    // how often it looks for jobs
    ports::Millis busy_ms = 50;      // the same while it has some, and for so long after that
    ports::Millis busy_for_ms = 5000;
    ports::Millis tell_again_ms = 60'000;  // how often it says that its store is away
    std::int64_t max_age_ms =
        12LL * 3600 * 1000;  // what was asked for before that is not done: hosts may have forgotten it
};

// What a worker needs from outside. All of it outlives the call.
struct WorkerEnvironment {
    ports::Sites* sites = nullptr;  // all of these outlive it
    ports::Clock* clock = nullptr;
    ports::Mailbox* mailbox = nullptr;
    ports::Signals* signals = nullptr;
    ports::Identity me;
    std::function<ports::Transport*(const std::string& over)> transport;  // null: there is none
    std::function<ports::Secrets*(const program::Plan& plan)> secrets;    // of a plan's farm, as they are here
    std::function<void(const std::string& line)> tell = [](const std::string&) {};  // for people
};

// Works until it is asked to stop. Then it takes nothing more, and lets go of what it has: its hosts go on, and the
// next worker attaches. An error if the store cannot be reached at first; later it is waited for.
base::Status work(const WorkerEnvironment& environment, const WorkerOptions& options);

}  // namespace pvsplan::site
