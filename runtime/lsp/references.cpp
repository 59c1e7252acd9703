#include "runtime/lsp/references.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "compiler/syntax/phrases.hpp"
#include "runtime/lsp/json_text.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;
using compiler::Compilation;
using resolve::Use;

const Use* use_at(const At& at) {
    if (!at.compilation.model->uses) return nullptr;
    const resolve::Uses& uses = *at.compilation.model->uses;
    const Use* const found = uses.at(at.file, at.offset);
    // An editor asks behind the last character, too.
    return found || at.offset == 0 ? found : uses.at(at.file, at.offset - 1);
}

// A step, a parameter, an object or a predicate whose own name stands there, be it that nobody uses it.
class Unused {
  public:
    explicit Unused(const At& at) : at_(at) {}

    std::optional<Use> found() && {
        if (!at_.compilation.model) return std::nullopt;
        const resolve::Model& model = *at_.compilation.model;
        steps_of(model.block, model.recover);
        parameters(model.parameters);
        for (const resolve::Procedure& one : model.procedures) {
            steps_of(one.block, one.recover);
            parameters(one.parameters);
        }
        for (const resolve::Action& one : model.actions) parameters(one.parameters);
        for (const resolve::Predicate& one : model.predicates) look(Use::Of::predicate, one.name, one.span);
        for (const resolve::Object& one : model.farm.objects) look(Use::Of::object, one.name, one.span);
        return found_;
    }

  private:
    template <class Recover>
    void steps_of(const resolve::Block& block, const Recover& recover) {
        for (const resolve::Step& step : block.steps) {
            if (step.has_id) look(Use::Of::step, step.id, step.head);
            steps_of(step.block, step.recover);
        }
        if (recover) steps_of(*recover, std::optional<resolve::Block>());
    }
    void parameters(const std::vector<resolve::Parameter>& all) {
        for (const resolve::Parameter& one : all) look(Use::Of::parameter, one.name, one.span);
    }
    void look(Use::Of of, const std::string& name, base::Span whole) {
        if (found_ || whole.file != at_.file || at_.offset < whole.begin || at_.offset > whole.end) return;
        const base::Span span = resolve::name_in(whole, name);
        if (at_.compilation.sources->text(span) == name) found_ = Use{.place = span, .definition = span, .of = of};
    }

    const At& at_;
    std::optional<Use> found_;
};

// A definition as it is the same in several compilations: by file and place.
struct Definition {
    bool is_library = false;
    std::string path;  // with the root of its project
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    friend bool operator==(const Definition&, const Definition&) = default;
};
// The standard library has one place for all projects; a file of a project has its folder before it.
Definition definition_of(const Compilation& c, const std::string& root, base::Span span) {
    const bool is_library = c.sources->belongs(span.file) == base::Belongs::to_library;
    const std::string path(c.sources->path(span.file));
    return {is_library, is_library ? path : path_below(root, path), span.begin, span.end};
}

// A place that is used by its name, wherever it stands.
struct Found {
    Location at;
    Use::By by = Use::By::name;
    bool is_definition = false;
    bool is_editable = true;
};

// Each place once, though several documents read the same file. The definition is one of them: a name is replaced there
// as well.
std::vector<Found> found_in(const Definition& wanted, const std::vector<InProject>& project, const Client& client) {
    std::vector<Found> all;
    std::set<std::tuple<std::string, Position, Position>> seen;
    const auto add = [&](const Compilation& c, Places& places, base::Span span, Use::By by, bool is_definition) {
        const Location at = places.location(span);
        if (!seen.emplace(at.uri, at.range.start, at.range.end).second) return;
        all.push_back({at, by, is_definition, c.sources->is_editable(span)});
    };
    for (const InProject& one : project) {
        const Compilation& c = *one.compilation;
        if (!c.model || !c.model->uses) continue;
        Places places(*c.sources, one.root, client);
        for (const Use& use : c.model->uses->all()) {
            if (definition_of(c, one.root, use.definition) != wanted) continue;
            add(c, places, use.definition, Use::By::name, true);
            add(c, places, use.place, use.by, false);
        }
    }
    return all;
}

// What is meant there: a use, or a definition that perhaps only other documents use.
struct Meant {
    Definition definition;
    Use use;
    const Compilation* in = nullptr;
};
// In the document first. A definition that it does not use itself is looked for in what others use.
std::optional<Meant> meant_at(const At& at, const std::vector<InProject>& project) {
    const std::string& root = at.places.root();
    if (const Use* const use = use_at(at))
        return Meant{definition_of(at.compilation, root, use->definition), *use, &at.compilation};
    const std::string path = path_below(root, at.compilation.sources->path(at.file));
    for (const InProject& one : project) {
        if (!one.compilation->model || !one.compilation->model->uses) continue;
        for (const Use& use : one.compilation->model->uses->all()) {
            if (at.offset < use.definition.begin || at.offset > use.definition.end) continue;
            Definition definition = definition_of(*one.compilation, one.root, use.definition);
            if (definition.path == path) return Meant{std::move(definition), use, one.compilation.get()};
        }
    }
    if (const std::optional<Use> unused = Unused(at).found())
        return Meant{definition_of(at.compilation, root, unused->definition), *unused, &at.compilation};
    return std::nullopt;
}

