#include "compiler/diff/actions.hpp"

#include <algorithm>

#include "compiler/diff/strength.hpp"

namespace pvsplan::diff {

bool is_much_longer(std::int64_t was_ms, std::int64_t now_ms) {
    return was_ms != 0 && (now_ms == 0 || now_ms / 2 > was_ms);
}

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
            .waits_less = are_waits && !is_within(after.run.until, before.run.until, same.reversed()),
            .waits_longer = are_waits && is_much_longer(before.run.at_most_ms, after.run.at_most_ms)};
}

}  // namespace pvsplan::diff
