// The reference of the language as one page: documents with their keys, types, functions, transports.
#pragma once

#include "runtime/doc/page.hpp"

namespace pvsplan::doc {

Page reference_page();

}  // namespace pvsplan::doc