std::optional<base::Span> definition_at(const At& at) {
    const Use* const use = use_at(at);
    if (!use) return std::nullopt;
    return use->definition;
}

}  // namespace

std::string definition_json(const At& at) {
    const auto definition = definition_at(at);
    if (!definition) return "null";
    const Location found = at.places.location(*definition);
    return at.places.can_be_opened(found) ? json_text(Json(found)) : "null";
}

std::string references_json(const At& at, const std::vector<InProject>& project, Declaration declaration) {
    Json all = Json::array();
    if (const auto meant = meant_at(at, project)) {
        for (const Found& found : found_in(meant->definition, project, at.places.client()))
            if ((!found.is_definition || declaration == Declaration::is_told) && at.places.can_be_opened(found.at))
                all.push_back(found.at);
        const Location only = at.places.location(meant->use.definition);
        if (meant->in == &at.compilation && all.empty() && declaration == Declaration::is_told &&
            at.places.can_be_opened(only))
            all.push_back(only);
    }
    return json_text(all);
}

std::string highlights_json(const At& at) {
    Json all = Json::array();
    const auto add = [&](base::Span span) {
        if (span.file == at.file) all.push_back({{"range", at.places.range(span)}, {"kind", 1}});
    };
    if (const auto definition = definition_at(at)) {
        add(*definition);
        for (const Use& use : at.compilation.model->uses->of(*definition)) add(use.place);
    } else if (const std::optional<Use> unused = Unused(at).found()) {
        add(unused->definition);
    }
    return json_text(all);
}

namespace {

// Why what is defined there cannot be called otherwise; empty: it can.
std::string why_not(const Compilation& c, const Use& use) {
    if (!c.sources->is_editable(use.definition)) return "it belongs to the standard library, which cannot be changed";
    switch (use.of) {
        case Use::Of::module:
        case Use::Of::policy:
        case Use::Of::farm: return "it is called by its file";
        default: break;
    }
    if (use.by == Use::By::file) return "it is called by its file";
    return "";
}

// Why a name cannot be such a one; empty: it can. What would have to be quoted is refused: a renaming replaces bytes,
// and adds no quotes around them.
std::string why_no_name(const Use& use, const std::string& name) {
    if (use.of == Use::Of::object || use.of == Use::Of::requirement) {
        const auto may_stand = [&](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                   c == '.' || static_cast<unsigned char>(c) >= 0x80 || (c == ' ' && use.of == Use::Of::requirement);
        };
        const bool is_fine = !name.empty() && std::all_of(name.begin(), name.end(), may_stand) && name[0] != '-' &&
                             name[0] != ' ' && name.back() != '-' && name.back() != ' ';
        return is_fine ? "" : "`" + name + "` cannot stand there without quotes";
    }
    const bool has_dots = use.of == Use::Of::action || use.of == Use::Of::procedure;
    if (has_dots ? syntax::is_dotted_name(name) : syntax::is_name(name)) return "";
    return "`" + name + "` is no name: " + std::string(syntax::name_hint);
}

}  // namespace

std::string prepare_rename_json(const At& at) {
    const Use* use = use_at(at);
    const std::optional<Use> unused = use ? std::nullopt : Unused(at).found();
    if (unused) use = &*unused;
    if (!use) return R"({"defaultBehavior":true})";  // perhaps only other documents use it
    if (!why_not(at.compilation, *use).empty()) return "null";
    const bool is_use = use->place.file == at.file && use->place.begin <= at.offset && at.offset <= use->place.end;
    const base::Span span = is_use ? use->place : use->definition;
    return json_text(
        Json{{"range", at.places.range(span)}, {"placeholder", std::string(at.compilation.sources->text(span))}});
}

// All places or none: a place that cannot be changed refuses the whole, since the plan would not compile any more.
base::Result<Renaming> renaming(const At& at, const std::vector<InProject>& project, const std::string& name) {
    const auto meant = meant_at(at, project);
    if (!meant) return base::Error{"what stands there has no name that could be changed"};
    if (const std::string why = why_not(*meant->in, meant->use); !why.empty()) return base::Error{why};
    if (const std::string why = why_no_name(meant->use, name); !why.empty()) return base::Error{why};
    Renaming places;
    for (const Found& found : found_in(meant->definition, project, at.places.client())) {
        if (found.by == Use::By::file) continue;
        if (found.by == Use::By::made_up) return base::Error{"it has no name of its own; give it an `id` first"};
        if (!found.is_editable)
            return base::Error{"the standard library asks for it by that name (" + found.at.uri + ")"};
        places[found.at.uri].push_back(found.at.range);
    }
    if (places.empty()) {
        const Location only = at.places.location(meant->use.definition);
        places[only.uri].push_back(only.range);
    }
    return places;
}

std::string renaming_json(const Renaming& renaming, const std::string& name) {
    Json changes = Json::object();
    for (const auto& [uri, ranges] : renaming)
        for (const Range& range : ranges) changes[uri].push_back({{"range", range}, {"newText", name}});
    return json_text(Json{{"changes", std::move(changes)}});
}

}  // namespace pvsplan::lsp
