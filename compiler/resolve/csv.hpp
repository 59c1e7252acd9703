// An inventory as comma-separated values (RFC 4180): a header line that names the columns, then an object a line.
// Columns are `name`, attributes, `state.ATTRIBUTE` and `connect.KEY`; an empty field is a value that is not given.
#pragma once

#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"

namespace pvsplan::resolve {

std::vector<syntax::FarmObject> read_csv(const base::SourceMap& sources, base::FileId file, diag::Sink& sink);

}  // namespace pvsplan::resolve
