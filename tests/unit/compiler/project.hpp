// A project folder in memory, and what its compilation found.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/base/files.hpp"
#include "compiler/pipeline.hpp"

namespace pvsplan::test {

class Project final : public base::Files {
  public:
    Project() = default;
    Project(std::map<std::string, std::string> texts)
        : texts_(std::move(texts)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] base::Result<std::string> read(std::string_view path) const override {
        if (auto inside = base::join_path("", path); !inside) return inside;
        const auto found = texts_.find(std::string(path));
        if (found == texts_.end())
            return base::Error{"cannot read `" + std::string(path) + "`: No such file or directory"};
        return found->second;
    }
    std::string& operator[](const std::string& path) { return texts_[path]; }

  private:
    std::map<std::string, std::string> texts_;
};

using Compiled = std::shared_ptr<const compiler::Compilation>;

// `plan.yaml` of the project, with the fixes of its findings.
Compiled compiled(const Project& project, compiler::Request request = {});

// "PV2010 PV2030": the codes of the errors (of all findings), sorted, each once; empty if there are none.
std::string errors_of(const compiler::Compilation& compilation);
std::string findings_of(const compiler::Compilation& compilation);
// All findings as people read them.
std::string text_of(const compiler::Compilation& compilation);

// "a.b -> c (after)", a line each, sorted; and the ids of the nodes in their order.
std::string edges_of(const compiler::Compilation& compilation);
std::string nodes_of(const compiler::Compilation& compilation);

// A module `shop` that is small and says most of what a module can say: two kinds, four actions, two procedures.
extern const char* const shop;
// Three nodes (n1, n2, n3) and a base (main) of it.
extern const char* const shop_farm;
// A module `toy` whose actions have an `undo` of every form: one step and several, ordered or not, on another object,
// through a procedure, with conditions on what was before, on outputs and on the step itself, with loops; and wrong
// ones.
extern const char* const undo_module;
// A plan over shop and its farm: `body` begins with its parameters or steps.
Project shop_plan(const std::string& body);

}  // namespace pvsplan::test
