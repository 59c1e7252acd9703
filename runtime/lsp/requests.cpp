#include "runtime/lsp/requests.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "compiler/base/files.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/resolve/library.hpp"
#include "runtime/lsp/code_actions.hpp"
#include "runtime/lsp/completion.hpp"
#include "runtime/lsp/cursor.hpp"
#include "runtime/lsp/descriptions.hpp"
#include "runtime/lsp/diagnostics.hpp"
#include "runtime/lsp/hints.hpp"
#include "runtime/lsp/hover.hpp"
#include "runtime/lsp/json_text.hpp"
#include "runtime/lsp/outline.hpp"
#include "runtime/lsp/project_files.hpp"
#include "runtime/lsp/references.hpp"
#include "runtime/lsp/structure.hpp"
#include "runtime/lsp/tokens.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;
using Needs = Request::Needs;

const Wrong not_open{ErrorCode::invalid_params, "`textDocument.uri` names no document that is open"};

const Wrong no_position{ErrorCode::invalid_params, "`position` is no place in a text"};

// The unit of the document that is asked about; null if it is not open.
Unit* unit_of(State& state, const Message& message) {
    const auto uri = message.text("/textDocument/uri");
    const std::string* const path = uri ? state.documents.path_of_open(*uri) : nullptr;
    return path ? state.units.find(*path) : nullptr;
}

// An editor that has these findings already is told so by the hash of their text, and keeps its list.
Answer diagnostic(State& state, const Message& message) {
    if (!unit_of(state, message)) return not_open;
    const std::string findings = findings_json(state.findings()[*message.text("/textDocument/uri")]);
    const std::string id = std::to_string(std::hash<std::string>()(findings));
    if (message.text("/previousResultId") == id) return R"({"kind":"unchanged","resultId":")" + id + R"("})";
    return R"({"kind":"full","resultId":")" + id + R"(","items":)" + findings + "}";
}

// Where in the text of a document something is asked; its text has to outlive `lines`.
struct InText {
    std::shared_ptr<const std::string> text;
    std::unique_ptr<Lines> lines;
    Unit* unit = nullptr;
};
// A text that became too large is asked about as if it were empty.
std::optional<InText> in_text(State& state, const Message& message) {
    InText in;
    const auto uri = message.text("/textDocument/uri");
    Document* const document = uri ? state.documents.find(*uri) : nullptr;
    in.unit = unit_of(state, message);
    if (!document || !in.unit) return std::nullopt;
    in.text = document->snapshot();
    if (!in.text) in.text = std::make_shared<const std::string>();
    in.lines = std::make_unique<Lines>(*in.text, state.client.encoding);
    return in;
}

// From the newest compilation that knows kinds: what is being typed mostly does not compile.
Answer completion(State& state, const Message& message) {
    const auto position = message.position("/position");
    const auto in = in_text(state, message);
    if (!in) return not_open;
    if (!position) return no_position;
    const Unit& unit = *in->unit;
    return completion_json({.lines = *in->lines,
                            .offset = in->lines->offset(*position),
                            .root = unit.root,
                            .path = unit.path,
                            .known = unit.known ? unit.known.get() : unit.compilation.get()});
}

// The document that is asked about, as its compilation has read it. None where another text was compiled than the one
// that is asked about, as when it cannot be read at all.
std::optional<base::FileId> file_of(const Unit& unit) {
    const compiler::Compilation& c = *unit.compilation;
    const auto file = std::find_if(c.files.begin(), c.files.end(), [&](base::FileId one) {
        return c.sources->path(one) == unit.path && c.sources->belongs(one) == base::Belongs::to_project;
    });
    if (file == c.files.end()) return std::nullopt;
    return *file;
}

// `needs` of its row has seen to it that the compilation is of the text as it is, so that positions mean the same in
// both.
Answer at_position(State& state, const Message& message, std::string (*answer)(const At&)) {
    const auto position = message.position("/position");
    const Unit* const unit = unit_of(state, message);
    if (!unit) return not_open;
    if (!position) return no_position;
    const auto file = unit->compilation ? file_of(*unit) : std::nullopt;
    if (!file) return "null";
    Places places(*unit->compilation->sources, unit->root, state.client);
    return answer({*unit->compilation, places, *file, places.lines(*file).offset(*position)});
}

Answer hover(State& state, const Message& message) { return at_position(state, message, hover_json); }
Answer definition(State& state, const Message& message) { return at_position(state, message, definition_json); }
Answer highlights(State& state, const Message& message) { return at_position(state, message, highlights_json); }
Answer prepare_rename(State& state, const Message& message) { return at_position(state, message, prepare_rename_json); }

