#include "runtime/lsp/requests.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "runtime/lsp/diagnostics.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;
using Needs = Request::Needs;

const Wrong not_open{ErrorCode::invalid_params, "`textDocument.uri` names no document that is open"};

// The unit of the document that is asked about; null if it is not open.
Unit* unit_of(State& state, const Message& message) {
    const auto uri = message.text("/textDocument/uri");
    const std::string* const path = uri ? state.documents.path_of_open(*uri) : nullptr;
    return path ? state.units.find(*path) : nullptr;
}

// What all compilations say of that document.
std::string findings_of(State& state, const std::string& uri) {
    Findings findings;
    for (const auto& [path, unit] : state.units.all()) {
        if (!unit.compilation) continue;
        Places places(*unit.compilation->sources, unit.root, state.client);
        add_findings(*unit.compilation, places, findings);
    }
    return findings_json(findings[uri]);
}

Answer diagnostic(State& state, const Message& message) {
    if (!unit_of(state, message)) return not_open;
    const std::string findings = findings_of(state, *message.text("/textDocument/uri"));
    const std::string id = std::to_string(std::hash<std::string>()(findings));
    if (message.text("/previousResultId") == id) return R"({"kind":"unchanged","resultId":")" + id + R"("})";
    return R"({"kind":"full","resultId":")" + id + R"(","items":)" + findings + "}";
}

constexpr Request requests[] = {
    {"textDocument/diagnostic", Needs::compilation, diagnostic},
};

}  // namespace

const Request* request_named(std::string_view method) {
    const auto* const found = std::find_if(std::begin(requests), std::end(requests),
                                           [&](const Request& request) { return request.method == method; });
    return found == std::end(requests) ? nullptr : found;
}

std::string capabilities_json(const Client& client, std::string_view version) {
    const Json capabilities = {
        {"positionEncoding", client.encoding == Encoding::utf8 ? "utf-8" : "utf-16"},
        {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", true}}},
        {"diagnosticProvider",
         {{"identifier", "pvsplan"}, {"interFileDependencies", true}, {"workspaceDiagnostics", false}}},
    };
    return Json{{"capabilities", capabilities}, {"serverInfo", {{"name", "pvsplan"}, {"version", version}}}}.dump();
}

}  // namespace pvsplan::lsp
