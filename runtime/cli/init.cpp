#include <algorithm>
#include <filesystem>
#include <memory>

#include "compiler/base/check.hpp"
#include "compiler/base/files.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/base/near.hpp"
#include "compiler/base/shell_word.hpp"
#include "compiler/diag/display.hpp"
#include "compiler/pipeline.hpp"
#include "compiler/syntax/parse.hpp"
#include "grammar/json_schema.hpp"
#include "runtime/cli/ci_file.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/new_farm.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/shipped_plans.hpp"
#include "runtime/ports/files.hpp"
#include "runtime/view/diagnostics.hpp"

namespace pvsplan::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_plan = "rolling-upgrade";
// What stands in the farms that are shipped: whoever answers this wants them as they are.
constexpr std::string_view shipped_servers = "pvs01,pvs02,pvs03,pvs04";
constexpr std::string_view shipped_sites = "east,west";
constexpr std::string_view ending = ".plan.yaml";
constexpr std::string_view schemas = ".schema";
constexpr std::string_view ignored = ".pvsplan/";  // where runs are kept

struct InitArguments {
    std::string folder = ".";
    std::string plan;                      // empty: rolling-upgrade
    std::vector<std::string> inventories;  // LIST=FILE
    std::string servers;                   // names, with commas between them
    std::string sites;
    std::string ci;

    // Nothing was said of what to begin with: whoever sits at a terminal is asked.
    [[nodiscard]] bool is_open() const {
        return plan.empty() && inventories.empty() && servers.empty() && sites.empty() && ci.empty();
    }
};

// What is to stand in the project, by its path there.
struct NewFile {
    std::string path;
    std::string text;
};

struct NewProject {
    std::vector<NewFile> files;
    std::vector<std::string> parameters;  // that have no default
    std::vector<std::string> copies;      // "`farms/servers.csv` is a copy of `boxes.csv`"
};

// Read by the compiler as if it were written.
class FilesOf final : public base::Files {
  public:
    explicit FilesOf(const NewProject& project) : project_(project) {}
    [[nodiscard]] base::Result<std::string> read(std::string_view path) const override {
        for (const NewFile& file : project_.files)
            if (file.path == path) return file.text;
        return base::Error{"there is no `" + std::string(path) + "`"};
    }

  private:
    const NewProject& project_;
};

std::vector<std::string> names_of_plans() {
    std::vector<std::string> names;
    for (const base::Embedded& file : shipped_plans())
        if (file.name.ends_with(ending)) names.emplace_back(file.name.substr(0, file.name.size() - ending.size()));
    return names;
}

// A plan that is shipped names files that are shipped.
std::string_view shipped(std::string_view name) { return base::text_of(shipped_plans(), name); }

// With the line by which an editor finds the schema of the file: its path is seen from the folder of the file.
NewFile document(const std::string& path, std::string_view type, std::string_view text) {
    const fs::path schema = fs::path(schemas) / (std::string(type) + ".json");
    const fs::path from_file = schema.lexically_relative(fs::path(path).parent_path());
    const std::string shown = from_file.generic_string();
    return {path, "# yaml-language-server: $schema=" + (shown.starts_with("..") ? shown : "./" + shown) + "\n" +
                      std::string(text)};
}

// Puts each inventory beside the farm, and its name into the farm.
base::Status add_inventories(NewProject& project, const std::string& farm_path, std::string& farm,
                             const std::vector<std::string>& inventories) {
    for (const std::string& inventory : inventories) {
        const std::size_t equals = inventory.find('=');
        if (equals == 0 || equals == std::string::npos || equals + 1 == inventory.size())
            return base::Error{"`--inventory " + inventory + "` is not of the form `--inventory LIST=FILE`"};
        const std::string list = inventory.substr(0, equals);
        const std::string name = list + ".csv";
        std::optional<std::string> changed = with_csv(farm, list, name);
        if (!changed)
            return base::Error{"`--inventory " + inventory + "`: the farm of this plan has no list `" + list +
                               "`, or it is given twice"};
        farm = std::move(*changed);
        base::Result<std::string> text = ports::read_named_file(inventory.substr(equals + 1), base::Files::max_bytes);
        if (!text) return std::move(text).error().because_of("`--inventory " + inventory + "` cannot be used");
        const std::string path = (fs::path(farm_path).parent_path() / name).generic_string();
        project.files.push_back({path, std::move(*text)});
        project.copies.push_back("`" + path + "` is a copy of `" + inventory.substr(equals + 1) + "`");
    }
    return base::Done{};
}

