#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "compiler/base/counted.hpp"
#include "compiler/checks/again.hpp"
#include "compiler/choices.hpp"
#include "compiler/diff/diff.hpp"
#include "compiler/program/plan_env.hpp"
#include "compiler/syntax/parse.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/plan_input.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/revision.hpp"
#include "runtime/cli/until_exit.hpp"
#include "runtime/view/diagnostics.hpp"
#include "runtime/view/plan_diff.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

namespace fs = std::filesystem;

struct DiffArguments {
    std::vector<std::string> what;
    CompileArguments compile;
    std::string format = "text";
    bool all = false;
    bool exit_code = false;
};

// A plan as it was or is, and what was proved of it. It stays where it is: the version refers to it.
struct Side {
    program::Plan plan;
    std::shared_ptr<const compiler::Compilation> compilation;  // null: it was compiled before
    std::optional<checks::Whole> whole;                        // of a plan that was compiled before
    std::vector<checks::Decision> decisions;
    std::optional<diff::Version> version;
};

// Where the texts of one side come from: a revision, or the work tree where that is null.
using RevisionPtr = std::shared_ptr<const Revision>;

struct Ends {
    RevisionPtr before;
    RevisionPtr after;
};

// Where a plan is on each side, seen from the top; empty: it is not there.
struct Paths {
    std::string before;
    std::string after;
    friend bool operator==(const Paths&, const Paths&) = default;
};

// "rolling-upgrade" of a file that says so; else nothing.
std::string name_in(const std::string& text) {
    base::Sources sources;
    diag::Sink unseen;
    const std::optional<syntax::Document> document = syntax::parse(sources, sources.add("", text), unseen);
    const auto* plan = document ? std::get_if<syntax::PlanDocument>(&*document) : nullptr;
    return plan != nullptr ? plan->name.value : "";
}

// The places of steps and orders as findings have them: from the current folder, or in a revision.
void lead_from_here(program::Graph& graph, const base::Sources& sources, const std::string& prefix) {
    if (prefix.empty()) return;
    std::set<std::string_view> of_project;
    for (std::uint32_t i = 0; i < sources.size(); ++i)
        if (const base::FileId file(i); sources.belongs(file) == base::Belongs::to_project)
            of_project.insert(sources.path(file));
    const auto lead = [&](program::Place& place) {
        if (of_project.contains(place.file)) place.file.insert(0, prefix);
    };
    for (program::Node& node : graph.nodes) lead(node.source);
    for (program::Edge& edge : graph.edges) lead(edge.source);
}

// The graph of the plan to be compared keeps its places, so that a difference leads to a line. Requirements are as many
// as decisions, whatever kept the checks from deciding them.
std::unique_ptr<Side> side_of(const std::shared_ptr<const compiler::Compilation>& compilation,
                              const std::string& prefix) {
    auto side = std::make_unique<Side>();
    side->compilation = compilation;
    side->plan = compiler::program_to_compare(*compilation);
    lead_from_here(side->plan.graph, *compilation->sources, prefix);
    side->decisions = compilation->decisions;
    // Steps that race, say, leave every requirement undecided.
    side->decisions.resize(side->plan.requirements.size(),
                           {.verdict = checks::Verdict::undecided, .reason = "the plan has errors that come first"});
    side->version.emplace(diff::Version{.plan = side->plan,
                                        .facts = compilation->facts(),
                                        .decisions = side->decisions,
                                        .rollback = compilation->rollback ? &*compilation->rollback : nullptr,
                                        .open = compilation->open_parameters});
    return side;
}

// A compiled plan holds no verdicts that could be believed: it is proved here.
std::unique_ptr<Side> side_of(program::Plan plan) {
    auto side = std::make_unique<Side>();
    side->plan = std::move(plan);
    side->whole = checks::prove_whole(side->plan, program::PlanEnv(side->plan));
    side->decisions = side->whole->decisions;
    side->version.emplace(diff::Version{side->plan, side->whole->facts, side->decisions});
    return side;
}

