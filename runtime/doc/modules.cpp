#include "runtime/doc/modules.hpp"

#include <algorithm>

#include "compiler/base/lists.hpp"
#include "compiler/pipeline.hpp"
#include "compiler/resolve/library.hpp"
#include "compiler/syntax/parse.hpp"
#include "grammar/shapes.hpp"

namespace pvsplan::doc {
namespace {

using compiler::Compilation;

// A module that uses the one that is asked for. Whatever path is asked for holds the same text: the library itself is
// read elsewhere, so that no file of the disk is.
class Question final : public base::Files {
  public:
    explicit Question(std::string_view module) : text_("module: question\nuses: [" + std::string(module) + "]\n") {}
    [[nodiscard]] base::Result<std::string> read(std::string_view /*path*/) const override { return text_; }

  private:
    std::string text_;
};

std::string words_of(const std::optional<syntax::Text>& summary) { return summary ? summary->value : std::string(); }

// Findings are dropped: whoever compiles the text is told of them.
std::optional<syntax::Document> parsed(std::string_view path, std::string_view text) {
    base::Sources sources;
    diag::Sink sink;
    return syntax::parse(sources, sources.add(std::string(path), std::string(text)), sink);
}

// What of the compilation stands in one file. A compilation of a module has those of all modules that it stands on; a
// page tells of one.
class Definitions {
  public:
    Definitions(const Compilation& c, std::string_view path) : c_(c), path_(path) {}

    [[nodiscard]] bool has(base::Span span) const { return !span.is_nowhere() && c_.sources->path(span.file) == path_; }
    [[nodiscard]] const resolve::Model& model() const { return *c_.model; }
    void each(const auto& all, const auto& act) const {
        for (const auto& definition : all)
            if (has(definition.span)) act(definition);
    }

