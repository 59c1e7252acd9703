#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "compiler/diag/display.hpp"
#include "compiler/diag/machine_words.hpp"
#include "compiler/diag/render.hpp"
#include "compiler/diag/secrecy.hpp"

namespace pvsplan::diag {
namespace {

using Json = nlohmann::ordered_json;

// Bytes that are not UTF-8 are replaced: whatever stands in a plan, the output is JSON.
std::string dump(const Json& json) { return printed_json(json.dump(2, ' ', false, Json::error_handler_t::replace)); }

// GitHub shows ten of a kind and leaves the others out in silence.
constexpr std::size_t max_annotations = 10;

Json position(base::Position at) { return {{"line", at.line}, {"column", at.column}}; }

Json range(const Texts& texts, base::Span span) {
    return {{"start", position(texts.position(span.file, span.begin))},
            {"end", position(texts.position(span.file, span.end))}};
}

void place(Json& into, const Texts& texts, base::Span span) {
    if (span.is_nowhere()) return;
    into["file"] = std::string(texts.path(span.file));
    into["range"] = range(texts, span);
}

// `hints`, `others`, `label` and `fix` are there only where there are any; `related` is always a list.
Json of(const Texts& texts, const Diagnostic& d) {
    Json result = {{"code", code_text(d.code)}, {"severity", name_of(d.severity)}, {"message", d.message}};
    place(result, texts, d.span);
    if (!d.label_text.empty()) result["label"] = d.label_text;
    result["related"] = Json::array();
    for (const Label& label : d.related) {
        Json one = {{"message", label.message}};
        place(one, texts, label.span);
        result["related"].push_back(std::move(one));
    }
    if (d.other_count > 0) result["others"] = {{"count", d.other_count}, {"examples", d.others}};
    if (!d.hints.empty()) result["hints"] = d.hints;
    if (d.fix) {
        Json edits = Json::array();
        for (const Edit& edit : d.fix->edits) {
            Json one = Json::object();
            place(one, texts, edit.span);
            one["text"] = edit.text;
            edits.push_back(std::move(one));
        }
        result["fix"] = {{"title", d.fix->title}, {"edits", std::move(edits)}};
    }
    return result;
}

using Escapes = std::initializer_list<std::pair<char, std::string_view>>;

// Characters that steer a terminal are replaced as well: people read the log of a workflow there.
std::string escaped(std::string_view text, Escapes escapes) {
    std::string result;
    for (const Cell& cell : cells(text)) {
        const char first = text[cell.offset];
        const auto* const found =
            std::find_if(escapes.begin(), escapes.end(), [&](const auto& escape) { return escape.first == first; });
        result += found == escapes.end() ? std::string_view(cell.text) : found->second;
    }
    return result;
}

std::string github_property(std::string_view text) {
    return escaped(text, {{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}, {':', "%3A"}, {',', "%2C"}});
}
std::string github_message(std::string_view text) {
    return escaped(text, {{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}});
}

// Azure Pipelines have an escape for `%` of their own.
std::string azure_property(std::string_view text) {
    return escaped(text, {{'%', "%AZP25"}, {'\r', "%0D"}, {'\n', "%0A"}, {';', "%3B"}, {']', "%5D"}});
}
std::string azure_message(std::string_view text) {
    return escaped(text, {{'%', "%AZP25"}, {'\r', "%0D"}, {'\n', "%0A"}});
}

std::string xml_text(std::string_view text) {
    return escaped(text, {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\n', "&#10;"}});
}

// All that is said of a finding. An annotation has one place and no steps: where else to look, and the schedule that
// shows it, are said in words.
std::string whole_text(const Texts& texts, const Diagnostic& d) {
    std::string text = with_hints(d);
    for (const Label& label : d.related) text += "\n" + label_text(texts, label);
    if (!d.schedule.empty()) text += "\na schedule that shows it:";
    for (const Label& moment : d.schedule) text += "\n  " + moment.message;
    return text;
}

}  // namespace

std::string render_json(const Texts& texts, std::span<const Diagnostic> diagnostics) {
    Json all = Json::array();
    for (const Diagnostic& d : diagnostics) all.push_back(of(texts, without_secrets(texts, d)));
    return dump(all);
}

// The worst come first, as the rest is cut off. Columns are said only of a place within one line: GitHub shows no
// others.
std::string render_github(const Texts& texts, std::span<const Diagnostic> diagnostics) {
    std::string out;
    std::vector<Diagnostic> worst(diagnostics.begin(), diagnostics.end());
    std::stable_sort(worst.begin(), worst.end(), [](const auto& a, const auto& b) { return a.severity < b.severity; });
    const std::size_t told = std::min(worst.size(), max_annotations);
    for (std::size_t i = 0; i < told; ++i) {
        const Diagnostic d = without_secrets(texts, worst[i]);
        out += d.severity == Severity::note ? "::notice " : "::" + std::string(name_of(d.severity)) + " ";
        if (!d.span.is_nowhere()) {
            const base::Position begin = texts.position(d.span.file, d.span.begin);
            const base::Position end = texts.position(d.span.file, d.span.end);
            out += "file=" + github_property(texts.path(d.span.file)) + ",line=" + std::to_string(begin.line) +
                   ",endLine=" + std::to_string(end.line);
            if (begin.line == end.line)
                out += ",col=" + std::to_string(begin.column) + ",endColumn=" + std::to_string(end.column);
            out += ",";
        }
        out += "title=" + code_text(d.code) + "::" + github_message(whole_text(texts, d)) + "\n";
    }
    if (told < worst.size())
        out += "::notice title=pvsplan::" + std::to_string(worst.size()) + " findings in all; the " +
               std::to_string(told) + " worst are shown\n";
    return out;
}

// A location is required there: what has no place stands at line 1 of no file.
std::string render_gitlab(const Texts& texts, std::span<const Diagnostic> diagnostics) {
    Json all = Json::array();
    Fingerprints fingerprints;
    for (const Diagnostic& found : diagnostics) {
        const Diagnostic d = without_secrets(texts, found);
        const bool is_placed = !d.span.is_nowhere();
        const std::uint32_t line = is_placed ? texts.position(d.span.file, d.span.begin).line : 1;
        all.push_back(
            {{"description", code_text(d.code) + ": " + harmless_lines(whole_text(texts, d))},
             {"check_name", code_text(d.code)},
             {"fingerprint", fingerprints.of(texts, d)},
             {"severity", d.severity == Severity::error     ? "critical"
                          : d.severity == Severity::warning ? "minor"
                                                            : "info"},
             {"location",
              {{"path", is_placed ? std::string(texts.path(d.span.file)) : ""}, {"lines", {{"begin", line}}}}}});
    }
    return dump(all) + "\n";
}

std::string render_azure(const Texts& texts, std::span<const Diagnostic> diagnostics) {
    std::string out;
    for (const Diagnostic& found : diagnostics) {
        const Diagnostic d = without_secrets(texts, found);
        // A log knows errors and warnings alone.
        out += std::string("##vso[task.logissue type=") + (d.severity == Severity::error ? "error" : "warning");
        if (!d.span.is_nowhere()) {
            const base::Position begin = texts.position(d.span.file, d.span.begin);
            out += ";sourcepath=" + azure_property(texts.path(d.span.file)) +
                   ";linenumber=" + std::to_string(begin.line) + ";columnnumber=" + std::to_string(begin.column);
        }
        out += ";code=" + code_text(d.code) + "]" + azure_message(whole_text(texts, d)) + "\n";
    }
    return out;
}

// Each finding is a test case, and a plan without one has a case that passes: a suite without a case says nothing.
std::string render_junit(const Texts& texts, std::span<const Diagnostic> diagnostics) {
    const auto is_error = [](const Diagnostic& d) { return d.severity == Severity::error; };
    const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(), is_error);
    const std::size_t cases = std::max<std::size_t>(diagnostics.size(), 1);
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"pvsplan\" tests=\"" +
        std::to_string(cases) + "\" failures=\"" + std::to_string(errors) + "\">\n";
    if (diagnostics.empty()) out += "    <testcase classname=\"pvsplan\" name=\"nothing was found\"/>\n";
    for (const Diagnostic& found : diagnostics) {
        const Diagnostic d = without_secrets(texts, found);
        const std::string file = d.span.is_nowhere() ? "pvsplan" : std::string(texts.path(d.span.file));
        const std::string line =
            d.span.is_nowhere() ? "" : ":" + std::to_string(texts.position(d.span.file, d.span.begin).line);
        out += "    <testcase classname=\"" + xml_text(file) + "\" name=\"" + code_text(d.code) + ": " +
               xml_text(d.message) + "\">\n";
        const std::string text = xml_text(file + line + ": " + whole_text(texts, d));
        // A warning fails nobody's build.
        out += is_error(d) ? "      <failure type=\"" + code_text(d.code) + "\">" + text + "</failure>\n"
                           : "      <system-out>" + text + "</system-out>\n";
        out += "    </testcase>\n";
    }
    return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace pvsplan::diag