// A violated requirement is a difference, which is told as one; all else that is wrong is told before.
bool is_violation(const diag::Diagnostic& found) { return found.code / 1000 == 4; }

// One call of the command: finds both sides of each plan, compares them, prints all at the end. What is wrong with one
// plan keeps no other from being compared; the last of such ends decides the exit status.
class Diff {
  public:
    Diff(Session& session, const DiffArguments& arguments) : session_(session), arguments_(arguments) {}

    // Two files go before a revision: `diff a b` compares the files a and b even where a branch has one of these names.
    Exit run() {
        const auto& what = arguments_.what;
        if (what.size() == 2 && is_file(what[0]) && is_file(what[1])) {
            std::unique_ptr<Side> before = from_file(what[0]);
            compare(what[1], std::move(before), from_file(what[1]));
        } else if (what.size() == 2 && is_file(what[0]) && !is_revision(what[0])) {
            return complain(session_, "there is no file `" + what[1] + "`", Exit::usage);
        } else if (const base::Result<std::vector<std::string>> plans = plans_of_revisions(); !plans) {
            return complain(session_, plans.error(), Exit::usage);
        } else {
            for (const Paths& plan : on_both_sides(*plans)) of_revisions(plan);
        }
        report();
        if (exit_ != Exit::done) return exit_;
        const bool is_same = std::all_of(diffs_.begin(), diffs_.end(), [](const auto& one) { return one.is_none(); });
        return arguments_.exit_code && !is_same ? Exit::wrong : Exit::done;
    }

  private:
    static bool is_file(const std::string& typed) {
        std::error_code unseen;
        return fs::is_regular_file(typed, unseen);
    }

    bool is_revision(const std::string& typed) const {
        const base::Result<Repository> repository = repository_of(session_.root);
        return repository && Revision::open(repository->top, typed.substr(0, typed.find(".."))).ok();
    }

    // ---- two files --------------------------------------------------------------------------------------------------

    std::unique_ptr<Side> from_file(const std::string& file) {
        if (is_compiled_plan(file)) {
            base::Result<program::Plan> plan = read_compiled_plan(file);
            if (!plan) return failed(complain(session_, plan.error(), Exit::stale), "`" + file + "` cannot be read");
            return side_of(std::move(*plan));
        }
        base::Result<Compiled> compiled = cli::compile(session_, file, arguments_.compile, workspaces_);
        if (!compiled)
            return failed(complain(session_, compiled.error(), Exit::usage), "`" + file + "` cannot be compiled");
        return from(*compiled, file);
    }

    // Null where there is no order. A plan with errors that has one is compared as far as it goes, and said to be wrong
    // as well.
    std::unique_ptr<Side> from(const Compiled& compiled, const std::string& name) {
        const compiler::Compilation& c = *compiled.compilation;
        diag::Sink others;
        for (const diag::Diagnostic& found : c.sink.all())
            if (found.severity == diag::Severity::error && !is_violation(found)) others.add(found);
        if (others.has_errors()) {
            view::print_diagnostics(session_.err, compiler::texts_of(c, compiled.project.prefix), others);
            const std::string why = "`" + name + "` does not compile: " + diag::count_text(others.all());
            failed(complain(session_, why, Exit::does_not_compile), why);
        }
        if (c.has_graph) return side_of(compiled.compilation, compiled.project.prefix);
        if (!others.has_errors()) {
            const std::string why = "`" + name + "` has no order that could be compared";
            failed(complain(session_, why, Exit::does_not_compile), why);
        }
        return nullptr;
    }

    // Goes with the next plan that is compared, so that a report says which one is wrong and why.
    std::unique_ptr<Side> failed(Exit exit, std::string why) {
        exit_ = exit;
        wrong_.push_back(std::move(why));
        return nullptr;
    }

    // ---- revisions --------------------------------------------------------------------------------------------------

