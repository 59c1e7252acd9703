// Whether libpq can be loaded here.
#pragma once

namespace pvsplan::store {

// The first call loads it, and it stays. False: no other function of libpq may be called.
bool has_pq();

}  // namespace pvsplan::store
