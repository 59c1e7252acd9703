#include "runtime/cli/farm_input.hpp"

#include "compiler/base/files.hpp"
#include "runtime/view/diagnostics.hpp"

namespace pvsplan::cli {

// No plan is compiled: the farm stands in the place of one, with its objects and secrets and without a step.
std::variant<FarmInput, Exit> farm_of(Session& session, const std::string& file) {
    base::Result<Project> project = project_of(session, file);
    if (!project) return complain(session, project.error(), Exit::usage);
    const base::Result<std::string> farm = path_inside(*project, file);
    if (!farm) return complain(session, farm.error(), Exit::usage);
    auto compiled = compiler::compile_farm(base::FolderFiles(project->root), *farm);
    view::print_diagnostics(session.err, compiler::texts_of(compiled, project->prefix), compiled.sink);
    if (compiled.sink.has_errors()) return Exit::does_not_compile;
    // A farm belongs to whichever project above it has run something; its own folder otherwise.
    base::Result<StorePlace> place = store_of(session, *project, compiled.plan, PlanInput::From::compiled);
    if (!place) return complain(session, place.error(), Exit::usage);
    return FarmInput{.plan = std::move(compiled.plan), .place = std::move(*place)};
}

}  // namespace pvsplan::cli