    // Splits "main..HEAD", opens what it names, and says which plans are asked for, as seen from the top.
    base::Result<std::vector<std::string>> plans_of_revisions() {
        if (arguments_.what.empty()) return base::Error{"it takes two plans, or a revision of git"};
        base::Result<Repository> repository = repository_of(session_.root);
        if (!repository) return std::move(repository).error().because_of("`" + arguments_.what[0] + "` is no file");
        top_ = repository->top;
        if (base::Status opened = open(arguments_.what[0], repository->has_work_tree); !opened) {
            std::error_code unseen;
            if (!fs::exists(fs::symlink_status(arguments_.what[0], unseen))) return std::move(opened).error();
            return std::move(opened).error().because_of("`" + arguments_.what[0] + "` is no file");
        }
        if (arguments_.what.size() == 1) {
            base::Result<std::vector<std::string>> all = all_plans("");
            if (all && all->empty()) return base::Error{"neither side has a file `*.plan.yaml`; name the plans"};
            return all;
        }
        std::vector<std::string> plans;
        for (std::size_t i = 1; i < arguments_.what.size(); ++i) {
            base::Result<std::vector<std::string>> named = plans_named(arguments_.what[i]);
            if (!named) return std::move(named).error();
            plans.insert(plans.end(), named->begin(), named->end());
        }
        return plans;
    }

    // A file, or the plans of a folder.
    base::Result<std::vector<std::string>> plans_named(const std::string& typed) {
        base::Result<std::string> inside = path_inside({.root = top_, .prefix = ""}, typed);
        if (!inside) return std::move(inside).error();
        if (is_there(ends_.before, *inside) || is_there(ends_.after, *inside)) return std::vector<std::string>{*inside};
        while (inside->ends_with('/')) inside->pop_back();
        base::Result<std::vector<std::string>> below = all_plans(*inside == "." ? "" : *inside + "/");
        if (!below || !below->empty()) return below;
        if (Revision::open(top_, typed))
            return base::Error{"`" + typed + "` is a revision; two of them are compared as `" + arguments_.what[0] +
                               ".." + typed + "`"};
        return base::Error{"neither side has a file `" + typed + "`, or a plan below it"};
    }

    // As git reads it: an end that is left out is HEAD, and three dots begin at the merge base. Without dots the other
    // side is the work tree, with what nobody has committed.
    base::Status open(const std::string& range, bool has_work_tree) {
        const std::size_t dots = range.find("..");
        std::string before = range.substr(0, dots);
        std::string after;
        if (dots != std::string::npos) {
            const bool is_from_base = range.substr(dots).starts_with("...");
            after = range.substr(dots + (is_from_base ? 3 : 2));
            if (before.empty()) before = "HEAD";
            if (after.empty()) after = "HEAD";
            if (is_from_base) {
                base::Result<std::string> base = merge_base(top_, before, after);
                if (!base) return std::move(base).error();
                before = *base;
            }
        }
        base::Result<RevisionPtr> opened = Revision::open(top_, before);
        if (!opened) return std::move(opened).error();
        ends_.before = *opened;
        if (dots == std::string::npos && has_work_tree) return base::Done{};
        if (dots == std::string::npos)
            return base::Error{"there is no work tree here to compare `" + range + "` with; name two revisions: `" +
                               range + "..OTHER`"};
        opened = Revision::open(top_, after);
        if (!opened) return std::move(opened).error();
        ends_.after = *opened;
        return base::Done{};
    }

    [[nodiscard]] bool is_there(const RevisionPtr& in, const std::string& path) const {
        return in ? in->has(path) : is_file(top_ + "/" + path);
    }

    // Those whose paths begin so. A file that git ignores is no plan of the project.
    base::Result<std::vector<std::string>> all_plans(const std::string& beginning) {
        std::set<std::string> paths;
        for (const RevisionPtr& side : {ends_.before, ends_.after}) {
            base::Result<std::vector<std::string>> here =
                side ? base::Result<std::vector<std::string>>(side->paths()) : paths_of_work_tree(top_);
            if (!here) return std::move(here).error();
            for (std::string& path : *here)
                if (path.starts_with(beginning) && (path.ends_with(".plan.yaml") || path.ends_with(".plan.yml")))
                    if (is_there(side, path)) paths.insert(std::move(path));
        }
        return std::vector<std::string>(paths.begin(), paths.end());
    }

