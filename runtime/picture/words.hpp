// Names of kinds and states, as people say them.
#pragma once

#include <string>

#include "compiler/program/plan.hpp"

namespace pvsplan::picture {

// "servers". The kind itself, where it has no plural.
inline std::string plural_of(const program::Plan& plan, const std::string& kind) {
    const auto found = plan.kinds.find(kind);
    return found == plan.kinds.end() || found->second.plural.empty() ? kind : found->second.plural;
}

// "install" of "rest[pvs02].install". A path that ends with an iteration stays whole: `rest[pvs02]`.
inline std::string last_of(const std::string& path) {
    const std::size_t bracket = path.rfind(']');
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos || (bracket != std::string::npos && dot < bracket) ? path : path.substr(dot + 1);
}

}  // namespace pvsplan::picture