// Gives the farm the servers and the sites that were named. An inventory of servers names the site of each, so lists of
// either beside it would contradict it.
base::Status name_servers(std::string& farm, const InitArguments& arguments) {
    std::vector<std::string> names[2];
    const std::pair<const char*, const std::string*> lists[] = {{"--servers", &arguments.servers},
                                                                {"--sites", &arguments.sites}};
    for (std::size_t i = 0; i < 2; ++i) {
        if (lists[i].second->empty()) continue;
        for (const std::string& inventory : arguments.inventories)
            if (inventory.starts_with("servers="))
                return base::Error{"`" + std::string(lists[i].first) +
                                   "` and `--inventory servers=FILE` exclude each other: the file has the servers, and "
                                   "the site of each"};
        base::Result<std::vector<std::string>> parts = parts_of_list(lists[i].first, *lists[i].second);
        if (!parts) return std::move(parts).error();
        names[i] = std::move(*parts);
    }
    farm = with_servers(farm, names[0], names[1]);
    return base::Done{};
}

// Nothing is written here: what is wrong with the arguments is told before the first file. The plan is parsed for the
// farm that it names and for the parameters that have no value yet.
base::Result<NewProject> new_project(const InitArguments& arguments) {
    const std::string path = arguments.plan + std::string(ending);
    const std::string_view text = shipped(path);
    base::Sources sources;
    diag::Sink sink;
    const std::optional<syntax::Document> read = syntax::parse(sources, sources.add(path, std::string(text)), sink);
    const auto* plan = read ? std::get_if<syntax::PlanDocument>(&*read) : nullptr;
    base::check(plan && plan->farm, "a plan that is shipped is one, and names its farm");
    const std::string farm_path = fs::path(plan->farm->value).lexically_normal().generic_string();
    std::string farm(shipped(farm_path));
    if (base::Status named = name_servers(farm, arguments); !named) return std::move(named).error();
    NewProject project;
    project.files.push_back(document(path, "plan", text));
    if (base::Status added = add_inventories(project, farm_path, farm, arguments.inventories); !added)
        return std::move(added).error();
    project.files.push_back(document(farm_path, "farm", farm));
    for (const std::string type : {"plan", "farm", "module", "policy"})
        project.files.push_back({std::string(schemas) + "/" + type + ".json", grammar::json_schema(type)});
    if (!arguments.ci.empty()) {
        const CiFile& file = ci_file(arguments.ci);
        project.files.push_back({std::string(file.path), std::string(file.text)});
    }
    for (const syntax::Parameter& parameter : plan->parameters)
        if (!parameter.default_value) project.parameters.push_back(parameter.name.value);
    return project;
}

// Whether the project compiles with the objects that were named. What its author can change is told with its findings;
// the lines are those of the files that are not written.
bool compiles(Session& session, const NewProject& project) {
    compiler::Request request;
    request.plan = project.files.front().path;
    const auto compiled = compiler::compile(FilesOf(project), request);
    if (compiled->ok()) return true;
    std::vector<diag::Diagnostic> errors = compiled->sink.sorted();
    std::erase_if(errors, [](const diag::Diagnostic& one) { return one.severity != diag::Severity::error; });
    diag::Sink told;
    for (const diag::Diagnostic& one : errors) told.add(one);
    view::print_diagnostics(session.err, compiler::texts_of(*compiled), told);
    complain(session,
             base::Error{"with these objects the project does not compile, so nothing was written", project.copies},
             Exit::does_not_compile);
    return false;
}

// A link anywhere on the way from the folder of the project to the file. In a project that was cloned a link is
// somebody else's, and may lead where only the person at the keyboard can write.
std::optional<std::string> link_on_the_way(const fs::path& folder, const std::string& path) {
    std::error_code unseen;
    fs::path at = folder;
    for (const fs::path& part : fs::path(path)) {
        at /= part;
        if (fs::is_symlink(at, unseen)) return at.string();
    }
    return std::nullopt;
}

// A folder and what is missing above it, for everybody to read, as the files are: a project is shared, while all else
// that this process makes is for one account alone.
void make_folders(const fs::path& folder, std::error_code& failed) {
    if (folder.empty() || fs::is_directory(folder, failed)) return;
    make_folders(folder.parent_path(), failed);
    if (failed && failed != std::errc::no_such_file_or_directory) return;
    failed.clear();
    using enum fs::perms;
    if (fs::create_directory(folder, failed))
        fs::permissions(folder, owner_all | group_read | group_exec | others_read | others_exec, failed);
}

// Writes into the folder what is not there. A file that differs is the author's by now and is never written over.
class ProjectFolder {
  public:
    ProjectFolder(Session& session, fs::path folder) : session_(session), folder_(std::move(folder)) {}