// The name at a position: between the dots around it, or of a path the last part.
std::string name_at(const Lines& lines, std::uint32_t offset) {
    const Cursor cursor = cursor_at(lines, offset);
    const std::string word(lines.text().substr(cursor.begin, cursor.end - cursor.begin));
    if (word.find('/') != std::string::npos) return word.substr(word.find_last_of("./") + 1);
    const std::size_t end = word.find('.', offset - cursor.begin);
    const std::size_t dot = offset > cursor.begin ? word.rfind('.', offset - cursor.begin - 1) : std::string::npos;
    const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
    return word.substr(begin, end == std::string::npos ? end : end - begin);
}

// What a name may be used in: all that is open, and what else is a document of the same project and has it in its text.
// Bounded: each further document is a compilation, while the editor waits for the answer. A document that does not hold
// the name in its text cannot use it.
std::vector<InProject> project_of(State& state, const Unit& asked, const std::string& name) {
    static constexpr std::size_t max_documents = 100;
    std::vector<InProject> project = {{asked.root, asked.compilation}};
    for (const auto& [path, unit] : state.units.all())
        if (&unit != &asked && unit.compilation) project.push_back({unit.root, unit.compilation});
    if (name.empty()) return project;  // every text has that
    const OpenTexts open = state.documents.texts();
    const OverlayFiles files(asked.root, open);
    for (const ProjectFile& file : project_files(asked.root)) {
        const std::string path = path_below(asked.root, file.path);
        const bool is_document = file.first_key == "plan" || file.first_key == "farm" || file.first_key == "module" ||
                                 file.first_key == "policy";
        if (!is_document || state.units.find(path) || project.size() > max_documents) continue;
        if (const auto text = files.read(file.path); !text || text->find(name) == std::string::npos) continue;
        project.push_back({asked.root, state.units.compile_once(path, open)});
    }
    return project;
}

// The name at the place decides which other documents are compiled at all.
Answer references(State& state, const Message& message) {
    const Unit* const unit = unit_of(state, message);
    if (!unit || !unit->compilation) return not_open;
    const auto position = message.position("/position");
    const auto file = file_of(*unit);
    if (!position) return no_position;
    if (!file) return "[]";
    Places places(*unit->compilation->sources, unit->root, state.client);
    const At at{*unit->compilation, places, *file, places.lines(*file).offset(*position)};
    const auto project = project_of(state, *unit, name_at(places.lines(*file), at.offset));
    const bool is_told = message.flag("/context/includeDeclaration").value_or(true);
    return references_json(at, project, is_told ? Declaration::is_told : Declaration::is_left_out);
}

// The texts as they would be. Changes from the end to the beginning, so that places that come before stay where they
// are.
OpenTexts renamed_texts(State& state, const Renaming& renaming, const std::string& name) {
    OpenTexts texts = state.documents.texts();
    for (const auto& [uri, ranges] : renaming) {
        const std::string path = Documents::path_of(uri);
        const auto open = texts.find(path);
        const std::filesystem::path file(path);
        const base::FolderFiles files(file.parent_path().string());
        const auto text = open != texts.end() && open->second ? base::Result<std::string>(*open->second)
                                                              : files.read(file.filename().string());
        if (!text) continue;
        const Lines lines(*text, state.client.encoding);
        std::set<std::pair<std::uint32_t, std::uint32_t>> spans;
        for (const Range& range : ranges) spans.emplace(lines.offset(range.start), lines.offset(range.end));
        std::string changed = *text;
        for (auto span = spans.rbegin(); span != spans.rend(); ++span)
            changed.replace(span->first, span->second - span->first, name);
        texts[path] = std::make_shared<const std::string>(std::move(changed));
    }
    return texts;
}

// What would be wrong then that is not wrong now; empty: nothing. Renaming is tried before it is offered: a name that
// is taken already shows as a new error. The compilation is not kept.
std::string why_worse(State& state, const Unit& unit, const Renaming& renaming, const std::string& name) {
    const auto then = state.units.compile_once(path_below(unit.root, unit.path), renamed_texts(state, renaming, name));
    if (then->sink.error_count() <= unit.compilation->sink.error_count()) return "";
    return then->sink.sorted().front().message;
}

// The editor makes the changes, and may make them in files that are not open.
Answer rename(State& state, const Message& message) {
    const Unit* const unit = unit_of(state, message);
    const auto position = message.position("/position");
    const auto name = message.text("/newName");
    if (!unit || !unit->compilation) return not_open;
    if (!position || !name) return no_position;
    const auto file = file_of(*unit);
    if (!file) return "null";
    Places places(*unit->compilation->sources, unit->root, state.client);
    const At at{*unit->compilation, places, *file, places.lines(*file).offset(*position)};
    const auto project = project_of(state, *unit, name_at(places.lines(*file), at.offset));
    const auto renamed = renaming(at, project, *name);
    if (!renamed) return Wrong{ErrorCode::request_failed, renamed.error().text()};
    if (const std::string why = why_worse(state, *unit, *renamed, *name); !why.empty())
        return Wrong{ErrorCode::request_failed, "it cannot be called so: " + why};
    return renaming_json(*renamed, *name);
}

