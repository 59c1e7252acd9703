// The interface of the compiler: a plan in, findings and the compiled plan out.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "compiler/base/files.hpp"
#include "compiler/base/result.hpp"
#include "compiler/compilation.hpp"
#include "compiler/workspace.hpp"

namespace pvsplan::compiler {

// Compiles and checks. Never throws, never writes, never connects. An error says one thing only: somebody asked to
// stop. What was found until then is not told, as nothing of it is known to be whole.
base::Result<std::shared_ptr<const Compilation>> compile(Workspace& workspace, const base::Files& files,
                                                         const Request& request, const std::stop_token& stop);
// Where nobody can ask to stop.
std::shared_ptr<const Compilation> compile(Workspace& workspace, const base::Files& files, const Request& request);
// Once: nothing is kept for another compilation.
std::shared_ptr<const Compilation> compile(const base::Files& files, const Request& request);
// Decides only that requirement, as who tries a repair of it asks. Once it is to stop nothing of it is whole.
std::shared_ptr<const Compilation> compile_for(Workspace& workspace, const base::Files& files, const Request& request,
                                               std::size_t requirement, const std::stop_token& stop = {});

// A farm document alone (`pvsplan observe FARM`): its kinds, objects and connections in a Plan without nodes.
struct FarmCompilation {
    std::shared_ptr<const base::Sources> sources;
    std::vector<base::Span> secrets;  // texts that no finding quotes
    diag::Sink sink;
    program::Plan plan;
};
FarmCompilation compile_farm(const base::Files& files, const std::string& farm);
diag::Texts texts_of(const FarmCompilation& compilation, std::string prefix = {});

}  // namespace pvsplan::compiler
