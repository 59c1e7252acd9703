#include "runtime/store/expiry.hpp"

namespace pvsplan::store {

// Of a process on another machine nobody can tell by this; a lease that has a time of its own tells.
ports::Expiry expiry_with_process(const ports::LeaseOwner& owner) {
    switch (ports::life_of(owner.who)) {
        case ports::Life::alive: return ports::Expiry::valid;
        case ports::Life::dead: return ports::Expiry::expired;
        case ports::Life::unknown: break;
    }
    return ports::Expiry::unknown;
}

}  // namespace pvsplan::store
