// The expiry of a lease whose owner is a process like this one.
#pragma once

#include "runtime/ports/leases.hpp"

namespace pvsplan::store {

// It expires with the process of its owner; that of another machine or container cannot be told from here.
ports::Expiry expiry_with_process(const ports::LeaseOwner& owner);

}  // namespace pvsplan::store
