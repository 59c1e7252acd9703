// Where a name was defined, where it is used, and another name for it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "compiler/compilation.hpp"
#include "runtime/lsp/at.hpp"

namespace pvsplan::lsp {

// "null", or a Location.
std::string definition_json(const At& at);

// A compilation of the project, whose other documents may use a name, too. `compilation` may be without a model or
// without uses: then it has none.
struct InProject {
    std::string root;  // the folder of its project
    std::shared_ptr<const compiler::Compilation> compilation;
};

enum class Declaration : std::uint8_t { is_told, is_left_out };
// A list of Locations, over all documents of the project. Places in files that the editor cannot open are left out.
std::string references_json(const At& at, const std::vector<InProject>& project, Declaration declaration);
// Places in the file itself, for an editor that marks them.
std::string highlights_json(const At& at);

// The range of the name and the name; "null": it cannot be changed; or that only renaming() can tell.
std::string prepare_rename_json(const At& at);
// Where the name has to be replaced, by URI; or why it cannot be called so.
using Renaming = std::map<std::string, std::vector<Range>>;
// Nothing is written: the editor makes the change.
base::Result<Renaming> renaming(const At& at, const std::vector<InProject>& project, const std::string& name);
// As the change of a workspace.
std::string renaming_json(const Renaming& renaming, const std::string& name);

}  // namespace pvsplan::lsp
