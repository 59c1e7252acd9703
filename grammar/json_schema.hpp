// The tables of shapes and transports as JSON Schema, for editors and other tools that know nothing of us: 2020-12, in
// words that draft 7 has as well.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::grammar {

// The schema of a document: `plan`, `farm`, `module` or `policy`; empty: of whichever of them a file is. What a schema
// cannot say is left to `validate`: names, expressions, and which key stands first.
std::string json_schema(std::string_view document);

}  // namespace pvsplan::grammar
