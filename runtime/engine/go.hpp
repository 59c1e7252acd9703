// The process goes with its run: it has the farm and the hosts, and the first record is written. What start() and
// resume() share.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/hosts.hpp"
#include "runtime/engine/runner.hpp"

namespace pvsplan::engine {

// Until the run halts. One that is over releases its hosts.
Ended go(const Environment& environment, const Options& options, Observer& observer, Recorder& recorder,
         Claimed claimed, const Beginning& beginning);

// Records whose claims gave way. For people: those, and what else there is to say of the hosts.
// Into the records of the next commit; nothing is told before that.
std::vector<std::string> notes_of(const Environment& environment, JournalWriter& journal, const Claimed& claimed);

// A secret could not be read. Whoever interrupts a program that is asked for one has not met an error.
Ended without_secret(const Environment& environment, const base::Error& error, const std::string& run = {});

}  // namespace pvsplan::engine
