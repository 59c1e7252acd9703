// What an action no longer holds back.
#pragma once

#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

struct ActionLosses {
    bool requires_less = false;
    bool accepts_more = false;  // exit codes
    bool waits_less = false;    // `until` may hold earlier
    bool waits_longer = false;  // much longer, before somebody hears that it has not come about
};

// Whether what hangs is noticed much later; 0: never. Somewhat longer is what a step needs that has become slower.
bool is_much_longer(std::int64_t was_ms, std::int64_t now_ms);

// `before` is of the plan before of `same`, and `after` of the other.
ActionLosses losses_of(const program::Action& before, const program::Action& after, const Same& same);

}  // namespace pvsplan::diff
