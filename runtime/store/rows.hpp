// What a database answers with, and what the stores that keep runs in tables read out of it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "runtime/ports/leases.hpp"
#include "runtime/ports/runs.hpp"

namespace pvsplan::store {

// NULL is an empty text.
using Cell = std::variant<std::int64_t, std::string>;
using Row = std::vector<Cell>;

// 0 and the empty text where there is none of that type.
inline std::int64_t number(const Row& row, std::size_t column) {
    const auto* held = std::get_if<std::int64_t>(&row.at(column));
    return held ? *held : 0;
}
inline std::string text(const Row& row, std::size_t column) {
    const auto* held = std::get_if<std::string>(&row.at(column));
    return held ? *held : std::string();
}

// Tables count in signed numbers.
inline std::int64_t stored(std::uint64_t number) { return static_cast<std::int64_t>(number); }

// Reads a row with these columns.
inline constexpr const char* run_columns = "id, plan, farm, digest, outcome, begun_at, touched_at, records, head";
ports::RunRow run_of(const Row& row);

// Reads a row with id, outcome, and the file into which it was archived.
ports::PlanRun plan_run_of(const Row& row);

// Reads a row with user, host, pid, started, machine, boot, space, run and since, in this order.
ports::LeaseOwner owner_of(const Row& row);

// Reads rows with number, bytes and hash.
std::vector<ports::RecordRow> records_of(const std::vector<Row>& rows);

}  // namespace pvsplan::store
