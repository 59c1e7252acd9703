// How a run stands: one answer, from the same facts, for every command that says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "runtime/ports/runs.hpp"

namespace pvsplan::engine {

struct Standing {
    enum class Type : std::uint8_t {
        under_way,     // a process that is seen to live goes on with it
        out_of_sight,  // a process has it, and nothing can be told of that one from here
        gone,          // it was under way, and no process is with it any more
        halted,        // a step failed
        waiting,       // for a person
        in_doubt,
        interrupted,
        done,
        rolled_back,
        given_up,
    };
    Type type = Type::gone;
    std::optional<ports::LeaseOwner> holder;  // of this run, alive or dead
    ports::Millis since = 0;  // when its last record was written; under way: since when its process has it

    // Nothing goes on with it, and its farm is free.
    [[nodiscard]] bool is_over() const { return type >= Type::done; }
    // Some process has it, or may have it.
    [[nodiscard]] bool is_held() const { return type <= Type::out_of_sight; }
};

// `held`: the lease on the farm of the run, for this run or for another.
Standing standing_of(const ports::RunRow& run, const std::optional<ports::HeldLease>& held);
base::Result<Standing> standing_of(const ports::Leases& leases, const ports::RunRow& run);

// "under way", "out of sight", "process gone", "failed", "waiting", …: stable, for tables and JSON.
std::string_view name_of(Standing::Type type);
// "its process is gone, its last record is of 2026-11-24 09:03:14 +01:00"
std::string words_of(const Standing& standing);

// "anna on admin-01 (process 4711)"
std::string text_of(const ports::Identity& who);

}  // namespace pvsplan::engine
