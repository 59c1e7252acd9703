// Whether libpq can be loaded here.
#pragma once

namespace pvsplan::store {

bool has_pq();

}  // namespace pvsplan::store