  private:
    const Compilation& c_;
    std::string_view path_;
};

std::string on_text(const resolve::Model& model, resolve::KindId kind) {
    return kind ? model.kinds[kind.index()].name : std::string();
}

template <class Values>
// Of parameters, attributes or states: all of them have a name, a type, a default and a summary.
Table values_table(const resolve::Model& model, std::string_view title, const Values& values) {
    Table table{{std::string(title), "type", "if not given", "what it is"}, {}};
    for (const auto& value : values)
        table.rows.push_back({code(value.name), code(program::to_text(value.type)),
                              code(default_text(model, value.type, value.default_value)), value.summary});
    return table;
}

// `level`: of its heading, as a part of the page of a module or as a page of its own.
void add_kind(Page& page, const resolve::Model& model, const resolve::Kind& kind, std::uint32_t level) {
    page.push_back(Heading{level, code(kind.name)});
    if (!kind.summary.empty()) page.push_back(Paragraph{kind.summary});
    std::string identity;
    for (const std::string& name : kind.identity) base::append(identity, ", ", code(name));
    Facts facts = {{"in a farm", code(kind.plural)}};
    if (!identity.empty()) facts.push_back({"is one thing by", identity});
    page.push_back(std::move(facts));
    if (!kind.attributes.empty()) page.push_back(values_table(model, "attribute", kind.attributes));
    if (!kind.state.empty()) page.push_back(values_table(model, "state", kind.state));
}

// What it is, what one needs to call it, and what it does to its object.
Page action_page(const Compilation& c, const resolve::Action& action) {
    Page page = {Heading{1, code(action.compiled.name)}};
    if (!action.compiled.summary.empty()) page.push_back(Paragraph{action.compiled.summary});
    Facts facts;
    if (!action.compiled.on_kind.empty()) facts.push_back({"on", "a " + code(action.compiled.on_kind)});
    for (Fact& fact : facts_of(c, action)) facts.push_back(std::move(fact));
    page.push_back(std::move(facts));
    if (!action.parameters.empty()) page.push_back(values_table(*c.model, "parameter", action.parameters));
    return page;
}

Page procedure_page(const Compilation& c, const resolve::Procedure& procedure) {
    Page page = {Heading{1, code(procedure.name)}};
    if (!procedure.summary.empty()) page.push_back(Paragraph{procedure.summary});
    Facts facts;
    if (procedure.on) facts.push_back({"on", "a " + code(on_text(*c.model, procedure.on))});
    for (Fact& fact : facts_of(procedure)) facts.push_back(std::move(fact));
    page.push_back(std::move(facts));
    if (!procedure.parameters.empty()) page.push_back(values_table(*c.model, "parameter", procedure.parameters));
    return page;
}

// A line for each: their pages say the rest.
void add_calls(Page& page, const Definitions& in) {
    const resolve::Model& model = in.model();
    Table actions{{"action", "on", "what it does"}, {}};
    in.each(model.actions, [&](const resolve::Action& action) {
        actions.rows.push_back({code(action.compiled.name), action.compiled.on_kind, action.compiled.summary});
    });
    if (!actions.rows.empty()) {
        page.push_back(Heading{2, "Actions"});
        page.push_back(std::move(actions));
    }
    Table procedures{{"procedure", "on", "what it does"}, {}};
    in.each(model.procedures, [&](const resolve::Procedure& procedure) {
        procedures.rows.push_back({code(procedure.name), on_text(model, procedure.on), procedure.summary});
    });
    if (!procedures.rows.empty()) {
        page.push_back(Heading{2, "Procedures"});
        page.push_back(std::move(procedures));
    }
}

// The condition is shown as its author wrote it, which is why the document is asked for its place.
void add_predicates(Page& page, const Compilation& c, const Definitions& in, const syntax::ModuleDocument& module) {
    Table predicates{{"predicate", "of", "holds where"}, {}};
    in.each(c.model->predicates, [&](const resolve::Predicate& predicate) {
        const auto text = std::find_if(module.predicates.begin(), module.predicates.end(),
                                       [&](const auto& other) { return other.name.value == predicate.name; });
        predicates.rows.push_back(
            {code(predicate.name), on_text(*c.model, predicate.kind),
             text == module.predicates.end()
                 ? ""
                 : written(c, {predicate.span.file, text->condition.span.begin, text->condition.span.end})});
    });
    if (predicates.rows.empty()) return;
    page.push_back(Heading{2, "Predicates"});
    page.push_back(std::move(predicates));
}

// Those of the library that lie in the folder of the module.
void add_policies(Page& page, const std::string& module) {
    Table policies{{"policy", "what it keeps"}, {}};
    for (const std::string& name : resolve::library_names()) {
        if (!name.starts_with(module + "/")) continue;
        const std::string path = "stdlib/" + name + ".policy.yaml";
        const auto document = parsed(path, resolve::library_text(path).value_or(""));
        const auto* const policy = document ? std::get_if<syntax::PolicyDocument>(&*document) : nullptr;
        if (policy) policies.rows.push_back({code(name), words_of(policy->summary)});
    }
    if (policies.rows.empty()) return;
    page.push_back(Heading{2, "Policies"});
    page.push_back(std::move(policies));
}

// In the order in which one writes a plan: objects, then what can be done to them, then what can be required.
Page module_page(const Compilation& c, std::string_view path, const syntax::ModuleDocument& module, bool is_library) {
    const Definitions in(c, path);
    Page page = {Heading{1, code(module.name.value)}};
    if (module.summary) page.push_back(Paragraph{module.summary->value});
    std::string uses;
    for (const syntax::Text& used : module.uses) base::append(uses, ", ", code(used.value));
    if (!uses.empty()) page.push_back(Facts{{"stands on", uses}});
    bool has_kinds = false;
    in.each(c.model->kinds, [&](const resolve::Kind& kind) {
        if (!has_kinds) page.push_back(Heading{2, "Objects"});
        has_kinds = true;
        add_kind(page, *c.model, kind, 3);
    });
    add_calls(page, in);
    add_predicates(page, c, in, module);
    if (is_library) add_policies(page, module.name.value);
    return page;
}

// From the document alone: a policy needs no module to be told of.
Page policy_page(std::string_view name, const syntax::PolicyDocument& policy) {
    Page page = {Heading{1, code(name)}};
    if (policy.summary) page.push_back(Paragraph{policy.summary->value});
    if (!policy.parameters.empty()) {
        Table parameters{{"parameter of the plan", "what it is"}, {}};
        for (const syntax::Parameter& parameter : policy.parameters)
            parameters.rows.push_back({code(parameter.name.value), words_of(parameter.summary)});
        page.push_back(std::move(parameters));
    }
    page.push_back(Heading{2, "Requirements"});
    Table requirements{{"name", "requirement", "because"}, {}};
    for (const syntax::Invariant& invariant : policy.invariants)
        requirements.rows.push_back(
            {invariant.name.value, code(invariant.require.source), words_of(invariant.because)});
    // Three columns of sentences fit no terminal.
    for (const std::vector<std::string>& row : requirements.rows) {
        Facts facts = {{"requires", row[1]}};
        if (!row[2].empty()) facts.push_back({"because", row[2]});
        page.push_back(Heading{3, row[0]});
        page.push_back(std::move(facts));
    }
    std::string waivable;
    for (const syntax::Text& one : policy.waivable) base::append(waivable, ", ", one.value);
    if (!waivable.empty()) page.push_back(Facts{{"a plan may waive", waivable}});
    return page;
}

// The text of a file that the compilation has read.
std::optional<std::string> text_in(const Compilation& c, std::string_view path) {
    for (const base::FileId file : c.files)
        if (c.sources->path(file) == path) return std::string(c.sources->text(file));
    return std::nullopt;
}

// `server.install` means `pvs.server.install`, and so does `install`.
bool is_named(const std::string& full, std::string_view name) {
    return full == name ||
           (full.ends_with(name) && full.size() > name.size() && full[full.size() - name.size() - 1] == '.');
}

}  // namespace

// As if a file of the project used the module.
std::shared_ptr<const Compilation> compile_library(std::string_view module) {
    compiler::Request request;
    request.plan = "question.yaml";
    request.takes = resolve::LoadRequest::Takes::any_document;
    return compiler::compile(Question(module), request);
}

// Parsed anew from the text that the compilation has read, for what a model does not keep: summaries, and the order in
// which things stand.
std::optional<Page> document_page(const Compilation& c, std::string_view path) {
    const std::optional<std::string> text = text_in(c, path);
    const std::optional<syntax::Document> document = text ? parsed(path, *text) : std::nullopt;
    if (!document) return std::nullopt;
    if (const auto* const module = std::get_if<syntax::ModuleDocument>(&*document))
        return module_page(c, path, *module, resolve::library_text(path).has_value());
    if (const auto* const policy = std::get_if<syntax::PolicyDocument>(&*document))
        return policy_page(policy->name.value, *policy);
    return std::nullopt;
}

// The first that fits, actions before procedures before kinds.
std::optional<Page> definition_page(const Compilation& c, std::string_view path, std::string_view name) {
    const Definitions in(c, path);
    std::optional<Page> page;
    in.each(c.model->actions, [&](const resolve::Action& action) {
        if (!page && is_named(action.compiled.name, name)) page = action_page(c, action);
    });
    in.each(c.model->procedures, [&](const resolve::Procedure& procedure) {
        if (!page && is_named(procedure.name, name)) page = procedure_page(c, procedure);
    });
    in.each(c.model->kinds, [&](const resolve::Kind& kind) {
        if (page || !is_named(kind.module + "." + kind.name, name)) return;
        page.emplace();
        add_kind(*page, *c.model, kind, 1);
    });
    return page;
}

// By what definition_page() finds them, in the same order.
std::vector<std::string> definition_names(const Compilation& c, std::string_view path) {
    const Definitions in(c, path);
    std::vector<std::string> names;
    in.each(c.model->actions, [&](const resolve::Action& action) { names.push_back(action.compiled.name); });
    in.each(c.model->procedures, [&](const resolve::Procedure& procedure) { names.push_back(procedure.name); });
    in.each(c.model->kinds, [&](const resolve::Kind& kind) { names.push_back(kind.module + "." + kind.name); });
    return names;
}

std::optional<Page> library_policy_page(std::string_view name) {
    const std::string path = "stdlib/" + std::string(name) + ".policy.yaml";
    const std::optional<std::string_view> text = resolve::library_text(path);
    const std::optional<syntax::Document> document = text ? parsed(path, *text) : std::nullopt;
    const auto* const policy = document ? std::get_if<syntax::PolicyDocument>(&*document) : nullptr;
    return policy ? std::optional(policy_page(name, *policy)) : std::nullopt;
}

// From the documents, without a compilation: it is asked for by whoever begins.
Page overview_page() {
    Page page = {Heading{1, "What can be looked up"}};
    Table names{{"name", "what it is"}, {}};
    for (const std::string& name : resolve::library_names()) {
        const bool is_policy = name.find('/') != std::string::npos;
        const std::string path = "stdlib/" + name + (is_policy ? ".policy.yaml" : "/module.yaml");
        const auto document = parsed(path, resolve::library_text(path).value_or(""));
        if (!document) continue;
        if (const auto* const module = std::get_if<syntax::ModuleDocument>(&*document))
            names.rows.push_back({code(name), words_of(module->summary)});
        if (const auto* const policy = std::get_if<syntax::PolicyDocument>(&*document))
            names.rows.push_back({code(name), words_of(policy->summary)});
    }
    std::sort(names.rows.begin(), names.rows.end());
    page.push_back(std::move(names));
    Table documents{{"document", "what it is"}, {}};
    for (std::size_t i = 0; i < 4; ++i)
        documents.rows.push_back({code(grammar::shapes()[i].name), std::string(grammar::shapes()[i].doc)});
    page.push_back(std::move(documents));
    page.push_back(Paragraph{
        "`pvsplan doc pvs` lists the actions of a module, `pvsplan doc pvs.stream.stop` tells of one, `pvsplan doc "
        "./modules/site.yaml` of a module of one's own, `pvsplan doc at_most` of a key, `pvsplan doc step` of all keys "
        "of a step, and `pvsplan doc winrm` how hosts are reached."});
    return page;
}

}  // namespace pvsplan::doc
