// Objects that stay until the process ends.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace pvsplan::cli {

// Keeps it until the process ends, and does not take it apart then: a large plan would be, for nobody. It can still be
// reached, so it is not lost. Destructors of what is kept never run: nothing that has to be written at its end belongs
// here.
inline void keep_until_exit(std::shared_ptr<const void> what) {
    static auto* const left = new std::vector<std::shared_ptr<const void>>;
    left->push_back(std::move(what));
}

}  // namespace pvsplan::cli
