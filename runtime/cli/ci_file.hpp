// What makes a service for repositories check the plans of a project on every change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::cli {

// "github", "gitlab", "azure". In the order in which they are offered.
std::vector<std::string> ci_services();

struct CiFile {
    std::string_view service;
    std::string_view path;  // in the folder of the repository
    std::string_view text;
};
// It is a bug to ask for another one.
const CiFile& ci_file(std::string_view service);

}  // namespace pvsplan::cli