    // Whether all of it may be written; else nothing is. Where a file is wanted a folder is in the way, and the other
    // way round.
    base::Status check(const NewProject& project) {
        std::vector<std::string> paths = {".gitignore"};
        for (const NewFile& file : project.files) paths.push_back(file.path);
        std::error_code unseen;
        for (const std::string& path : paths) {
            if (const std::optional<std::string> link = link_on_the_way(folder_, path))
                return base::Error{"`" + *link + "` is a link, and no link is followed"};
            for (fs::path folder = fs::path(path).parent_path(); !folder.empty(); folder = folder.parent_path())
                if (fs::exists(folder_ / folder, unseen) && !fs::is_directory(folder_ / folder, unseen))
                    return base::Error{"`" + shown(folder.string()) + "` is no folder; move it out of the way"};
            if (fs::exists(folder_ / path, unseen) && !fs::is_regular_file(folder_ / path, unseen))
                return base::Error{"`" + shown(path) + "` is no file; move it out of the way"};
        }
        return base::Done{};
    }

    // write_new_file refuses what has appeared in the meantime, be it a link.
    base::Status put(const NewFile& file) {
        const std::string path = shown(file.path);
        std::error_code failed;
        if (fs::exists(path, failed)) {
            const auto there = ports::read_file(path, file.text.size() + 1, ports::Links::refused, failed);
            if (there != file.text) say(session_, "`" + path + "` is there already and stays as it is");
            return base::Done{};
        }
        make_folders(fs::path(path).parent_path(), failed);
        if (!failed) failed = ports::write_new_file(path, file.text, ports::Readers::everybody);
        return told(path, failed);
    }

    // Runs are nobody's to share. The usual spellings of the folder count, so that a line is not added to a file that
    // has one.
    base::Status ignore_runs() {
        const std::string path = shown(".gitignore");
        std::error_code failed;
        if (!fs::exists(path, failed))
            return told(path, ports::write_new_file(path, std::string(ignored) + "\n", ports::Readers::everybody));
        const auto text = ports::read_file(path, base::Files::max_bytes, ports::Links::refused, failed);
        if (!text) return base::Error{"cannot read `" + path + "`", {failed.message()}};
        const std::string end = text->find("\r\n") != std::string::npos ? "\r\n" : "\n";
        std::string lines = "\n" + *text + "\n";
        std::erase(lines, '\r');
        for (const std::string_view line : {"\n.pvsplan/\n", "\n.pvsplan\n", "\n/.pvsplan/\n", "\n/.pvsplan\n"})
            if (lines.find(line) != std::string::npos) return base::Done{};
        const std::string line = (text->empty() || text->ends_with('\n') ? "" : end) + std::string(ignored) + end;
        return told(path, ports::append_to_file(path, line, ports::Readers::everybody));
    }

    [[nodiscard]] bool is_changed() const { return is_changed_; }
    [[nodiscard]] std::string shown(const std::string& path) const {
        return (folder_ / path).lexically_normal().generic_string();
    }

  private:
    base::Status told(const std::string& path, std::error_code failed) {
        if (failed) return base::Error{"cannot write `" + path + "`", {failed.message()}};
        list_written(session_, path);
        is_changed_ = true;
        return base::Done{};
    }

    Session& session_;
    fs::path folder_;
    bool is_changed_ = false;
};

