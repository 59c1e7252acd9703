#include "runtime/cli/revision.hpp"

#include <algorithm>
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
// and its configuration could name programs: fsmonitor is turned off, no protocol may be used, and what is asked for is
// plumbing that runs no filter and no hook. Its output is bounded as a file is.
base::Result<Captured> git(const std::string& folder, const std::vector<std::string>& words,
                           Errors errors = Errors::unseen) {
    std::vector<std::string> argv = {
        "git", "-C", folder, "--no-pager", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never"};
    argv.insert(argv.end(), words.begin(), words.end());
    std::vector<std::string> environment = transport::plain_environment();
    std::erase_if(environment, [](const std::string& one) {
        return one.starts_with("GIT_OPTIONAL_LOCKS=") || one.starts_with("GIT_NO_LAZY_FETCH=") ||
               one.starts_with("GIT_TERMINAL_PROMPT=") || one.starts_with("GIT_EXTERNAL_DIFF=") ||
               one.starts_with("LC_ALL=");
    });
    for (const char* one : {"GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C.UTF-8"})
        environment.emplace_back(one);
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

}  // namespace

base::Result<std::string> top_of_work_tree(const std::string& folder) {
    const std::string from = folder.empty() ? "." : folder;
    base::Result<Captured> got = git(from, {"rev-parse", "--show-toplevel"}, Errors::with_output);
    if (!got) return std::move(got).error();
    if (got->status == 0) return first_line(got->text);
    if (got->text.find("not a git repository") != std::string::npos)
        return base::Error{"`" + from + "` is in no work tree of git"};
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
    if (commit->status != 0) return base::Error{"git knows no revision `" + name + "`" + hint_if_shallow(folder)};
    base::Result<Captured> tree = git(folder, {"ls-tree", "-r", "-z", "--full-tree", first_line(commit->text)});
    if (!tree) return std::move(tree).error();
    if (tree->status != 0) return base::Error{"git cannot read the revision `" + name + "`"};
    auto revision = std::make_shared<Revision>();
    revision->folder_ = folder;
    revision->name_ = shown_name(name);
    for (const std::string& line : at_zeros(tree->text)) {  // "100644 blob OBJECT\tPATH"
        const std::size_t tab = line.find('\t');
        if (tab == std::string::npos || tab < 13) continue;
        revision->entries_[line.substr(tab + 1)] = {line.substr(0, 6), line.substr(12, tab - 12)};
    }
    return std::shared_ptr<const Revision>(std::move(revision));
}

std::vector<std::string> Revision::paths() const {
    std::vector<std::string> all;
    all.reserve(entries_.size());
    for (const auto& [path, entry] : entries_) all.push_back(path);
    return all;
}

base::Result<std::string> Revision::blob(const std::string& path, const std::string& object) const {
    if (const auto known = blobs_.find(object); known != blobs_.end()) return known->second;
    base::Result<Captured> got = git(folder_, {"cat-file", "blob", object});
    if (!got) return std::move(got).error();
    if (got->status != 0) return base::Error{"git does not have what `" + path + "` is in `" + name_ + "`"};
    return blobs_.emplace(object, std::move(got->text)).first->second;
}

// The same confinement as base::FolderFiles has: a link is text in git's store, so it is followed here, within the
// folder and a bounded number of times.
base::Result<std::string> Revision::read(std::string path, const std::string& folder) const {
    for (int links = 0; links < max_links; ++links) {
        const auto found = entries_.find(path);
        if (found == entries_.end()) return base::Error{"there is no file `" + path + "` in `" + name_ + "`"};
        base::Result<std::string> text = blob(path, found->second.object);
        if (!text || found->second.mode != "120000") return text;
        base::Result<std::string> target = base::join_path(path, *text);
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
