// What a compilation proved, for people and as the object `pvsplan.validate/1`.
#pragma once

#include <span>
#include <string>

#include "runtime/view/report.hpp"
#include "runtime/view/stream.hpp"

namespace pvsplan::view {

// Requirements with their verdicts, the rollback, and one closing line. The last line begins with `ok` or `not ok`.
std::string verdict_text(const PlanReport& report, const Stream& stream);

// Whole, however large the plan is.
std::string verdict_json(const PlanReport& report);

// Those of several plans, in their order, as one object: `{"format": "pvsplan.validations/1", "ok": …, "plans": […]}`,
// ok if all of them are.
std::string verdicts_json(std::span<const std::string> verdicts);

// "down" of "down(server)"; another condition is said whole.
std::string state_word(const program::StateDemand& state);

}  // namespace pvsplan::view
