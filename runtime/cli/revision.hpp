// The files of a git revision, read from the object store of git: nothing is checked out, no filter and no hook runs,
// nothing is fetched.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/base/files.hpp"
#include "compiler/base/result.hpp"

namespace pvsplan::cli {

// It never changes once it was opened, and is used by one thread at a time (`blobs_`).
class Revision {
  public:
    // `name` as git knows it ("main", "HEAD~2"); `folder` is one in which git finds the repository. What it means is
    // decided now: a branch may move on meanwhile.
    static base::Result<std::shared_ptr<const Revision>> open(const std::string& folder, const std::string& name);

    // As people read it: a digest is cut to its first characters.
    [[nodiscard]] const std::string& name() const { return name_; }
    // The paths in it, seen from the top of the work tree.
    [[nodiscard]] std::vector<std::string> paths() const;
    [[nodiscard]] bool has(const std::string& path) const { return entries_.contains(path); }
    // The bytes of a path seen from the top. A link is followed as long as it stays in that folder ("" or "plans/"). An
    // error where there is none, or where the clone lacks it.
    [[nodiscard]] base::Result<std::string> read(std::string path, const std::string& folder) const;

  private:
    // As `git ls-tree` tells it: 120000 is a link, 160000 a submodule, whose objects are elsewhere.
    struct Entry {
        std::string mode;    // as git writes it: 100644, 120000 (a link), 160000 (a submodule)
        std::string object;  // the name of its blob
    };
    using Entries = std::map<std::string, Entry>;
    std::string folder_;
    std::string name_;
    Entries entries_;
    mutable std::map<std::string, std::string> blobs_;  // plans of a project share files: git is asked once for each
    mutable std::map<std::string, std::shared_ptr<const Revision>> submodules_;  // by path, those that were read from

    // The file, or what stands in its place in a folder above it: a link or a submodule.
    [[nodiscard]] Entries::const_iterator on_the_way(const std::string& path) const;
    [[nodiscard]] base::Result<std::string> blob(const std::string& path, const std::string& object) const;
    [[nodiscard]] base::Result<std::string> of_submodule(const std::string& submodule, const std::string& object,
                                                         const std::string& path) const;
};

// A folder of a revision as the root of a project.
class RevisionFiles final : public base::Files {
  public:
    RevisionFiles(std::shared_ptr<const Revision> revision, std::string folder)
        : revision_(std::move(revision)), folder_(std::move(folder)) {}
    [[nodiscard]] base::Result<std::string> read(std::string_view path) const override;

  private:
    std::shared_ptr<const Revision> revision_;
    std::string folder_;  // from the top, "" or "plans/"
};

struct Repository {
    std::string top;  // of the work tree, without links; where there is none the folder in which git was asked
    bool has_work_tree = true;  // false: a bare repository
};
// The repository of that folder; an error where there is none, or no git.
base::Result<Repository> repository_of(const std::string& folder);
// The last revision that both come from.
base::Result<std::string> merge_base(const std::string& folder, const std::string& one, const std::string& other);
// What git knows or would add of the work tree, from its top.
base::Result<std::vector<std::string>> paths_of_work_tree(const std::string& top);

}  // namespace pvsplan::cli
