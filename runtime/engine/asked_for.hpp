// Runs that nobody holds, and that were asked to go on: whoever finds one may `resume` it with nobody there.
#pragma once

#include <cstdint>
#include <optional>

#include "compiler/base/result.hpp"
#include "runtime/engine/standing.hpp"
#include "runtime/ports/store.hpp"

namespace pvsplan::engine {

struct AskedFor {
    enum class Type : std::uint8_t {
        process_died,     // it was under way, and its process has not let go of it
        person_answered,  // what it waited for has come
        window_opens,     // steps of it wait for a window of time
    };
    Type type = Type::process_died;
    std::uint64_t since = 0;  // the record after which it is; the same until a person says more, or it halts again
    ports::Millis from = 0;   // window_opens: when, on the clock of people; it may be to come
};

// Nothing: somebody has the run, it is over, or only a person can let it go on. That is so where a step failed or is in
// doubt, where somebody interrupted it or wanted it to stop where it is, where a person has not said what it waits for,
// and where its process ended by itself without a word, which it does when the store fails it.
base::Result<std::optional<AskedFor>> asked_for(const ports::Store& store, const ports::RunRow& run,
                                                const Standing& standing, ports::Millis now);

}  // namespace pvsplan::engine
