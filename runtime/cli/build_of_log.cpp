#include "runtime/cli/build_of_log.hpp"

#include <cstdlib>

#include "compiler/base/lists.hpp"

namespace pvsplan::cli {
namespace {

// "contoso" of "https://dev.azure.com/contoso/".
std::string organisation(std::string uri) {
    while (uri.ends_with('/')) uri.pop_back();
    return uri.substr(uri.rfind('/') + 1);
}

}  // namespace

std::string variable_of_process(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

// Two spellings of the flag: agents set `True`, and documents of Azure Pipelines write `true`. A variable that is not
// set counts as one that nobody told, so that a path always has its six parts.
std::optional<diag::SarifBuild> build_of_log(const Variable& variable) {
    if (variable("GITHUB_ACTIONS") == "true") return std::nullopt;
    const bool is_build = variable("TF_BUILD") == "True" || variable("TF_BUILD") == "true";
    const auto told = [&](const std::string& name, const std::string& otherwise) {
        const std::string value = is_build ? variable(name) : "";
        return value.empty() ? otherwise : value;
    };
    diag::SarifBuild build{.definition_id = told("SYSTEM_DEFINITIONID", "-1"),
                           .definition_name = told("BUILD_DEFINITIONNAME", "none"),
                           .phase_id = told("SYSTEM_PHASEID", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
                           .phase_name = told("SYSTEM_PHASENAME", "none")};
    for (const std::string& part :
         {organisation(told("SYSTEM_COLLECTIONURI", "none")), told("SYSTEM_TEAMPROJECTID", "none"), build.definition_id,
          build.phase_id, told("BUILD_SOURCEBRANCH", "none"), told("BUILD_BUILDID", "none")})
        base::append(build.path, "/", part);
    return build;
}

}  // namespace pvsplan::cli
