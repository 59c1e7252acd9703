// Diagnostics as people and machines read them. All of it is a pure function of the texts and the findings.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/diag/texts.hpp"

namespace pvsplan::diag {

enum class Colour : std::uint8_t { never, always };

struct TextOptions {
    Colour colour = Colour::never;
    std::uint32_t width = 80;  // columns; long source lines are shown in part, prose is wrapped
};

// One finding with its place in the source, related places, hints and fix; ends in an empty line.
std::string render_text(const Texts& texts, const Diagnostic& diagnostic, const TextOptions& options);

// "2 errors, 1 warning"; empty if there is nothing to count.
std::string count_text(std::span<const Diagnostic> diagnostics);

// The array `diagnostics` of the format `pvsplan.validate/1`.
std::string render_json(const Texts& texts, std::span<const Diagnostic> diagnostics);

// Workflow commands, a line each, as GitHub Actions turns into annotations of a pull request: the ten worst, and a line
// that says how much there is in all.
std::string render_github(const Texts& texts, std::span<const Diagnostic> diagnostics);

// A report of GitLab's code quality.
std::string render_gitlab(const Texts& texts, std::span<const Diagnostic> diagnostics);

// Logging commands of Azure Pipelines, a line each.
std::string render_azure(const Texts& texts, std::span<const Diagnostic> diagnostics);

// JUnit's XML: a test case a finding, of which errors fail; without any, one that passes.
std::string render_junit(const Texts& texts, std::span<const Diagnostic> diagnostics);

// What Azure's service wants to know of the build that made a log.
struct SarifBuild {
    std::string path;  // organisation/project/definition/phase/branch/build
    std::string definition_id;
    std::string definition_name;
    std::string phase_id;
    std::string phase_name;
};

// One SARIF 2.1.0 log. The version is that of pvsplan.
std::string render_sarif(const Texts& texts, std::span<const Diagnostic> diagnostics, std::string_view version,
                         const std::optional<SarifBuild>& build = std::nullopt);

// The fixes that can be applied together: one that overlaps an earlier one waits for the next time.
std::vector<const Fix*> fixes_together(const base::Sources& sources, std::span<const Diagnostic> diagnostics);

// `first`, then `second`, which changes what came of it, as one change of the texts as they are now.
Fix in_one(const base::Sources& sources, const Fix& first, const Fix& second);

// The texts with these applied, by file.
std::map<base::FileId, std::string> apply_fixes(const base::Sources& sources, std::span<const Diagnostic> diagnostics);

}  // namespace pvsplan::diag