// `--set version=VERSION`: to be replaced before it is typed, which a bare `=` would not show.
void tell_next(Session& session, const NewProject& project, const std::string& plan) {
    std::string values;
    for (const std::string& name : project.parameters) {
        values += " --set " + name + "=";
        for (const char c : name) values += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const std::string file = base::shell_word(plan);
    say(session, "next:");
    for (const std::string& command : {"validate " + file, "show " + file + values, "rehearse " + file + values})
        session.err.write(diag::harmless("  $ pvsplan " + command) + "\n");
}

// What is typed, or what is meant by a mere Enter. Nothing: the input has ended.
std::optional<std::string> answer(Session& session, const std::string& question, const std::string& otherwise) {
    session.err.write(question + (otherwise.empty() ? ": " : " [" + otherwise + "]: "));
    std::optional<std::string> line = session.read_line();
    if (!line) return std::nullopt;
    line->erase(0, std::min(line->find_first_not_of(' '), line->size()));
    line->erase(line->find_last_not_of(' ') + 1);
    return line->empty() ? otherwise : *line;
}

// The same, until it is one of those.
std::optional<std::string> choice(Session& session, const std::string& question, const std::string& otherwise,
                                  const std::vector<std::string>& choices) {
    while (true) {
        std::optional<std::string> typed = answer(session, question, otherwise);
        if (!typed || std::find(choices.begin(), choices.end(), *typed) != choices.end()) return typed;
        say(session, "it is one of " + base::joined(choices));
    }
}

// Asks what the options did not say. False: the input has ended before all was said. Nothing is written meanwhile, so
// that Ctrl-C leaves nothing behind.
bool ask_for(Session& session, InitArguments& arguments) {
    const std::optional<std::string> plan = choice(session, "Plan", std::string(first_plan), names_of_plans());
    if (!plan) return false;
    arguments.plan = *plan;
    const std::optional<std::string> servers =
        answer(session, "Servers: names with commas between them, or a CSV file", std::string(shipped_servers));
    if (!servers) return false;
    std::error_code unseen;
    const bool is_file = servers->ends_with(".csv") || fs::is_regular_file(*servers, unseen);
    if (is_file)
        arguments.inventories.push_back("servers=" + *servers);
    else
        arguments.servers = *servers;
    if (!is_file) {
        const std::optional<std::string> sites = answer(session, "Sites, likewise", std::string(shipped_sites));
        if (!sites) return false;
        arguments.sites = *sites;
        // The farm as it is shipped has them.
        if (*servers == shipped_servers && *sites == shipped_sites) arguments.servers = arguments.sites = "";
    }
    std::vector<std::string> services = ci_services();
    std::string words;
    for (const std::string& service : services) words += service + ", ";
    services.emplace_back("none");
    const std::optional<std::string> ci =
        choice(session, "Check plans on every change, by " + words + "none", "none", services);
    if (!ci) return false;
    if (*ci != "none") arguments.ci = *ci;
    return true;
}

// At a terminal without options questions are asked; everywhere else the defaults are those that Enter would take.
Exit init_project(Session& session, const InitArguments& given) {
    InitArguments arguments = given;
    if (arguments.is_open() && session.may_ask() && !session.yes && !ask_for(session, arguments)) {
        session.err.write("\n");
        return complain(session, "not all was said; nothing was written", Exit::wrong);
    }
    if (arguments.plan.empty()) arguments.plan = first_plan;
    const base::Result<NewProject> project = new_project(arguments);
    if (!project) return complain(session, project.error(), Exit::usage);
    const bool has_objects = !arguments.inventories.empty() || !arguments.servers.empty() || !arguments.sites.empty();
    if (has_objects && !compiles(session, *project)) return Exit::does_not_compile;
    std::error_code failed;
    make_folders(arguments.folder, failed);
    if (failed || !fs::is_directory(arguments.folder, failed))
        return complain(session, base::Error{"cannot make the folder `" + arguments.folder + "`", {failed.message()}},
                        Exit::wrong);
    ProjectFolder target(session, arguments.folder);
    if (base::Status fine = target.check(*project); !fine) return complain(session, fine.error(), Exit::wrong);
    base::Status put = base::Done{};
    for (const NewFile& file : project->files)
        if (put) put = target.put(file);
    if (put) put = target.ignore_runs();
    if (!put) {
        complain(session, put.error(), Exit::wrong);
        if (target.is_changed()) say(session, "what was written stays; `pvsplan init` once more writes the rest");
        return Exit::wrong;
    }
    if (!target.is_changed()) say(session, "all of it is there already: nothing has changed");
    tell_next(session, *project, target.shown(arguments.plan + std::string(ending)));
    return Exit::done;
}

}  // namespace

Command init_command() {
    auto arguments = std::make_shared<InitArguments>();
    return {
        .name = "init",
        .group = Command::Group::edit,
        .summary = "Begin a project with a plan that is shipped",
        .description =
            "Writes the plan, a simulated farm to put yours in the place of, JSON Schemas for editors, and a line in "
            ".gitignore. What is there "
            "already stays as it is, and no link is followed. What was written is listed.\n"
            "At a terminal, and without options, it asks: Enter takes what stands between brackets, and Ctrl-C leaves "
            "nothing behind. `--yes` or `--no-input` asks nothing.",
        .options = {{"FOLDER",
                     "",
                     "Where (default: here)",
                     &arguments->folder,
                     Option::Presence::optional,
                     {},
                     Option::Completes::folders},
                    {"--plan", "NAME", "Which plan (default: rolling-upgrade)", &arguments->plan,
                     Option::Presence::optional, names_of_plans()},
                    {"--inventory",
                     "LIST=FILE",
                     "Objects of a list of the farm from a CSV file, which is copied: servers=inventory.csv",
                     &arguments->inventories,
                     Option::Presence::optional,
                     {},
                     Option::Completes::files},
                    {"--servers", "NAMES", "The servers of the farm, with commas between them", &arguments->servers},
                    {"--sites", "NAMES", "Their sites, likewise: the servers are spread over them", &arguments->sites},
                    {"--ci", "SERVICE", "Write the file with which it checks plans on every change", &arguments->ci,
                     Option::Presence::optional, ci_services()}},
        .run = [arguments](Session& session) { return init_project(session, *arguments); }};
}

}  // namespace pvsplan::cli
