#include "runtime/cli/ci_file.hpp"

#include "compiler/base/check.hpp"

namespace pvsplan::cli {
namespace {

// `pvsplan-review` (runtime/forges) does the work on each of the services. The plans of a pull request may be a
// stranger's, so a job is given no more than it wants to read them and to comment, and what GitHub fetches is pinned by
// its commit.
constexpr CiFile files[] = {
    {"github", ".github/workflows/plans.yml",
     R"(# Proves every plan on each change, and comments on pull requests what changes in what will happen. `pvsplan` has to be
# installed where it runs: on a runner of your own, or by a step before these that installs its package.
name: plans
on: [push, pull_request]
permissions:
  contents: read
  pull-requests: write # the comment
concurrency:
  group: plans-${{ github.ref }}
  cancel-in-progress: true
jobs:
  review:
    runs-on: self-hosted
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          fetch-depth: 0 # the review reads both sides
          persist-credentials: false
      - run: pvsplan-review
        env:
          GITHUB_TOKEN: ${{ github.token }}
)"},
    {"gitlab", ".gitlab-ci.yml",
     R"(# Proves every plan on each change, and says on merge requests what changes in what will happen. `pvsplan` has to be
# installed where it runs: on a runner of your own, or in an image. The thread wants a token of the project, of the role
# Developer and the scope `api`, as the masked variable PVSPLAN_TOKEN; without one the text is a file of the job.
plans:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  variables:
    GIT_DEPTH: 0 # the review reads both sides
  script:
    - pvsplan-review
  artifacts:
    when: always
    expose_as: review of plans
    paths: [pvsplan-review.md]
    reports:
      codequality: gl-code-quality-report.json
)"},
    {"azure", "azure-pipelines.yml",
     R"(# Proves every plan on each change, and says on pull requests what changes in what will happen. `pvsplan` has to be
# installed where it runs: on an agent of your own, or by a step before these that installs its package. A pull request
# runs it by a build validation, a policy of the branch; the thread wants the build service to be allowed to "Contribute
# to pull requests", and without that the text is a page of the run.
trigger:
  - "*"
pool:
  name: Default
steps:
  - checkout: self
    fetchDepth: 0 # the review reads both sides
    persistCredentials: false
  - script: pvsplan-review
    env:
      SYSTEM_ACCESSTOKEN: $(System.AccessToken)
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
