#include "runtime/cli/revision.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "compiler/base/lists.hpp"
#include "runtime/cli/captured.hpp"
#include "runtime/ports/child_process.hpp"
#include "runtime/transport/child.hpp"

namespace pvsplan::cli {
namespace {

constexpr int max_links = 8;

// Runs git so that no repository can make it start a program, ask, lock, or fetch. A repository may be a stranger's,
// and its configuration could name programs: fsmonitor is turned off, and what is asked for is plumbing that runs no
// filter and no hook. That no protocol may be used is said by the environment, which no configuration can take back:
// one of `ext` is a program. Its output is bounded as a file is.
base::Result<Captured> git(const std::string& folder, const std::vector<std::string>& words,
                           Errors errors = Errors::unseen) {
    static constexpr std::array<std::string_view, 5> set = {"GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1",
                                                            "GIT_ALLOW_PROTOCOL=none", "GIT_TERMINAL_PROMPT=0",
                                                            "LC_ALL=C.UTF-8"};
    std::vector<std::string> argv = {"git", "-C", folder, "--no-pager", "-c", "core.fsmonitor=false"};
    argv.insert(argv.end(), words.begin(), words.end());
    std::vector<std::string> environment = transport::plain_environment();
    std::erase_if(environment, [](const std::string& one) {
        return std::any_of(set.begin(), set.end(), [&](std::string_view other) {
            return one.starts_with(other.substr(0, other.find('=') + 1));
        });
    });
    environment.insert(environment.end(), set.begin(), set.end());
    if (ports::find_program("git").empty()) return base::Error{"there is no `git` in PATH"};
    return captured(
        argv, std::move(environment),
        {.max_bytes = base::Files::max_bytes, .too_much = "git prints more than is read of a file", .errors = errors});
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// `-z` of git: names may hold anything but a zero byte.
std::vector<std::string> at_zeros(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\0', at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

// A digest as short as people write it, since it stands before each place in the revision.
std::string shown_name(const std::string& name) {
    const bool is_digest = name.size() >= 40 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_digest ? name.substr(0, 12) : name;
}

// What git says comes in several lines; a cause has one.
std::string in_one_line(const std::string& text) {
    std::string all;
    std::istringstream words(text);
    for (std::string word; words >> word;) base::append(all, " ", word);
    return all;
}

// What CI fetches by itself is often the last commit alone.
std::string hint_if_shallow(const std::string& folder) {
    const base::Result<Captured> got = git(folder, {"rev-parse", "--is-shallow-repository"});
    const bool is_shallow = got && got->status == 0 && first_line(got->text) == "true";
    return is_shallow ? "; this clone is shallow: `git fetch --unshallow` fetches the rest" : "";
}

// Nothing is fetched, so a partial clone may lack what is asked for.
std::string hint_if_partial(const std::string& folder) {
    const base::Result<Captured> got = git(folder, {"config", "--get-regexp", R"(^remote\..*\.promisor$)", "^true$"});
    const bool is_partial = got && got->status == 0;
    return is_partial ? "; this clone is partial: `git fetch --refetch --no-filter` fetches the rest" : "";
}

// Why a revision was not found: nothing was committed yet, or the history was not fetched whole.
std::string hint_if_empty(const std::string& folder) {
    const base::Result<Captured> got = git(folder, {"rev-list", "--max-count=1", "--all"});
    return got && got->status == 0 && got->text.empty() ? ": it has no commits yet" : hint_if_shallow(folder);
}

}  // namespace

base::Result<Repository> repository_of(const std::string& folder) {
    std::error_code failed;
    // A bare repository has no work tree: there `--root` is a folder in its revisions.
    const std::string from = std::filesystem::is_directory(folder, failed) ? folder : ".";
    base::Result<Captured> got = git(from, {"rev-parse", "--show-toplevel"}, Errors::with_output);
    if (!got) return std::move(got).error();
    if (got->status == 0) return Repository{.top = got->text.substr(0, got->text.size() - 1)};
    if (got->text.find("must be run in a work tree") != std::string::npos)
        return Repository{.top = std::filesystem::canonical(from, failed).string(), .has_work_tree = false};
    if (got->text.find("not a git repository") != std::string::npos)
        return base::Error{"`" + from + "` is in no repository of git"};
    // As for a folder of another account, of which git says what lets it in.
    return base::Error{"git refuses `" + from + "`", {in_one_line(got->text)}};
}

// `--end-of-options`: a name that begins with a dash is a name.
base::Result<std::string> merge_base(const std::string& folder, const std::string& one, const std::string& other) {
    base::Result<Captured> got = git(folder, {"merge-base", "--end-of-options", one, other});
    if (!got) return std::move(got).error();
    if (got->status != 0)
        return base::Error{"git knows no revision that `" + one + "` and `" + other + "` come from" +
                           hint_if_shallow(folder)};
    return first_line(got->text);
}

// Also files that are not committed yet, but none that git ignores.
base::Result<std::vector<std::string>> paths_of_work_tree(const std::string& top) {
    base::Result<Captured> got = git(top, {"ls-files", "-z", "--cached", "--others", "--exclude-standard"});
    if (!got) return std::move(got).error();
    if (got->status != 0) return base::Error{"git cannot list the files of `" + top + "`"};
    return at_zeros(got->text);
}

// Resolved to a commit once: a branch that moves meanwhile does not mix two versions.
base::Result<std::shared_ptr<const Revision>> Revision::open(const std::string& folder, const std::string& name) {
    base::Result<Captured> commit =
        git(folder, {"rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"});
    if (!commit) return std::move(commit).error();
    if (commit->status != 0) return base::Error{"git knows no revision `" + name + "`" + hint_if_empty(folder)};
    base::Result<Captured> tree = git(folder, {"ls-tree", "-r", "-z", "--full-tree", first_line(commit->text)});
    if (!tree) return std::move(tree).error();
    if (tree->status != 0) return base::Error{"git cannot read the revision `" + name + "`"};
    auto revision = std::make_shared<Revision>();
    revision->folder_ = folder;
    revision->name_ = shown_name(name);
    for (const std::string& line : at_zeros(tree->text)) {  // "100644 blob OBJECT\tPATH"
        const std::size_t tab = line.find('\t');
        const std::size_t object = line.rfind(' ', tab) + 1;
        if (tab == std::string::npos || object < 8) continue;
        revision->entries_[line.substr(tab + 1)] = {line.substr(0, 6), line.substr(object, tab - object)};
    }
    return std::shared_ptr<const Revision>(std::move(revision));
}

std::vector<std::string> Revision::paths() const {
    std::vector<std::string> all;
    all.reserve(entries_.size());
    for (const auto& [path, entry] : entries_) all.push_back(path);
    return all;
}

// Each is read once: plans of one project share their modules.
base::Result<std::string> Revision::blob(const std::string& path, const std::string& object) const {
    if (const auto known = blobs_.find(object); known != blobs_.end()) return known->second;
    base::Result<Captured> got = git(folder_, {"cat-file", "blob", object});
    if (!got) return std::move(got).error();
    if (got->status != 0)
        return base::Error{"git does not have what `" + path + "` is in `" + name_ + "`" + hint_if_partial(folder_)};
    return blobs_.emplace(object, std::move(got->text)).first->second;
}

// A link or a submodule on the way to the file, which then is not in the revision; else the file.
Revision::Entries::const_iterator Revision::on_the_way(const std::string& path) const {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (const auto found = entries_.find(path.substr(0, slash)); found != entries_.end()) return found;
    return entries_.find(path);
}

base::Result<std::string> Revision::of_submodule(const std::string& submodule, const std::string& object,
                                                 const std::string& path) const {
    std::shared_ptr<const Revision>& revision = submodules_[submodule];
    if (!revision)
        if (base::Result<std::shared_ptr<const Revision>> opened = open(folder_ + "/" + submodule, object))
            revision = *opened;
    if (revision) return revision->read(path, "");
    return base::Error{"`" + submodule + "` is a submodule of git, whose revision " + object.substr(0, 12) +
                       " is not here; `git submodule update --init` fetches it"};
}

// The same confinement as base::FolderFiles has: a link is text in git's store, so it is followed here, within the
// folder and a bounded number of times.
base::Result<std::string> Revision::read(std::string path, const std::string& folder) const {
    for (int links = 0; links < max_links; ++links) {
        const auto found = on_the_way(path);
        if (found == entries_.end()) return base::Error{"there is no file `" + path + "` in `" + name_ + "`"};
        const auto& [at, entry] = *found;
        const std::string below = path.substr(std::min(at.size() + 1, path.size()));
        if (entry.mode == "160000") return of_submodule(at, entry.object, below);
        base::Result<std::string> text = blob(at, entry.object);
        if (!text || entry.mode != "120000") return text;
        base::Result<std::string> target = base::join_path(at, below.empty() ? *text : *text + "/" + below);
        if (!target) return std::move(target).error();
        if (!target->starts_with(folder))
            return base::Error{"`" + path + "` is a link that leads out of the project folder"};
        path = *target;
    }
    return base::Error{"`" + path + "` is a link to a link, and so on"};
}

base::Result<std::string> RevisionFiles::read(std::string_view path) const {
    base::Result<std::string> inside = base::join_path("", path);
    if (!inside) return inside;
    return revision_->read(folder_ + *inside, folder_);
}

}  // namespace pvsplan::cli
