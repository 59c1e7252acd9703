#include "runtime/lsp/descriptions.hpp"

#include <algorithm>

#include "compiler/diag/secrecy.hpp"
#include "runtime/view/schedule_text.hpp"

namespace pvsplan::lsp {
namespace {

using compiler::Compilation;
using grammar::Form;
using grammar::Layout;

std::string_view form_text(Form form) {
    switch (form) {
        case Form::name:
        case Form::dotted_name: return "a name";
        case Form::text: return "a text";
        case Form::mixed: return "a text, with `${…}`";
        case Form::path: return "a path";
        case Form::flag: return "true or false";
        case Form::integer: return "an integer";
        case Form::choice: return "one of its words";
        case Form::expression: return "an expression";
        case Form::loop: return "x in LIST";
        case Form::requirement: return "a requirement";
        case Form::event: return "an event";
        case Form::type:
        case Form::typed: return "a type";
        case Form::script: return "a script";
        case Form::option: return "what the transport takes";
        case Form::value: return "a value";
        case Form::shape: return "a mapping";
        case Form::objects: return "a list of objects";
        case Form::limit: return "a duration";
        case Form::question: return "a question";
        case Form::undo: return "a call, steps, or why there is none";
    }
    return "";
}

void line(std::string& doc, std::string_view title, const std::string& text) {
    if (!text.empty()) doc += "\n- " + std::string(title) + ": " + text;
}

std::string code(std::string_view text) { return text.empty() ? "" : "`" + std::string(text) + "`"; }

// What stands there in the source, on one line.
std::string written(const Compilation& c, base::Span span) {
    if (span.is_nowhere()) return "";
    std::string text(c.sources->text(span));
    std::replace(text.begin(), text.end(), '\n', ' ');
    text = diag::without_secrets(text);
    std::size_t size = std::min<std::size_t>(text.size(), 200);
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) --size;
    return code(size < text.size() ? text.substr(0, size) + "…" : text);
}

std::string all_written(const Compilation& c, const std::vector<base::Span>& spans) {
    std::string text;
    for (const base::Span span : spans) text += (text.empty() ? "" : ", ") + written(c, span);
    return text;
}

std::string parameters_text(const resolve::Model& model, const std::vector<resolve::Parameter>& parameters) {
    std::string text;
    for (const resolve::Parameter& parameter : parameters)
        text += (text.empty() ? "" : ", ") + code(parameter.name) + " " + parameter_text(model, parameter);
    return text;
}

std::string value_text(const resolve::Model& model, const program::Value& value) {
    return program::to_text(value, expand::FarmNames(model));
}

std::string default_text(const resolve::Model& model, const program::Type& type,
                         const std::optional<program::Value>& value) {
    return value && type.category != program::Type::Category::secret
               ? ", " + value_text(model, *value) + " if it is not given"
               : "";
}

std::string sets_text(const Compilation& c, const resolve::Action& action) {
    std::string text;
    for (const program::Action::Sets& sets : action.compiled.sets)
        text += (text.empty() ? "" : ", ") +
                code(sets.attribute + " = " + program::to_text(*sets.value, expand::FarmNames(*c.model)));
    return text;
}

std::string undo_text(const Compilation& c, const resolve::Undo& undo) {
    switch (undo.type) {
        case program::Undo::Type::nothing: return undo.why.empty() ? "nothing" : "nothing: " + undo.why;
        case program::Undo::Type::impossible: return "impossible: " + undo.why;
        case program::Undo::Type::steps: return written(c, undo.span);
    }
    return "";
}

}  // namespace

std::string key_type(const grammar::Key& key) {
    const std::string one(form_text(key.form));
    switch (key.layout) {
        case Layout::one: return one;
        case Layout::list: return "a list: " + one + " each";
        case Layout::one_or_list: return one + ", or a list";
        case Layout::map: return "by name: " + one + " each";
    }
    return one;
}

std::string attribute_text(const resolve::Model& model, const resolve::Attribute& attribute) {
    return program::to_text(attribute.type) + default_text(model, attribute.type, attribute.default_value);
}

std::string parameter_text(const resolve::Model& model, const resolve::Parameter& parameter) {
    return program::to_text(parameter.type) + default_text(model, parameter.type, parameter.default_value);
}

std::string action_doc(const Compilation& c, const resolve::Action& action) {
    std::string doc = "**" + action.compiled.name + "**";
    if (!action.compiled.on_kind.empty()) doc += " on " + action.compiled.on_kind;
    if (!action.compiled.summary.empty()) doc += "\n\n" + action.compiled.summary;
    doc += "\n";
    line(doc, "takes", parameters_text(*c.model, action.parameters));
    line(doc, "needs", written(c, action.requires_span));
    line(doc, "does", all_written(c, action.does_spans));
    line(doc, "sets", sets_text(c, action));
    std::string outputs;
    for (const auto& [name, type] : action.compiled.output_types)
        outputs += (outputs.empty() ? "" : ", ") + code(name) + " " + program::to_text(type);
    line(doc, "puts out", outputs);
    line(doc, "undone by", undo_text(c, action.undo));
    if (action.compiled.takes_ms > 0) line(doc, "lasts about", duration_text(action.compiled.takes_ms));
    if (action.compiled.repeatable) line(doc, "again", "changes nothing");
    return doc;
}

std::string procedure_doc(const Compilation& c, const resolve::Procedure& procedure) {
    std::string doc = "**" + procedure.name + "**";
    if (procedure.on) doc += " on " + c.model->kinds[procedure.on.index()].name;
    doc += "\n";
    line(doc, "takes", parameters_text(*c.model, procedure.parameters));
    std::string steps;
    for (const resolve::Step& step : procedure.block.steps) steps += (steps.empty() ? "" : ", ") + code(step.id);
    line(doc, "steps", steps);
    return doc;
}

std::string kind_doc(const Compilation& c, const resolve::Kind& kind) {
    std::string doc = "**" + kind.name + "**, " + std::to_string(kind.objects.size()) + " in the farm\n";
    for (const resolve::Attribute& attribute : kind.attributes)
        line(doc, code(attribute.name), attribute_text(*c.model, attribute));
    for (const resolve::Attribute& state : kind.state)
        line(doc, "state " + code(state.name), attribute_text(*c.model, state));
    return doc;
}

std::string object_doc(const Compilation& c, const resolve::Object& object) {
    const resolve::Kind& kind = c.model->kinds[object.kind.index()];
    std::string doc = "**" + object.name + "**, " + kind.name + "\n";
    const auto values = [&](const std::vector<resolve::Attribute>& names, std::span<const program::Value> all,
                            const std::string& before) {
        for (std::size_t i = 0; i < names.size() && i < all.size(); ++i)
            if (names[i].type.category != program::Type::Category::secret)
                line(doc, before + code(names[i].name), value_text(*c.model, all[i]));
    };
    values(kind.attributes, c.model->attributes_of(object), "");
    values(kind.state, c.model->state_of(object), "state before the run, ");
    return doc;
}

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

std::string duration_text(std::int64_t milliseconds) {
    std::int64_t seconds = milliseconds / 1000;
    std::string text;
    for (const auto& [size, unit] : {std::pair<std::int64_t, const char*>{3600, "h"}, {60, "m"}, {1, "s"}}) {
        if (seconds / size > 0) text += (text.empty() ? "" : " ") + std::to_string(seconds / size) + " " + unit;
        seconds %= size;
    }
    return text.empty() ? std::to_string(milliseconds) + " ms" : text;
}

}  // namespace pvsplan::lsp
