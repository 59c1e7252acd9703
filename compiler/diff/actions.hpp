// What an action no longer holds back.
#pragma once

#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

struct ActionLosses {
    bool requires_less = false;
    bool accepts_more = false;  // exit codes
    bool waits_less = false;    // `until` may hold earlier

    [[nodiscard]] bool any() const { return requires_less || accepts_more || waits_less; }
};

// `before` is of the plan before of `same`, and `after` of the other.
ActionLosses losses_of(const program::Action& before, const program::Action& after, const Same& same);

}  // namespace pvsplan::diff
