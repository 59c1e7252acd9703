// From what was typed to what the compiler is asked: the project folder, paths inside it, one compilation.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/base/files.hpp"
#include "compiler/pipeline.hpp"
#include "runtime/cli/command.hpp"
#include "runtime/cli/session.hpp"
#include "runtime/view/report.hpp"

namespace pvsplan::cli {

// As they were typed; what is wrong with them is told by compile().
struct CompileArguments {
    std::string farm;                     // a path; empty: the plan's own
    std::vector<std::string> parameters;  // name=value
    // A path, as --farm and --policy are: each has to lie in the project folder.
    std::string parameters_file;
    std::vector<std::string> policies;  // files, or names of the library
    std::vector<std::string> secrets;   // name=env:VARIABLE
    bool wants_uses = false;            // Request::wants_uses
    resolve::LoadRequest::Takes takes = resolve::LoadRequest::Takes::plan;
};
// Whether it says anything that only who compiles a plan can ask.
bool is_for_compilation(const CompileArguments& arguments);
// --farm, --set, --parameters, --secret, --policy.
void add_compile_options(std::vector<Option>& options, CompileArguments& arguments);

// The project folder, and how its paths look from here.
struct Project {
    std::string root;    // absolute, without links
    std::string prefix;  // "plans/": put before a path inside it, it leads there from the current folder
};
// `file` decides where --root does not. Without --root it is the folder that the file lies in, and no folder above it
// is looked into.
base::Result<Project> project_of(const Session& session, const std::string& file);
// Why nothing can be found by a relative path: the current folder is gone, or closed to this account. Empty: it is
// there.
std::string why_here_is_closed();
// A path that was typed, as seen from the project folder; an error if it lies outside. A link at its end is not
// followed here, but by base::Files, which refuses what it leads out to.
base::Result<std::string> path_inside(const Project& project, const std::string& typed);

// The folder that holds the projects of all these files.
std::string common_root(const Session& session, const std::vector<std::string>& files);
// What leads to the project from the top of the git work tree that it is in, else from `otherwise`: services name files
// so, wherever the command was called. A whole path, where the current folder is in a work tree and the project in
// none.
std::string prefix_in_repository(const Project& project, const std::string& otherwise);

// By the id of an object, then by the name of a state.
using ObservedStates = std::map<std::string, std::map<std::string, program::Value>>;

struct Compiled {
    Project project;   // that it was compiled in
    std::string plan;  // as seen from the project folder
    std::shared_ptr<const compiler::Compilation> compilation;
    double milliseconds = 0;  // how long it took; never in what is compared

    [[nodiscard]] view::PlanReport report() const { return {*compilation, plan, project.prefix, milliseconds}; }
};
// The same, with a fix at each finding that can be repaired: for whoever prints them.
Compiled with_repairs(Compiled compiled);
Compiled with_advice(Compiled compiled);  // (compiler/advice.hpp)
// Compiles the plan in the file `plan`. An error is one of usage; what is wrong with the plan is in the compilation.
base::Result<Compiled> compile(const Session& session, const std::string& plan, const CompileArguments& arguments,
                               const ObservedStates& observed = {});
// The same for who compiles again and again: by project folder, what is read and parsed is kept for the next time. One
// thread uses it at a time.
using Workspaces = std::map<std::string, compiler::Workspace>;
base::Result<Compiled> compile(const Session& session, const std::string& plan, const CompileArguments& arguments,
                               Workspaces& workspaces);

// The same from other files than those of the project folder: an older version of them.
base::Result<Compiled> compile(const Project& project, const std::string& plan, const CompileArguments& arguments,
                               const base::Files& files);

}  // namespace pvsplan::cli
