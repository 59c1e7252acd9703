// The reference of the language as one page: documents with their keys, types, functions, transports.
#pragma once

#include "runtime/doc/page.hpp"

namespace pvsplan::doc {

// The same bytes each time: `grammar/reference.md` is compared with it.
Page reference_page();

}  // namespace pvsplan::doc
