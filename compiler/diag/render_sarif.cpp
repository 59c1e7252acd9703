#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "compiler/diag/display.hpp"
#include "compiler/diag/explain.hpp"
#include "compiler/diag/machine_words.hpp"
#include "compiler/diag/render.hpp"
#include "compiler/diag/secrecy.hpp"

namespace pvsplan::diag {
namespace {

using Json = nlohmann::ordered_json;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// Bytes that a URI does not allow are written as %XX, those of UTF-8 too. A whole path is that of a file outside of the
// repository.
std::string uri(std::string_view path) {
    static constexpr std::string_view as_they_are = "-._~/";
    std::string result = path.starts_with('/') ? "file://" : "";
    for (const char c : path) {
        if (is_word(c) || as_they_are.find(c) != std::string_view::npos)
            result += c;
        else
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return result;
}

Json region(const Texts& texts, base::Span span) {
    const base::Position begin = texts.position(span.file, span.begin);
    const base::Position end = texts.position(span.file, span.end);
    return {{"startLine", begin.line}, {"startColumn", begin.column}, {"endLine", end.line}, {"endColumn", end.column}};
}

Json artifact(const Texts& texts, base::FileId file) { return {{"uri", uri(texts.path(file))}}; }

Json location(const Texts& texts, base::Span span) {
    return {{"physicalLocation", {{"artifactLocation", artifact(texts, span.file)}, {"region", region(texts, span)}}}};
}

// In a message of SARIF `[words](address)` is a link, which nobody here means.
std::string message_text(std::string_view text) {
    std::string shown = harmless_lines(text);
    for (std::size_t at = shown.find("]("); at != std::string::npos; at = shown.find("](", at))
        shown.insert(at + 1, " ");
    return shown;
}

Json location(const Texts& texts, const Label& label) {
    Json one = location(texts, label.span);
    one["message"] = {{"text", message_text(label.message)}};
    return one;
}

// The edits of each file stand together, as the format has it.
Json fix_of(const Texts& texts, const Fix& fix) {
    std::map<base::FileId, Json> changes;
    for (const Edit& edit : fix.edits) {
        Json& replacements = changes.emplace(edit.span.file, Json::array()).first->second;
        replacements.push_back(
            {{"deletedRegion", region(texts, edit.span)}, {"insertedContent", {{"text", edit.text}}}});
    }
    Json all = Json::array();
    for (auto& [file, replacements] : changes)
        all.push_back({{"artifactLocation", artifact(texts, file)}, {"replacements", std::move(replacements)}});
    return {{"description", {{"text", message_text(fix.title)}}}, {"artifactChanges", std::move(all)}};
}

// One thread through one flow: a schedule is a sequence, whatever it tells of.
Json flow_of(const Texts& texts, const std::vector<Label>& schedule) {
    Json moments = Json::array();
    for (const Label& moment : schedule) {
        if (moment.span.is_nowhere()) continue;
        moments.push_back({{"location", location(texts, moment)}});
    }
    return {{"message", {{"text", "a schedule that shows it"}}},
            {"threadFlows", Json::array({{{"locations", std::move(moments)}}})}};
}

Json result_of(const Texts& texts, const Diagnostic& d, Fingerprints& fingerprints) {
    // A service looks for every file in the repository, where those of the standard library are not.
    std::string text = with_hints(d);
    Json related = Json::array();
    for (const Label& label : d.related) {
        if (texts.sources().is_editable(label.span))
            related.push_back(location(texts, label));
        else
            text += "\n" + label_text(texts, label);
    }
    Json result = {{"ruleId", code_text(d.code)},
                   {"level", name_of(d.severity)},
                   {"message", {{"text", message_text(text)}}},
                   {"partialFingerprints", {{"finding/v1", fingerprints.of(texts, d)}}}};
    if (!d.span.is_nowhere()) result["locations"] = Json::array({location(texts, d.span)});
    if (!related.empty()) result["relatedLocations"] = std::move(related);
    if (!d.schedule.empty()) result["codeFlows"] = Json::array({flow_of(texts, d.schedule)});
    if (d.fix && !d.fix->edits.empty()) result["fixes"] = Json::array({fix_of(texts, *d.fix)});
    return result;
}

// "too many at one moment" as "TooManyAtOneMoment": what services show beside the code.
std::string rule_name(std::string_view title) {
    std::string name;
    bool begins = true;
    for (const char c : title) {
        if (is_word(c)) name += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        begins = !is_word(c);
    }
    return name;
}

// The text of the page between its title and its examples, in one line.
std::string page_summary(std::string_view page) {
    const std::size_t begin = std::min(page.find('\n'), page.size());
    std::string text;
    for (const char c : page.substr(begin, page.find("\n#", begin + 1) - begin)) {
        const bool is_space = c == ' ' || c == '\n';
        if (!is_space) text += c;
        if (is_space && !text.empty() && text.back() != ' ') text += ' ';
    }
    while (text.ends_with(' ')) text.pop_back();
    return text;
}

// A code without a page has its id only.
Json rule_of(const Diagnostic& d) {
    Json rule = {{"id", code_text(d.code)}};
    if (const auto page = explain_page(code_text(d.code))) {
        const std::string summary = page_summary(*page);
        rule["name"] = rule_name(page_title(*page));
        rule["shortDescription"] = {{"text", page_title(*page)}};
        rule["fullDescription"] = {{"text", summary.empty() ? std::string(page_title(*page)) : summary}};
        rule["defaultConfiguration"] = {{"level", name_of(d.severity)}};
        rule["help"] = {{"text", *page}, {"markdown", *page}};
    }
    return rule;
}

// As Azure DevOps tells the builds of one definition from those of others.
Json automation_of(const SarifBuild& build) {
    const std::string azure = "azuredevops/pipeline/build/";
    return {{"id", azure + build.path},
            {"properties",
             {{azure + "buildDefinitionId", build.definition_id},
              {azure + "buildDefinitionName", build.definition_name},
              {azure + "phaseId", build.phase_id},
              {azure + "phaseName", build.phase_name}}}};
}

}  // namespace

// Rules of the codes that were found only, in their order, so that the same findings give the same bytes.
std::string render_sarif(const Texts& texts, std::span<const Diagnostic> diagnostics, std::string_view version,
                         const std::optional<SarifBuild>& build) {
    std::map<int, Json> rules;
    Json results = Json::array();
    Fingerprints fingerprints;
    for (const Diagnostic& d : diagnostics) {
        if (!rules.contains(d.code)) rules.emplace(d.code, rule_of(d));
        results.push_back(result_of(texts, without_secrets(texts, d), fingerprints));
    }
    Json listed = Json::array();
    for (auto& [code, rule] : rules) listed.push_back(std::move(rule));
    const Json driver = {{"name", "pvsplan"},
                         {"fullName", "pvsplan " + std::string(version)},
                         {"version", version},
                         {"rules", std::move(listed)}};
    Json run = {{"tool", {{"driver", driver}}}};
    if (build) run["automationDetails"] = automation_of(*build);
    run["columnKind"] = "unicodeCodePoints";
    run["results"] = std::move(results);
    const Json log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                      {"version", "2.1.0"},
                      {"runs", Json::array({std::move(run)})}};
    // Bytes that are not UTF-8 are replaced: whatever stands in a plan, the output is JSON.
    return printed_json(log.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace pvsplan::diag
