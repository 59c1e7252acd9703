#include "runtime/cli/project.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <system_error>

#include "compiler/advice.hpp"
#include "compiler/base/files.hpp"
#include "compiler/repair.hpp"
#include "runtime/engine/console_text.hpp"

namespace pvsplan::cli {
namespace {

namespace fs = std::filesystem;

// Policies of a project are files, and are typed as such.
bool is_library_name(const std::string& policy) {
    return !policy.starts_with('.') && !policy.starts_with('/') && !policy.ends_with(".yaml") &&
           !policy.ends_with(".yml");
}

// "pw=env:SQL_PW". What is of another form may be the secret itself, so it is not repeated.
base::Result<std::pair<std::string, std::vector<std::string>>> secret_argument(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::size_t colon = equals == std::string::npos ? equals : text.find(':', equals);
    const bool is_whole = colon != std::string::npos && equals > 0 && colon + 1 < text.size();
    const std::string from = is_whole ? text.substr(equals + 1, colon - equals - 1) : "";
    if (from != "env" && from != "file" && from != "farm")
        return base::Error{"`--secret" + (equals == std::string::npos ? "" : " " + text.substr(0, equals)) +
                           "` is not of the form `--secret NAME=env:VARIABLE`, `NAME=file:PATH` or `NAME=farm:SECRET`"};
    std::string what = text.substr(colon + 1);
    // A run is resumed from other folders than the one that it was begun in.
    if (from == "file") what = fs::absolute(what).lexically_normal().string();
    return std::pair(text.substr(0, equals), std::vector<std::string>{from, what});
}

// Every path is brought to one inside of the project here, so that the compiler sees no other. What is given twice is
// refused: nobody can tell which one is meant, and the wrong one would be proved. The value of `--set` is a plan's
// text, and has to be UTF-8 as that is.
base::Result<compiler::Request> request_of(const Project& project, const std::string& plan,
                                           const CompileArguments& arguments) {
    compiler::Request request;
    base::Result<std::string> path = path_inside(project, plan);
    if (!path) return std::move(path).error();
    request.plan = *path;
    if (!arguments.farm.empty()) {
        base::Result<std::string> farm = path_inside(project, arguments.farm);
        if (!farm) return std::move(farm).error();
        request.farm = *farm;
    }
    if (!arguments.parameters_file.empty()) {
        base::Result<std::string> parameters = path_inside(project, arguments.parameters_file);
        if (!parameters) return std::move(parameters).error();
        request.parameters_file = *parameters;
    }
    for (const std::string& policy : arguments.policies) {
        if (is_library_name(policy)) {
            request.policies.push_back(policy);
            continue;
        }
        base::Result<std::string> inside = path_inside(project, policy);
        if (!inside) return std::move(inside).error();
        request.policies.push_back("./" + *inside);
    }
    for (const std::string& parameter : arguments.parameters) {
        const std::size_t equals = parameter.find('=');
        if (equals == std::string::npos || equals == 0)
            return base::Error{"`--set " + parameter + "` is not of the form `--set name=value`"};
        const std::string name = parameter.substr(0, equals);
        if (!engine::is_utf8(parameter))
            return base::Error{"`--set " + engine::as_text(name) +
                               "=…` holds bytes that are no UTF-8; which characters are meant, nobody can tell"};
        const bool is_twice = std::any_of(request.parameters.begin(), request.parameters.end(),
                                          [&](const auto& other) { return other.first == name; });
        if (is_twice) return base::Error{"`--set " + name + "=…` is given twice; which one is meant?"};
        request.parameters.emplace_back(name, parameter.substr(equals + 1));
    }
    for (const std::string& secret : arguments.secrets) {
        base::Result<std::pair<std::string, std::vector<std::string>>> read = secret_argument(secret);
        if (!read) return std::move(read).error();
        for (const auto& [name, source] : request.secrets)
            if (name == read->first) return base::Error{"`--secret " + name + "` is given twice"};
        request.secrets.push_back(std::move(*read));
    }
    return request;
}

}  // namespace

bool is_for_compilation(const CompileArguments& arguments) {
    return !arguments.farm.empty() || !arguments.parameters.empty() || !arguments.parameters_file.empty() ||
           !arguments.policies.empty() || !arguments.secrets.empty();
}

// Of every command that compiles: they say the same everywhere.
void add_compile_options(std::vector<Option>& options, CompileArguments& arguments) {
    using Completes = Option::Completes;
    options.push_back(
        {"--farm", "FILE", "The farm, in place of the plan's own", &arguments.farm, {}, {}, Completes::files});
    options.push_back(
        {"--set", "NAME=VALUE", "The value of a parameter", &arguments.parameters, {}, {}, Completes::parameters});
    options.push_back({"--parameters",
                       "FILE",
                       "Values of parameters, `NAME: VALUE` a line; those of --set go before them",
                       &arguments.parameters_file,
                       {},
                       {},
                       Completes::files});
    options.push_back(
        {"--secret", "NAME=FROM",
         "Where the value of a secret parameter comes from: env:VARIABLE, file:PATH, or farm:SECRET for one "
         "of the farm",
         &arguments.secrets});
    options.push_back({"--policy",
                       "FILE",
                       "A policy that the plan must keep, whatever it names itself: a file, or one of the standard "
                       "library (pvs/rolling)",
                       &arguments.policies,
                       {},
                       {},
                       Completes::files});
}

// A folder that is gone has no path; one that is closed can be named, and nothing in it can be looked at.
std::string why_here_is_closed() {
    std::error_code failed;
    (void)fs::current_path(failed);
    if (!failed) (void)fs::status("./.", failed);
    return failed ? failed.message() : "";
}

// Without links, so that one folder has one name whichever way one came; `prefix` is for people only.
base::Result<Project> project_of(const Session& session, const std::string& file) {
    std::error_code ec;
    const fs::path folder = session.root.empty() ? fs::path(file).parent_path() : fs::path(session.root);
    const fs::path root = fs::canonical(folder.empty() ? fs::path(".") : folder, ec);
    if (ec) return base::Error{"there is no folder `" + (folder.empty() ? "." : folder.string()) + "`", {ec.message()}};
    if (!fs::is_directory(root, ec)) return base::Error{"`" + folder.string() + "` is not a folder"};
    const fs::path here = fs::current_path(ec);
    std::string prefix = ec ? root.string() : root.lexically_relative(here).generic_string();
    if (prefix.empty()) prefix = root.string();
    // Far away an absolute path is easier to follow than a row of dots.
    if (prefix.starts_with("../../")) prefix = root.string();
    if (!prefix.ends_with("/")) prefix += "/";
    return Project{.root = root.string(), .prefix = prefix == "./" ? "" : prefix};
}

base::Result<std::string> path_inside(const Project& project, const std::string& typed) {
    std::error_code ec;
    // Links in the folders are followed, the last name is not: whether a link may be read is for base::Files to say.
    const fs::path folder = fs::weakly_canonical(fs::absolute(fs::path(typed), ec).parent_path(), ec);
    const fs::path name = fs::path(typed).filename();
    const fs::path inside = (folder / name).lexically_normal().lexically_relative(project.root);
    if (ec || inside.empty() || *inside.begin() == "..")
        return base::Error{"`" + typed + "` lies outside of the project folder `" + project.root +
                           "`; name a folder that holds both with `--root DIR`"};
    return inside.generic_string();
}

// The longest common beginning of their folders. Each turn of the inner loop takes a part off, and `/` holds all.
std::string common_root(const Session& session, const std::vector<std::string>& files) {
    fs::path common;
    for (const std::string& file : files) {
        const base::Result<Project> project = project_of(session, file);
        if (!project) continue;  // which is said where it is compiled
        const fs::path root = project->root;
        if (common.empty()) common = root;
        while (*root.lexically_relative(common).begin() == "..") common = common.parent_path();
    }
    return common.string();
}

namespace {

// The top of the work tree that the folder is in; empty: it is in none. Found without git, which may not be installed
// where a plan is only checked.
fs::path top_of(fs::path folder) {
    std::error_code unseen;
    for (;; folder = folder.parent_path()) {
        if (fs::exists(folder / ".git", unseen)) return folder;  // a folder, or in a linked work tree a file
        if (folder == folder.parent_path()) return {};
    }
}

}  // namespace

// A file of no repository, while one stands in one, would be taken for one of that.
std::string prefix_in_repository(const Project& project, const std::string& otherwise) {
    std::error_code unseen;
    fs::path top = top_of(project.root);
    if (top.empty() && !top_of(fs::current_path(unseen)).empty()) return project.root + "/";
    if (top.empty()) top = otherwise;
    const std::string inside = fs::path(project.root).lexically_relative(top).generic_string();
    return inside == "." ? "" : inside + "/";
}

Compiled with_repairs(Compiled compiled) {
    compiled.compilation = compiler::with_repairs(compiled.compilation);
    return compiled;
}

Compiled with_advice(Compiled compiled) {
    compiled.compilation = compiler::with_advice(compiled.compilation);
    return compiled;
}

namespace {

using Compile = std::function<std::shared_ptr<const compiler::Compilation>(const std::string& root, const base::Files&,
                                                                           const compiler::Request&)>;

base::Result<Compiled> compile(const Session& session, const std::string& plan, const CompileArguments& arguments,
                               const ObservedStates& observed, const Compile& by) {
    base::Result<Project> project = project_of(session, plan);
    if (!project) return std::move(project).error();
    base::Result<compiler::Request> request = request_of(*project, plan, arguments);
    if (!request) return std::move(request).error();
    request->observed = observed;
    request->wants_uses = arguments.wants_uses;
    request->takes = arguments.takes;
    const base::FolderFiles files(project->root);
    const auto begin = std::chrono::steady_clock::now();
    Compiled compiled{.project = *project, .plan = request->plan, .compilation = by(project->root, files, *request)};
    compiled.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return compiled;
}

}  // namespace

base::Result<Compiled> compile(const Session& session, const std::string& plan, const CompileArguments& arguments,
                               const ObservedStates& observed) {
    return compile(session, plan, arguments, observed,
                   [](const std::string&, const base::Files& files, const compiler::Request& request) {
                       return compiler::compile(files, request);
                   });
}

base::Result<Compiled> compile(const Session& session, const std::string& plan, const CompileArguments& arguments,
                               Workspaces& workspaces) {
    return compile(session, plan, arguments, {},
                   [&](const std::string& root, const base::Files& files, const compiler::Request& request) {
                       return compiler::compile(workspaces[root], files, request);
                   });
}

base::Result<Compiled> compile(const Project& project, const std::string& plan, const CompileArguments& arguments,
                               const base::Files& files) {
    base::Result<compiler::Request> request = request_of(project, plan, arguments);
    if (!request) return std::move(request).error();
    return Compiled{.project = project, .plan = request->plan, .compilation = compiler::compile(files, *request)};
}

}  // namespace pvsplan::cli
