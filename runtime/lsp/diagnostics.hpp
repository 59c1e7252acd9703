// Findings, and the verdicts on requirements, as an editor shows them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "compiler/compilation.hpp"
#include "runtime/lsp/places.hpp"

namespace pvsplan::lsp {

// By the URI of their file: each finding as JSON, ascending, each once. As text, since several compilations say the
// same of one file; ordered, so that the same findings are the same bytes.
using Findings = std::map<std::string, std::set<std::string>>;

// Adds what was found. What stands nowhere stands at the beginning of the plan; of what stands in a file that the
// author cannot change nothing is left, as every finding is pointed at what can be changed.
void add_findings(const compiler::Compilation& compilation, Places& places, Findings& findings);

// The parameters of the message that publishes them. `version`: that of the open text which was compiled; none of a
// file that is not open.
std::string published_json(const std::string& uri, std::optional<std::int64_t> version, std::string_view findings);

// "[…]": those of one file.
std::string findings_json(const std::set<std::string>& findings);

// A finding as it is told in one text: what was found, of how many others the same is said, and the ways out.
std::string finding_text(const diag::Diagnostic& finding);

}  // namespace pvsplan::lsp
