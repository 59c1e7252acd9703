// Pages of modules and policies, of the standard library or of a project.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/compilation.hpp"
#include "runtime/doc/page.hpp"

namespace pvsplan::doc {

// A compilation that knows that module of the standard library, and what it stands on. Nothing of the disk is read.
std::shared_ptr<const compiler::Compilation> compile_library(std::string_view module);

// The page of the module or policy that stands in a file which the compilation has read; nothing if that is neither.
// `path` is as the compilation has it.
std::optional<Page> document_page(const compiler::Compilation& compilation, std::string_view path);
// The page of an action, a procedure, a kind or a predicate of the module in that file: `server.install`, or with the
// name of the module before it. Nothing if there is none.
std::optional<Page> definition_page(const compiler::Compilation& compilation, std::string_view path,
                                    std::string_view name);
// What definition_page() knows there, with the name of the module before each. In the order of the module.
std::vector<std::string> definition_names(const compiler::Compilation& compilation, std::string_view path);

// The page of a policy of the standard library: `pvs/rolling`.
std::optional<Page> library_policy_page(std::string_view name);

// What there is to ask for.
Page overview_page();

}  // namespace pvsplan::doc
