#include "compiler/diff/actions.hpp"

#include <algorithm>

#include "compiler/diff/strength.hpp"

namespace pvsplan::diff {

// Conditions are compared within the two actions, whose parameters may have changed places.
ActionLosses losses_of(const program::Action& before, const program::Action& after, const Same& of_plans) {
    const Same same = of_plans.within(before, after);
    const auto is_new = [&](std::int64_t code) {
        return std::find(before.exit_codes.begin(), before.exit_codes.end(), code) == before.exit_codes.end();
    };
    using Type = program::Body::Type;
    const bool are_waits = before.run.type == Type::wait && after.run.type == Type::wait;
    return {.requires_less = !is_within(after.precondition, before.precondition, same.reversed()),
            .accepts_more = std::any_of(after.exit_codes.begin(), after.exit_codes.end(), is_new),
            .waits_less = are_waits && !is_within(after.run.until, before.run.until, same.reversed())};
}

}  // namespace pvsplan::diff
