// The files of a project, for who looks for one that is not open.
#pragma once

#include <string>
#include <vector>

namespace pvsplan::lsp {

struct ProjectFile {
    std::string path;       // below the folder
    std::string first_key;  // of a YAML file: plan, farm, module, policy, or anything else; empty: none
};

// At most so many, ascending by path; what is hidden, and what lies behind a link to a folder, is left out.
inline constexpr std::size_t max_project_files = 2000;
// Read from the disk at each call; what cannot be read is passed over.
std::vector<ProjectFile> project_files(const std::string& folder);

}  // namespace pvsplan::lsp
