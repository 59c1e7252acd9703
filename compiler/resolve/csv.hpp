// An inventory as CSV: the first line names the columns (`name`, attributes, `state.stream`, `connect.user`), every
// further line is an object.
//
// Read as Excel and PowerShell write it: `,`, `;` or tab between the fields (`sep=;` says which), a line `#TYPE …`,
// UTF-8 with or without its mark, UTF-16, CRLF, `Name` for `name`, line breaks and doubled quotes within quotes, blanks
// around fields, lines of nothing but separators, separators behind the last field. What could mean two things is not
// guessed.
#pragma once

#include <string>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"

namespace pvsplan::resolve {

// The text of such a file as UTF-8, without a mark; as it is where it cannot be that.
std::string csv_text(std::string bytes);

// `secrets` takes where passwords were written into it, also in lines that are no objects.
std::vector<syntax::FarmObject> read_csv(const base::Sources& sources, base::FileId file,
                                         std::vector<base::Span>& secrets, diag::Sink& sink);

}  // namespace pvsplan::resolve
