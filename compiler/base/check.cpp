#include "compiler/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace pvsplan::base {

// Without destructors: nothing that is not in order is written down. A fuzzer wants the stack.
void bug(std::string_view what, std::source_location where) {
    std::fprintf(stderr, "pvsplan: this is a bug of pvsplan, not of your plan: %.*s (%s:%u)\n",
                 static_cast<int>(what.size()), what.data(), where.file_name(), static_cast<unsigned>(where.line()));
#ifdef PVSPLAN_FUZZING
    std::abort();
#endif
    std::_Exit(70);
}

}  // namespace pvsplan::base
