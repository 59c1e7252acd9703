// The farm of a new project: one that is shipped, with other objects in the place of its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"

namespace pvsplan::cli {

// "a, b ,c" by its parts, without blanks around them; an error where one is empty, there twice, or holds a control
// character.
base::Result<std::vector<std::string>> parts_of_list(const std::string& option, const std::string& text);

// The farm with `{csv: NAME}` in the place of the objects of a list. Nothing if it has no such list. `name` is written
// as it is: a plain file name without blanks.
std::optional<std::string> with_csv(const std::string& farm, std::string_view list, const std::string& name);

// The farm with servers of these names, reached by their names, spread over these sites in turn; of what is empty it
// keeps its own. Each site has a target device. Names that YAML would read as something else are quoted.
std::string with_servers(const std::string& farm, const std::vector<std::string>& servers,
                         const std::vector<std::string>& sites);

}  // namespace pvsplan::cli