Answer symbols(State& state, const Message& message) {
    const auto in = in_text(state, message);
    if (!in) return not_open;
    return outline_json(in->unit->path, *in->text, state.client.encoding);
}

// Over all folders that the editor has named and those of what is open; each file once, open texts before the disk.
Answer project_symbols(State& state, const Message& message) {
    const std::string query = message.text("/query").value_or("");
    std::vector<std::string> found;
    const OpenTexts open = state.documents.texts();
    std::set<std::string> roots(state.units.roots().begin(), state.units.roots().end());
    for (const auto& [path, unit] : state.units.all()) roots.insert(unit.root);
    std::set<std::string> seen;
    for (const std::string& root : roots) {
        const OverlayFiles files(root, open);
        for (const ProjectFile& file : project_files(root)) {
            const std::string path = path_below(root, file.path);
            if (file.first_key.empty() || found.size() >= max_symbols || !seen.insert(path).second) continue;
            if (const auto text = files.read(file.path))
                find_symbols(query, state.client.uri(path), file.path, *text, state.client.encoding, found);
        }
    }
    return joined_json(found);
}

// From the compilation with proved fixes; it is of the same texts as the other one, for which Needs::repairs waits.
Answer code_actions(State& state, const Message& message) {
    const Unit* const unit = unit_of(state, message);
    const auto range = message.range("/range");
    if (!unit) return not_open;
    if (!range) return no_position;
    const auto file = unit->repaired ? file_of(*unit) : std::nullopt;
    if (!file) return "[]";
    Places places(*unit->repaired->sources, unit->root, state.client);
    const Lines& lines = places.lines(*file);
    const std::uint32_t begin = lines.offset(std::min(range->start, range->end));
    return code_actions_json({*unit->repaired, places, *file, begin}, lines.offset(std::max(range->start, range->end)));
}

Answer folding(State& state, const Message& message) {
    const auto in = in_text(state, message);
    if (!in) return not_open;
    return folding_json(in->unit->path, *in->text, state.client.encoding);
}

// Positions beyond the bound are not answered: no editor has so many cursors.
Answer selection(State& state, const Message& message) {
    static constexpr std::size_t max_positions = 1000;
    const auto in = in_text(state, message);
    if (!in) return not_open;
    std::vector<Position> positions;
    for (std::size_t i = 0; i < std::min(message.count("/positions"), max_positions); ++i) {
        const auto position = message.position("/positions/" + std::to_string(i));
        if (!position) return no_position;
        positions.push_back(*position);
    }
    return selection_json(in->unit->path, *in->text, state.client.encoding, positions);
}

Answer formatting(State& state, const Message& message) {
    const auto in = in_text(state, message);
    if (!in) return not_open;
    return formatting_json(in->unit->path, *in->text, state.client.encoding);
}

// Answers a request on a whole document.
Answer in_document(State& state, const Message& message, std::string_view nothing, std::string (*answer)(const At&)) {
    const Unit* const unit = unit_of(state, message);
    if (!unit) return not_open;
    const auto file = unit->compilation ? file_of(*unit) : std::nullopt;
    if (!file) return std::string(nothing);
    Places places(*unit->compilation->sources, unit->root, state.client);
    return answer({*unit->compilation, places, *file});
}

Answer tokens(State& state, const Message& message) {
    return in_document(state, message, R"({"data":[]})", tokens_json);
}
Answer lenses(State& state, const Message& message) { return in_document(state, message, "[]", lenses_json); }

// Only of the range that is shown: an editor asks again when one scrolls.
Answer inlay_hints(State& state, const Message& message) {
    const Unit* const unit = unit_of(state, message);
    const auto range = message.range("/range");
    if (!unit) return not_open;
    if (!range) return no_position;
    const auto file = unit->compilation ? file_of(*unit) : std::nullopt;
    if (!file) return "[]";
    Places places(*unit->compilation->sources, unit->root, state.client);
    const Lines& lines = places.lines(*file);
    const std::uint32_t begin = lines.offset(std::min(range->start, range->end));
    return inlay_hints_json({*unit->compilation, places, *file, begin},
                            lines.offset(std::max(range->start, range->end)));
}

