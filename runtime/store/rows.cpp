#include "runtime/store/rows.hpp"

namespace pvsplan::store {

// The columns in the order of `run_columns`.
ports::RunRow run_of(const Row& row) {
    return {.id = text(row, 0),
            .plan = text(row, 1),
            .farm = text(row, 2),
            .digest = text(row, 3),
            .outcome = text(row, 4),
            .begun_at = number(row, 5),
            .touched_at = number(row, 6),
            .records = static_cast<std::uint64_t>(number(row, 7)),
            .head = text(row, 8)};
}

ports::PlanRun plan_run_of(const Row& row) {
    return {.id = text(row, 0), .outcome = text(row, 1), .archive = text(row, 2)};
}

// The columns in the order in which both databases select them; what else is selected comes behind.
ports::LeaseOwner owner_of(const Row& row) {
    return {.who = {.user = text(row, 0),
                    .host = text(row, 1),
                    .pid = number(row, 2),
                    .started = text(row, 3),
                    .machine = text(row, 4),
                    .boot = text(row, 5),
                    .space = text(row, 6)},
            .run = text(row, 7),
            .since = number(row, 8)};
}

std::vector<ports::RecordRow> records_of(const std::vector<Row>& rows) {
    std::vector<ports::RecordRow> all;
    all.reserve(rows.size());
    for (const Row& row : rows) all.push_back({static_cast<std::uint64_t>(number(row, 0)), text(row, 1), text(row, 2)});
    return all;
}

}  // namespace pvsplan::store
