// What is compiled for the editor: each document that is open, by itself. Its newest compilation that was made of the
// texts as they are, or that it has to be made again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/pipeline.hpp"
#include "runtime/lsp/inbox.hpp"
#include "runtime/lsp/overlay.hpp"

namespace pvsplan::lsp {

// `compilation`, `was_read`, `compiled` and `repaired` change together, on the thread that answers.
struct Unit {
    std::string root;                                          // the folder of its project
    std::string path;                                          // below it
    std::shared_ptr<const compiler::Compilation> compilation;  // null: none was made yet
    WasRead was_read;                                          // what that compilation has read, and how it was
    std::uint64_t texts = 0;     // when something of what it reads has changed last, as Units count
    std::uint64_t compiled = 0;  // that of the texts that the compilation is of
    // The newest one that knows kinds, and objects where one did: for completion while the text cannot be read.
    std::shared_ptr<const compiler::Compilation> known;
    std::shared_ptr<const compiler::Compilation> repaired;  // the compilation with proved fixes, once somebody asked
    bool is_advised = false;                                // the compilation has what advice there is

    [[nodiscard]] bool is_current() const { return compiled == texts; }
};

// Whether a compilation says more than it did before.
enum class HasAdvice : std::uint8_t { no, yes };

// Used by the thread that answers. One thing is under way at a time on the worker's, and what is more urgent stops what
// is less; its result comes back through the inbox.
class Units {
  public:
    explicit Units(Inbox& inbox) : worker_(inbox) {}

    // The folders of projects, absolute and without links; a file that is in none of them has its own folder.
    void set_roots(std::vector<std::string> roots) { roots_ = std::move(roots); }
    [[nodiscard]] const std::vector<std::string>& roots() const { return roots_; }
    [[nodiscard]] std::string root_of(const std::string& path) const;

    // Nothing is compiled yet: compile_next() finds it, for it is not current.
    Unit& open(const std::string& path);
    void close(const std::string& path) { units_.erase(path); }
    // `path` is absolute. Null: it is not open.
    [[nodiscard]] Unit* find(const std::string& path);
    [[nodiscard]] std::map<std::string, Unit>& all() { return units_; }

    // The text of that file has changed, or is another one.
    void changed(const std::string& path);
    // Whether files that are not open have changed on disk: those that the unit at `path` has read, or all.
    bool look_at_disk(const OpenTexts& open, const std::string* path);

    // Whether every compilation is of the texts as they are now.
    [[nodiscard]] bool are_current() const;
    // Compiles the next one that is not current, unless another one is under way. `then` comes when one has ended.
    void compile_next(const OpenTexts& open, const Then& then);
    // The compilation of a unit that is current with a fix at each finding that has one which is proved, and with what
    // may have been meant, tried as well.
    void repair(const std::string& path, const OpenTexts& open, const Then& then);
    // Adds advice to the compilation of one unit that has none yet. Whatever else is wanted stops it. `then` is told
    // whether there was any.
    void advise_next(const std::function<void(HasAdvice)>& then);
    [[nodiscard]] bool are_advised() const;
    [[nodiscard]] bool is_busy() const { return doing_ != Doing::nothing; }
    // A compilation once, of a file that is not open: for who asks about all of a project.
    std::shared_ptr<const compiler::Compilation> compile_once(const std::string& path, const OpenTexts& open);

  private:
    enum class Doing : std::uint8_t { nothing, advising, repairing, compiling };  // the more urgent the later

    compiler::Workspace& workspace(const std::string& root);
    // Whether nothing is under way. What is less urgent is asked to stop, and comes to its `then` soon.
    bool is_free_for(Doing next);

    std::vector<std::string> roots_;
    std::map<std::string, Unit> units_;  // by path
    std::map<std::string, std::unique_ptr<compiler::Workspace>> workspaces_;
    std::uint64_t changes_ = 0;     // counts every change, so that two texts never have one number
    std::string last_changed_;      // compiled before others
    std::string under_way_;         // the path of what is compiled or repaired
    Doing doing_ = Doing::nothing;  // what the worker has been given
    Worker worker_;                 // last: its thread ends before what it works with goes
};

}  // namespace pvsplan::lsp
