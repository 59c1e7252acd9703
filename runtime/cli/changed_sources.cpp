#include "runtime/cli/changed_sources.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "compiler/base/digest.hpp"
#include "compiler/base/files.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/program/codec.hpp"
#include "runtime/cli/project.hpp"

namespace pvsplan::cli {
namespace {

// Through base::Files, as the compiler reads: the paths of a compiled plan are a stranger's text, and a device or a
// pipe would never come to an end.
std::optional<std::string> read(const base::Files& project, const std::string& path) {
    base::Result<std::string> text = project.read(path);
    return text ? std::optional(std::move(*text)) : std::nullopt;
}

// The folder of --root, or the nearest one around that has the store of a project.
std::string project_folder(const Session& session) {
    if (!session.root.empty()) return session.root;
    std::error_code ec;
    for (std::filesystem::path folder = std::filesystem::current_path(ec); !ec; folder = folder.parent_path()) {
        if (std::filesystem::exists(folder / ".pvsplan", ec)) return folder.string();
        if (folder == folder.parent_path()) break;
    }
    return ".";
}

}  // namespace

// What cannot be read as a file of the project counts as gone, whatever it is. Where not one of them is there, this is
// another project, and nothing can be said.
std::vector<std::string> changed_sources(const std::string& project, const program::Plan& plan) {
    const base::FolderFiles files(project);
    std::vector<std::string> changed;
    bool is_any_there = false;
    for (const auto& [file, sha256] : plan.inputs) {
        if (file.starts_with("stdlib/")) continue;
        const std::optional<std::string> text = read(files, file);
        is_any_there = is_any_there || text;
        if (!text)
            changed.push_back("`" + file + "` is gone");
        else if (base::sha256_hex(*text) != sha256)
            changed.push_back("`" + file + "` has changed");
    }
    if (!is_any_there) changed.clear();
    return changed;
}

namespace {

// The document that a file of the project holds, by its first key: "plan". Whether it is one is for the compiler to
// say.
std::string first_key(const std::string& text) {
    std::istringstream lines(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
    for (std::string line; std::getline(lines, line);)
        if (!line.empty() && line[0] != '#' && line[0] != '\r' && !line.starts_with("---"))
            return line.substr(0, line.find(':'));
    return "";
}

// The plan as its files are now, asked the same; nothing where it does not compile. The same parameters and the same
// states as then: what differs comes from the files alone. A secret has no value in a plan, so that a plan that takes
// one on the command line does not compile here, and nothing is claimed of its steps.
std::optional<program::Plan> compiled_now(const Session& session, const std::string& project,
                                          const program::Plan& plan) {
    namespace fs = std::filesystem;
    const base::FolderFiles files(project);
    std::string file;
    CompileArguments arguments;
    for (const auto& [input, sha256] : plan.inputs) {
        if (input.starts_with("stdlib/")) continue;
        const std::string path = (fs::path(project) / input).string();
        const std::string key = first_key(read(files, input).value_or(""));
        if (key == "plan") file = path;
        if (key == "farm") arguments.farm = path;
    }
    if (file.empty()) return std::nullopt;
    const program::PlanNames names(plan);
    for (const auto& [name, value] : plan.parameters)
        if (value.as_secret() == nullptr) arguments.parameters.push_back(name + "=" + program::to_text(value, names));
    ObservedStates observed;
    for (const program::Object& object : plan.objects) observed[object.id] = object.state;
    Session looking = session;
    looking.root = project;
    const base::Result<Compiled> compiled = compile(looking, file, arguments, observed);
    if (!compiled || !compiled->compilation->ok()) return std::nullopt;
    return compiler::program_of(*compiled->compilation);
}

// The effect of each step, by its path; without source positions, so that moved text counts as unchanged. The canonical
// encoding is compared, since it holds all that a step does and has one form only. It is our own output, so every key
// that is asked for is there.
std::map<std::string, std::string> deeds_of(const program::Plan& plan) {
    const auto json = nlohmann::json::parse(program::encode(plan), nullptr, false);
    std::map<std::string, std::string> deeds;
    if (json.is_discarded()) return deeds;
    std::map<std::string, nlohmann::json> actions;
    for (nlohmann::json action : json.at("actions")) {
        action.erase("source");
        actions[action.at("name")] = action;
    }
    for (const auto& node : json.at("nodes")) {
        nlohmann::json deed = {node.value("with", nlohmann::json()), node.value("sets", nlohmann::json())};
        const auto name = node.find("action");
        const bool acts = name != node.end() && name->is_string();  // else a person is asked, or nothing happens
        deed.push_back(acts ? actions[name->get<std::string>()] : node.value("text", nlohmann::json()));
        deeds[node.at("id")] = deed.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    return deeds;
}

std::string what_steps_do(const ChangedSteps& changed) {
    if (!changed.compiles) return "the files as they are now do not compile";
    if (changed.steps.empty()) return "with the files as they are now, the steps that are left would do the same";
    static constexpr std::size_t max_named = 3;
    return "with the files as they are now, " + base::some_quoted(changed.steps, max_named) +
           " would do something else";
}

}  // namespace

// Steps that are over are left out: nothing that a file says changes them any more. `nodes` are steps of `plan`, so
// each of them is in `before`.
ChangedSteps changed_steps(const Session& session, const std::string& project, const program::Plan& plan,
                           const std::vector<engine::NodeStatus>& nodes) {
    const std::optional<program::Plan> now = compiled_now(session, project, plan);
    if (!now) return {};
    const std::map<std::string, std::string> before = deeds_of(plan);
    const std::map<std::string, std::string> after = deeds_of(*now);
    ChangedSteps changed{.compiles = true, .steps = {}};
    for (const engine::NodeStatus& node : nodes) {
        if (node.state == "finished" || node.state == "skipped") continue;
        const auto deed = after.find(node.node);
        if (deed == after.end() || deed->second != before.at(node.node)) changed.steps.push_back(node.node);
    }
    return changed;
}

// Said and not refused: the compiled plan is what was reviewed.
void say_what_changed(Session& session, const Project& project, const std::string& file, const program::Plan& plan) {
    const std::vector<std::string> changed = changed_sources(project.root, plan);
    if (changed.empty()) return;
    say(session, "since `" + file + "` was compiled " + base::joined(changed) + "; it runs as it was compiled");
}

// The project is guessed from where the command is typed: a run knows no folder, since it is resumed on other machines
// than that it was begun on. A wrong guess finds no file, and then nothing is said.
void say_what_changed(Session& session, const ports::Store& store, const std::string& run, const program::Plan& plan) {
    const std::string project = project_folder(session);
    const std::vector<std::string> changed = changed_sources(project, plan);
    if (changed.empty()) return;
    say(session,
        "since the plan of this run was compiled " + base::joined(changed) + "; the run goes on as it was compiled");
    if (const auto status = engine::status(store, run); status.ok() && !status->is_rolling_back)
        say(session, what_steps_do(changed_steps(session, project, plan, status->nodes)));
    say(session, "for the new text: `pvsplan rollback " + run + "`, or `pvsplan abandon " + run +
                     "`, and then `pvsplan apply` anew");
}

}  // namespace pvsplan::cli
