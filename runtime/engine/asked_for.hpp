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
    };
    Type type = Type::process_died;
    std::uint64_t since = 0;  // the record after which it is; the same until a person says more, or it halts again
};

// Nothing: somebody has the run, it is over, or only a person can let it go on. That is so where a step failed or is in
// doubt, where somebody interrupted it or wanted it to stop where it is, where it waits for what has not come, and
// where its process ended by itself without a word, which it does when the store fails it.
base::Result<std::optional<AskedFor>> asked_for(const ports::Store& store, const ports::RunRow& run,
                                                const Standing& standing);

}  // namespace pvsplan::engine
