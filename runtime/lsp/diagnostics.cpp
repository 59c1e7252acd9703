#include "runtime/lsp/diagnostics.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/advice_codes.hpp"
#include "compiler/diag/secrecy.hpp"
#include "runtime/view/diagnostics.hpp"
#include "runtime/view/schedule_text.hpp"

#include "runtime/lsp/json_text.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;

// What could go without a loss: editors show it faded.
bool is_unnecessary(const diag::Diagnostic& finding) {
    return finding.code == compiler::unused_parameter.code || finding.code == compiler::needless_after.code;
}

// As the protocol numbers DiagnosticSeverity; what could go is a hint (4), so that no list of problems fills with it.
int severity_of(const diag::Diagnostic& finding) {
    if (is_unnecessary(finding)) return 4;
    switch (finding.severity) {
        case diag::Severity::error: return 1;
        case diag::Severity::warning: return 2;
        case diag::Severity::note: return 3;
    }
    return 1;
}

// The schedule that shows the violation that the finding tells of.
std::string schedule_of(const compiler::Compilation& c, const diag::Diagnostic& finding) {
    const checks::Witness* const witness = view::witness_of(c, finding);
    if (witness == nullptr) return "";
    std::string text;
    for (const std::string& line : view::schedule_lines(c.facts(), *witness))
        text += (text.empty() ? "a schedule that shows it: " : "; ") + line;
    return text;
}

// The schedule stands at the finding itself; labels stand where they lead, and those that lead nowhere are left out.
Json related_of(const compiler::Compilation& c, const diag::Diagnostic& finding, const Location& at, Places& places) {
    Json related = Json::array();
    if (const std::string schedule = schedule_of(c, finding); !schedule.empty())
        related.push_back({{"location", at}, {"message", schedule}});
    for (const diag::Label& label : finding.related) {
        if (label.span.is_nowhere()) continue;
        related.push_back({{"location", places.location(label.span)}, {"message", label.message}});
    }
    return related;
}

// A finding without a place is of the whole request: at the beginning of the document that was compiled.
Location location_of(const compiler::Compilation& c, const diag::Diagnostic& finding, Places& places) {
    if (!finding.span.is_nowhere()) return places.location(finding.span);
    return {places.client().uri(path_below(places.root(), c.request.plan)), {}};
}

}  // namespace

std::string finding_text(const diag::Diagnostic& finding) {
    std::string text = finding.message;
    if (const std::string others = finding.others_text(); !others.empty()) text += "\n" + others;
    for (const std::string& hint : finding.hints) text += "\nhint: " + hint;
    return text;
}

// As text, in a set: two documents that read one farm say the same of it, and it is shown once. Secrets are taken out
// before anything is put into words.
void add_findings(const compiler::Compilation& c, Places& places, Findings& findings) {
    const diag::Texts texts = compiler::texts_of(c);
    for (const diag::Diagnostic& with_secrets : c.sink.sorted()) {
        const diag::Diagnostic finding = diag::without_secrets(texts, with_secrets);
        const Location at = location_of(c, finding, places);
        Json json = {{"range", at.range},
                     {"severity", severity_of(finding)},
                     {"code", diag::code_text(finding.code)},
                     {"source", "pvsplan"},
                     {"message", finding_text(finding)}};
        if (is_unnecessary(finding)) json["tags"] = Json::array({1});
        if (Json related = related_of(c, finding, at, places); !related.empty())
            json["relatedInformation"] = std::move(related);
        findings[at.uri].insert(json_text(json));
    }
}

// The version is that of the text which was compiled, so that an editor can drop what is of an older one.
std::string published_json(const std::string& uri, std::optional<std::int64_t> version, std::string_view findings) {
    const std::string told = version ? R"(,"version":)" + std::to_string(*version) : "";
    return R"({"uri":)" + json_text(Json(uri)) + told + R"(,"diagnostics":)" + std::string(findings) + "}";
}

std::string findings_json(const std::set<std::string>& findings) {
    std::string json = "[";
    for (const std::string& finding : findings) json += (json.size() == 1 ? "" : ",") + finding;
    return json + "]";
}

}  // namespace pvsplan::lsp