    // The plans that one side alone has, by the name that they say.
    using Lone = std::map<std::string, std::set<std::string>>;

    [[nodiscard]] std::string name_of(const RevisionPtr& in, const std::string& path) const {
        const base::Result<std::string> text = in ? in->read(path, "") : base::FolderFiles(top_).read(path);
        return text ? name_in(*text) : "";
    }

    // Where each plan is on both sides. A plan that is gone and a new one are the same one, moved, if they alone say
    // its name.
    [[nodiscard]] std::vector<Paths> on_both_sides(const std::vector<std::string>& asked) {
        std::vector<Paths> all;
        std::set<std::string> known(asked.begin(), asked.end());
        const auto is_lone = [&](const std::string& path) {
            return is_there(ends_.before, path) != is_there(ends_.after, path);
        };
        if (std::any_of(asked.begin(), asked.end(), is_lone))
            if (const base::Result<std::vector<std::string>> others = all_plans(""))
                known.insert(others->begin(), others->end());
        Lone gone;
        Lone added;
        for (const std::string& path : known) {
            if (!is_lone(path)) continue;
            const bool is_gone = is_there(ends_.before, path);
            (is_gone ? gone : added)[name_of(is_gone ? ends_.before : ends_.after, path)].insert(path);
        }
        std::map<std::string, std::string> moved;  // from each to the other
        for (const auto& [name, from] : gone)
            if (const auto to = added.find(name);
                !name.empty() && from.size() == 1 && to != added.end() && to->second.size() == 1) {
                moved[*from.begin()] = *to->second.begin();
                moved[*to->second.begin()] = *from.begin();
            }
        for (const std::string& path : asked) {
            const auto other = moved.find(path);
            Paths paths{is_there(ends_.before, path) ? path : "", is_there(ends_.after, path) ? path : ""};
            if (other != moved.end()) (paths.before.empty() ? paths.before : paths.after) = other->second;
            if (std::find(all.begin(), all.end(), paths) == all.end()) all.push_back(std::move(paths));
        }
        return all;
    }

    // A plan that only one of the two has is compared with nothing.
    void of_revisions(const Paths& paths) {
        std::unique_ptr<Side> before = paths.before.empty() ? nullptr : from_revision(ends_.before, paths.before);
        std::unique_ptr<Side> after = paths.after.empty() ? nullptr : from_revision(ends_.after, paths.after);
        compare(paths.after.empty() ? paths.before : paths.after, std::move(before), std::move(after));
        if (!paths.before.empty() && !paths.after.empty() && paths.before != paths.after)
            diffs_.back().was = paths.before;
    }

    // The project folder is where it is in the work tree: what a plan names lies around it in both. The prefix
    // (`main:plans/`) makes places in findings ones that `git show` takes.
    std::unique_ptr<Side> from_revision(const RevisionPtr& in, const std::string& path) {
        if (!in) return from_file(shown(path));
        const std::string root = session_.root.empty() ? fs::path(top_ + "/" + path).parent_path().string()
                                                       : fs::weakly_canonical(session_.root).string();
        std::string folder = fs::path(root).lexically_relative(top_).generic_string();
        folder = folder == "." ? "" : folder + "/";
        const Project project{.root = root, .prefix = in->name() + ":" + folder};
        base::Result<Compiled> compiled =
            cli::compile(project, top_ + "/" + path, arguments_.compile, RevisionFiles(in, folder));
        if (!compiled)
            return failed(complain(session_, compiled.error(), Exit::usage),
                          "`" + in->name() + ":" + path + "` cannot be compiled");
        return from(*compiled, in->name() + ":" + path);
    }

    // A path of the work tree, as one would type it here.
    [[nodiscard]] std::string shown(const std::string& path) const {
        std::error_code ec;
        const fs::path here = fs::current_path(ec);
        const std::string relative = fs::path(top_ + "/" + path).lexically_relative(here).generic_string();
        return relative.empty() ? top_ + "/" + path : relative;
    }

