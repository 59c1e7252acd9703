#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::syntax {

bool check_bytes(const base::SourceMap&, base::FileId, diag::Sink&) { return true; }

}  // namespace pvsplan::syntax
