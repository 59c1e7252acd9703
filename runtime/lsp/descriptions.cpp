#include "runtime/lsp/descriptions.hpp"

#include "runtime/doc/facts.hpp"
#include "runtime/view/schedule_text.hpp"

namespace pvsplan::lsp {
namespace {

using compiler::Compilation;

void line(std::string& doc, std::string_view title, const std::string& text) {
    if (!text.empty()) doc += "\n- " + std::string(title) + ": " + text;
}

// ", `stopped` if it is not given".
std::string otherwise(const std::string& value) { return value.empty() ? "" : ", " + value + " if it is not given"; }

// ": The host to connect to".
std::string said(const std::string& summary) { return summary.empty() ? "" : ": " + summary; }

void add(std::string& doc, const resolve::Model& model, const std::vector<resolve::Parameter>& parameters) {
    if (!parameters.empty()) doc += "\n- takes:";
    for (const resolve::Parameter& parameter : parameters)
        doc += "\n  - " + doc::code(parameter.name) + " " + parameter_text(model, parameter);
}

void add(std::string& doc, const doc::Facts& facts) {
    for (const doc::Fact& fact : facts) line(doc, fact.title, fact.text);
}

}  // namespace

std::string attribute_text(const resolve::Model& model, const resolve::Attribute& attribute) {
    return program::to_text(attribute.type) +
           otherwise(doc::default_text(model, attribute.type, attribute.default_value)) + said(attribute.summary);
}

std::string parameter_text(const resolve::Model& model, const resolve::Parameter& parameter) {
    return program::to_text(parameter.type) +
           otherwise(doc::default_text(model, parameter.type, parameter.default_value)) + said(parameter.summary);
}

// Markdown. Summaries are an author's, and may hold Markdown of their own: an editor shows them as it shows any
// comment.
std::string action_doc(const Compilation& c, const resolve::Action& action) {
    std::string doc = "**" + action.compiled.name + "**";
    if (!action.compiled.on_kind.empty()) doc += " on " + action.compiled.on_kind;
    if (!action.compiled.summary.empty()) doc += "\n\n" + action.compiled.summary;
    doc += "\n";
    add(doc, *c.model, action.parameters);
    add(doc, doc::facts_of(c, action));
    return doc;
}

std::string procedure_doc(const Compilation& c, const resolve::Procedure& procedure) {
    std::string doc = "**" + procedure.name + "**";
    if (procedure.on) doc += " on " + c.model->kinds[procedure.on.index()].name;
    if (!procedure.summary.empty()) doc += "\n\n" + procedure.summary;
    doc += "\n";
    add(doc, *c.model, procedure.parameters);
    add(doc, doc::facts_of(procedure));
    return doc;
}

std::string kind_doc(const Compilation& c, const resolve::Kind& kind) {
    std::string doc = "**" + kind.name + "**, " + std::to_string(kind.objects.size()) + " in the farm\n";
    for (const resolve::Attribute& attribute : kind.attributes)
        line(doc, doc::code(attribute.name), attribute_text(*c.model, attribute));
    for (const resolve::Attribute& state : kind.state)
        line(doc, "state " + doc::code(state.name), attribute_text(*c.model, state));
    return doc;
}

// Values of secrets are left out, even where a farm has them in its text.
std::string object_doc(const Compilation& c, const resolve::Object& object) {
    const resolve::Kind& kind = c.model->kinds[object.kind.index()];
    std::string doc = "**" + object.name + "**, " + kind.name + "\n";
    const auto values = [&](const std::vector<resolve::Attribute>& names, std::span<const program::Value> all,
                            const std::string& before) {
        for (std::size_t i = 0; i < names.size() && i < all.size(); ++i)
            if (names[i].type.category != program::Type::Category::secret)
                line(doc, before + doc::code(names[i].name), doc::value_text(*c.model, all[i]));
    };
    values(kind.attributes, c.model->attributes_of(object), "");
    values(kind.state, c.model->state_of(object), "state before the run, ");
    return doc;
}

// In the words of `validate`, with the schedule in full: there is room for it here.
std::string verdict_doc(const Compilation& c, std::size_t requirement) {
    const program::Requirement& r = c.requirements[requirement];
    std::string doc = "**" + r.name + "**: ";
    if (requirement >= c.decisions.size()) return doc + "not decided yet, as there are errors\n\n`" + r.require + "`";
    const checks::Decision& decision = c.decisions[requirement];
    doc += std::string(checks::name_of(decision.verdict));
    if (decision.reached >= 0) doc += " (reaches " + std::to_string(decision.reached) + " at worst)";
    doc += "\n\n`" + r.require + "`";
    if (!decision.reason.empty()) doc += "\n\n" + decision.reason;
    if (!r.because.empty()) doc += "\n\nbecause: " + r.because;
    if (!r.waived_because.empty()) doc += "\n\nwaived: " + r.waived_because;
    if (decision.verdict == checks::Verdict::violated && decision.witness && c.has_graph) {
        doc += "\n\na schedule that shows it:\n";
        for (const std::string& moment : view::schedule_lines(c.facts(), *decision.witness)) doc += "\n- " + moment;
    }
    return doc;
}

}  // namespace pvsplan::lsp