// What a lens leads to: the verdicts on a document, or that on one requirement, shown and returned. It runs nothing: a
// lens leads to words. Its arguments are what the lens was sent with, and anything else finds no document.
Answer command(State& state, const Message& message) {
    if (message.text("/command") != std::string(verdict_command))
        return Wrong{ErrorCode::invalid_params, "there is no such command"};
    const auto uri = message.text("/arguments/0");
    const std::string* const path = uri ? state.documents.path_of_open(*uri) : nullptr;
    const Unit* const unit = path ? state.units.find(*path) : nullptr;
    if (!unit || !unit->compilation) return not_open;
    const compiler::Compilation& c = *unit->compilation;
    const auto name = message.text("/arguments/1");
    std::string text;
    for (std::size_t i = 0; i < c.requirements.size(); ++i)
        if (!name || c.requirements[i].name == *name) base::append(text, "\n\n", verdict_doc(c, i));
    if (text.empty()) text = "no requirement is called so";
    if (!state.client.shows_verdicts) state.to_tell.push_back(shown(MessageType::info, text));
    return json_text(Json(text));
}

// A file of the standard library, which has no place on disk. Only names of the library are looked up, in what is
// embedded: no path of the disk is ever read.
Answer library_content(State&, const Message& message) {
    const std::string uri = message.text("/uri").value_or("");
    const auto text =
        uri.starts_with(library_scheme) ? resolve::library_text(uri.substr(library_scheme.size())) : std::nullopt;
    if (!text) return Wrong{ErrorCode::invalid_params, "`uri` names no file of the standard library"};
    return json_text(Json{{"text", *text}});
}

// In the order of the alphabet. What a row needs is waited for before its function is called; all are called by the
// thread that answers, one at a time.
constexpr Request requests[] = {
    {"textDocument/codeAction", Needs::repairs, code_actions},
    {"textDocument/codeLens", Needs::compilation, lenses},
    {"textDocument/completion", Needs::known, completion},
    {"textDocument/definition", Needs::compilation, definition},
    {"textDocument/diagnostic", Needs::compilation, diagnostic},
    {"textDocument/documentHighlight", Needs::compilation, highlights},
    {"textDocument/documentSymbol", Needs::text, symbols},
    {"textDocument/foldingRange", Needs::text, folding},
    {"textDocument/formatting", Needs::text, formatting},
    {"textDocument/hover", Needs::compilation, hover},
    {"textDocument/inlayHint", Needs::compilation, inlay_hints},
    {"textDocument/prepareRename", Needs::compilation, prepare_rename},
    {"textDocument/references", Needs::compilation, references},
    {"textDocument/rename", Needs::compilation, rename},
    {"textDocument/selectionRange", Needs::text, selection},
    {"textDocument/semanticTokens/full", Needs::compilation, tokens},
    {"workspace/executeCommand", Needs::compilation, command},
    {"workspace/symbol", Needs::text, project_symbols},
    {"workspace/textDocumentContent", Needs::text, library_content},
};

}  // namespace

const Request* request_named(std::string_view method) {
    const auto* const found = std::find_if(std::begin(requests), std::end(requests),
                                           [&](const Request& request) { return request.method == method; });
    return found == std::end(requests) ? nullptr : found;
}

// What `initialize` promises: exactly what the table above answers.
std::string capabilities_json(const Client& client, std::string_view version) {
    const Json capabilities = {
        {"positionEncoding", client.encoding == Encoding::utf8 ? "utf-8" : "utf-16"},
        {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", true}}},
        {"completionProvider", {{"triggerCharacters", Json::array({".", " ", "/", "{", "[", ":"})}}},
        {"hoverProvider", true},
        {"definitionProvider", true},
        {"referencesProvider", true},
        {"documentHighlightProvider", true},
        {"renameProvider", {{"prepareProvider", true}}},
        {"documentSymbolProvider", true},
        {"workspaceSymbolProvider", true},
        {"documentFormattingProvider", true},
        {"foldingRangeProvider", true},
        {"selectionRangeProvider", true},
        {"semanticTokensProvider",
         {{"legend", {{"tokenTypes", token_types()}, {"tokenModifiers", Json::array()}}}, {"full", true}}},
        {"codeLensProvider", {{"resolveProvider", false}}},
        {"inlayHintProvider", true},
        {"executeCommandProvider", {{"commands", Json::array({std::string(verdict_command)})}}},
        {"workspace",
         {{"workspaceFolders", {{"supported", true}, {"changeNotifications", true}}},
          {"textDocumentContent", {{"schemes", Json::array({"pvsplan"})}}}}},
        {"codeActionProvider", {{"codeActionKinds", Json::array({"quickfix", "source.fixAll"})}}},
        {"diagnosticProvider",
         {{"identifier", "pvsplan"}, {"interFileDependencies", true}, {"workspaceDiagnostics", false}}},
    };
    return Json{{"capabilities", capabilities}, {"serverInfo", {{"name", "pvsplan"}, {"version", version}}}}.dump();
}

}  // namespace pvsplan::lsp