    // ---- both ways --------------------------------------------------------------------------------------------------

    // A side that is missing is a plan that was added or is gone, or one that could not be read: `wrong` tells them
    // apart.
    void compare(const std::string& name, std::unique_ptr<Side> before, std::unique_ptr<Side> after) {
        view::PlanDiff diff{
            .plan = name, .before = before ? &*before->version : nullptr, .after = after ? &*after->version : nullptr};
        diff.wrong = std::move(wrong_);
        wrong_.clear();
        if (before && after && before->compilation && after->compilation) {
            const auto choices = std::make_shared<compiler::BothChoices>(
                compiler::choices_of(*before->compilation->model, *after->compilation->model));
            before->version->choices = &choices->before;
            after->version->choices = &choices->after;
            choices_.push_back(choices);
        }
        if (before && after) diff.differences = diff::compare(*before->version, *after->version);
        if (!before && after && diff.wrong.empty()) diff.differences.requirements = diff::violations(*after->version);
        diffs_.push_back(std::move(diff));
        for (std::unique_ptr<Side>* side : {&before, &after})
            if (*side) kept_.push_back(std::move(*side));
    }

    // What could hurt comes first, else in the order of the paths. Of several plans those that are the same are only
    // counted.
    void report() {
        const view::DiffShows shows = arguments_.all ? view::DiffShows::everything : view::DiffShows::worst;
        if (arguments_.format == "json") {
            session_.out.write(view::diff_json(diffs_));
            return;
        }
        std::stable_partition(diffs_.begin(), diffs_.end(), view::could_hurt);
        std::size_t same = 0;
        bool is_first = true;
        for (const view::PlanDiff& diff : diffs_) {
            if (diff.is_none() && diffs_.size() > 1) {
                ++same;
                continue;
            }
            if (!is_first) session_.out.write("\n");
            is_first = false;
            session_.out.write(arguments_.format == "markdown" ? view::diff_markdown(diff, shows)
                                                               : view::diff_text(diff, session_.out, shows));
        }
        if (same > 0)
            session_.out.write((is_first ? "" : "\n") + base::counted(same, is_first ? "plan" : "other plan") +
                               ": nothing changes in what will happen\n");
    }

    Session& session_;
    const DiffArguments& arguments_;
    Workspaces workspaces_;
    std::string top_;
    Ends ends_;
    std::vector<std::shared_ptr<compiler::BothChoices>> choices_;
    std::vector<std::unique_ptr<Side>> kept_;  // what the differences refer to
    std::vector<view::PlanDiff> diffs_;
    std::vector<std::string> wrong_;  // of the plan that is compared now
    Exit exit_ = Exit::done;
};

}  // namespace

Command diff_command() {
    auto arguments = std::make_shared<DiffArguments>();
    Command command{
        .name = "diff",
        .summary = "Show what changes in what will happen between two versions of a plan",
        .description =
            "`diff OLD NEW` compares two plans, compiled or not. `diff REVISION [PLAN...]` compares the plans "
            "of a git revision with those here, `diff A..B` two revisions, `diff A...B` what B adds to where "
            "both come from; a PLAN may be a folder, and without one it is every `*.plan.yaml`. What could hurt comes "
            "first: "
            "requirements that are violated, gone or weaker, an undo or an approval that is lost. Nothing is run, "
            "checked out or fetched.",
        .options = {Option::file("OLD", "Two plans, or a revision and plans", &arguments->what)},
        .run = [arguments](Session& session) {
            const auto diff = std::make_shared<Diff>(session, *arguments);
            const Exit exit = diff->run();
            keep_until_exit(diff);
            return exit;
        }};
    add_compile_options(command.options, arguments->compile);
    command.options.push_back(Option::format("How to print", &arguments->format, {"text", "markdown", "json"}));
    command.options.push_back({"--all", "", "Show every difference, not only the worst", &arguments->all});
    command.options.push_back({"--exit-code", "", "Exit with 1 if anything changes", &arguments->exit_code});
    return command;
}

}  // namespace pvsplan::cli
