#include "runtime/cli/ci_file.hpp"

#include "compiler/base/check.hpp"

namespace pvsplan::cli {
namespace {

constexpr CiFile files[] = {
    {"github", ".github/workflows/plans.yml",
     R"(# Checks every plan on each change. `pvsplan` has to be installed where it runs: on a runner of your own, or by a step
# before these that installs its package.
name: plans
on: [push, pull_request]
permissions:
  contents: read
jobs:
  validate:
    runs-on: self-hosted
    steps:
      - uses: actions/checkout@v4
      - run: pvsplan fmt --check *.plan.yaml farms/*.farm.yaml
      - run: pvsplan validate --format github *.plan.yaml
)"},
    {"gitlab", ".gitlab-ci.yml",
     R"(# Checks every plan on each change. `pvsplan` has to be installed where it runs: on a runner of your own, or in an image.
plans:
  script:
    - pvsplan fmt --check *.plan.yaml farms/*.farm.yaml
    - pvsplan validate *.plan.yaml
)"},
    {"azure", "azure-pipelines.yml",
     R"(# Checks every plan on each change. `pvsplan` has to be installed where it runs: on an agent of your own, or by a step
# before these that installs its package.
trigger:
  - "*"
pool:
  name: Default
steps:
  - script: pvsplan fmt --check *.plan.yaml farms/*.farm.yaml
  - script: pvsplan validate *.plan.yaml
)"},
};

}  // namespace

std::vector<std::string> ci_services() {
    std::vector<std::string> names;
    for (const CiFile& file : files) names.emplace_back(file.service);
    return names;
}

const CiFile& ci_file(std::string_view service) {
    for (const CiFile& file : files)
        if (file.service == service) return file;
    base::bug("a service is one of those that are known");
}

}  // namespace pvsplan::cli
