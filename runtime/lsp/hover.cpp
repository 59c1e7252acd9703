#include "runtime/lsp/hover.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/diag/explain.hpp"
#include "grammar/transports.hpp"
#include "runtime/doc/keys.hpp"
#include "runtime/lsp/descriptions.hpp"
#include "runtime/lsp/expression_at.hpp"
#include "runtime/lsp/json_text.hpp"
#include "runtime/lsp/names_at.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;
using compiler::Compilation;
using resolve::Model;
using resolve::Use;

// Its end counts: an editor asks behind the last character as well.
bool holds(base::Span span, const At& at) {
    return !span.is_nowhere() && span.file == at.file && span.begin <= at.offset && at.offset <= span.end;
}

// The row whose text holds the definition, or null.
template <class Rows>
auto* defined_at(Rows& rows, base::Span definition) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) {
        return row.span.file == definition.file && row.span.begin <= definition.begin && definition.end <= row.span.end;
    });
    return found == rows.end() ? nullptr : &*found;
}

// A parameter of the plan is shown with its value, where it has one; that of an action or a procedure has another value
// in each call.
std::string parameter_doc(const Model& model, base::Span definition) {
    if (const auto* const parameter = defined_at(model.parameters, definition)) {
        std::string doc = "parameter `" + parameter->name + "`: " + parameter_text(model, *parameter);
        const program::Value& value = model.arguments[static_cast<std::size_t>(parameter - model.parameters.data())];
        if (!value.is_unknown() && parameter->type.category != program::Type::Category::secret)
            doc += "\n\nvalue: `" + program::to_text(value, expand::FarmNames(model)) + "`";
        return doc;
    }
    const auto of_callee = [&](const auto& callees) -> std::string {
        for (const auto& callee : callees)
            if (const auto* const parameter = defined_at(callee.parameters, definition))
                return "parameter `" + parameter->name + "`: " + parameter_text(model, *parameter);
        return "";
    };
    const std::string doc = of_callee(model.actions);
    return doc.empty() ? of_callee(model.procedures) : doc;
}

std::string attribute_doc(const Model& model, base::Span definition) {
    for (const resolve::Kind& kind : model.kinds) {
        if (const auto* const attribute = defined_at(kind.attributes, definition))
            return "attribute `" + attribute->name + "` of " + kind.name + ": " + attribute_text(model, *attribute);
        if (const auto* const state = defined_at(kind.state, definition))
            return "state `" + state->name + "` of " + kind.name + ": " + attribute_text(model, *state);
    }
    return "";
}

// By its name, as it is called; where it is hovered over at its definition, by that place.
std::string callee_doc(const Compilation& c, const Use& use) {
    const std::string name(c.sources->text(use.place));
    Callee callee = callee_named(*c.model, name);
    if (!callee) {
        const auto* const action = defined_at(c.model->actions, use.definition);
        const auto* const procedure = defined_at(c.model->procedures, use.definition);
        callee = {action, procedure};
    }
    if (callee.action) return action_doc(c, *callee.action);
    return callee.procedure ? procedure_doc(c, *callee.procedure) : "";
}

// A kind is written by its name or by that of its list.
std::string kind_doc_of(const Compilation& c, std::string_view name) {
    for (const resolve::Kind& kind : c.model->kinds)
        if (kind.name == name || kind.plural == name) return kind_doc(c, kind);
    return "";
}

const resolve::Step* step_at(const resolve::Block& block, base::Span head) {
    for (const resolve::Step& step : block.steps) {
        const bool is_it = step.head.file == head.file && step.head.begin <= head.begin && head.end <= step.head.end;
        if (is_it) return &step;
        if (const resolve::Step* const inside = step_at(step.block, head)) return inside;
    }
    return nullptr;
}

// What a step does, and of how many nodes it is one.
std::string step_doc(const Compilation& c, const resolve::Step& step) {
    std::string doc = "step `" + step.id + "`";
    if (step.summary) doc += ": " + *step.summary;
    if (c.has_graph && c.stages) {
        const std::vector<expand::Scope>& scopes = c.stages->expansion.scopes;
        std::size_t nodes = 0;
        for (const expand::Node& node : c.stages->expansion.nodes)
            for (std::uint32_t at = node.scope; at != expand::none; at = scopes[at].parent)
                if (scopes[at].step == &step) {
                    ++nodes;
                    break;
                }
        doc += nodes == 0 ? "\n\nnothing is left of it to do" : "\n\n" + base::counted(nodes, "node");
    }
    if (step.action) doc += "\n\n" + action_doc(c, c.model->actions[step.action.index()]);
    if (step.procedure) doc += "\n\n" + procedure_doc(c, c.model->procedures[step.procedure.index()]);
    return doc;
}

std::string step_doc_at(const At& at) {
    const resolve::Step* const step = step_at(at.compilation.model->block, {at.file, at.offset, at.offset});
    // The head of a step without an id is what it calls, which has more to say.
    return step && step->has_id ? step_doc(at.compilation, *step) : "";
}

// What has more to say than its name says it; a definition that is gone, as while it is being typed, says its name.
std::string use_doc(const Compilation& c, const Use& use) {
    const Model& model = *c.model;
    const std::string name(c.sources->text(use.place));
    switch (use.of) {
        case Use::Of::action:
        case Use::Of::procedure: return callee_doc(c, use);
        case Use::Of::kind: return kind_doc_of(c, name);
        case Use::Of::parameter: return parameter_doc(model, use.definition);
        case Use::Of::attribute: return attribute_doc(model, use.definition);
        case Use::Of::object:
            if (const auto* const object = defined_at(model.farm.objects, use.definition))
                return object_doc(c, *object);
            return "";
        case Use::Of::predicate:
            if (const auto* const predicate = defined_at(model.predicates, use.definition);
                predicate && predicate->condition)
                return "predicate `" + predicate->name + "` of " +
                       (predicate->kind ? model.kinds[predicate->kind.index()].name : "nothing") + ": `" +
                       program::to_text(*predicate->condition, expand::FarmNames(model)) + "`";
            return "";
        case Use::Of::step:
            if (const resolve::Step* const step = step_at(model.block, use.definition)) return step_doc(c, *step);
            return "step `" + name + "`";
        default: return std::string(resolve::name_of(use.of)) + " `" + name + "`";
    }
}

// What is defined there, whether or not anything uses it.
std::string definition_doc(const At& at) {
    const Compilation& c = at.compilation;
    const base::Span here{at.file, at.offset, at.offset};
    if (const auto* const action = defined_at(c.model->actions, here)) return action_doc(c, *action);
    if (const auto* const procedure = defined_at(c.model->procedures, here)) return procedure_doc(c, *procedure);
    if (const auto* const kind = defined_at(c.model->kinds, here)) return kind_doc(c, *kind);
    std::string doc = parameter_doc(*c.model, here);
    return doc.empty() ? attribute_doc(*c.model, here) : doc;
}

// The verdicts on the requirement that is written there, or on all that the entry asks for.
std::string verdicts_at(const At& at) {
    const Compilation& c = at.compilation;
    std::string doc;
    for (std::size_t i = 0; i < c.requirement_places.size() && i < c.requirements.size(); ++i) {
        const program::RequirementPlaces& places = c.requirement_places[i];
        if (holds(places.whole, at)) return verdict_doc(c, i);
        if (!holds(places.asked_at, at)) continue;
        const std::string verdict =
            i < c.decisions.size() ? std::string(checks::name_of(c.decisions[i].verdict)) : "not decided yet";
        doc += "\n- " + c.requirements[i].name + ": " + verdict;
        if (i < c.decisions.size() && c.decisions[i].reached >= 0)
            doc += " (" + std::to_string(c.decisions[i].reached) + ")";
    }
    return doc;
}

// What is explained of the findings that stand there, without the examples: a hover is read beside one's own plan.
std::string explained_at(const At& at) {
    std::string doc;
    for (const diag::Diagnostic& finding : at.compilation.sink.all()) {
        if (!holds(finding.span, at)) continue;
        const auto page = diag::explain_page(diag::code_text(finding.code));
        if (!page || doc.find(diag::code_text(finding.code)) != std::string::npos) continue;
        const std::string_view words = std::string_view(*page).substr(0, page->find("\n## "));
        base::append(doc, "\n\n---\n\n",
                     std::string(words.substr(words.find_first_not_of("# "))) + "\nExamples: `pvsplan explain " +
                         diag::code_text(finding.code) + "`");
    }
    return doc;
}

// What a transport takes: a key of the one that is named, or of any while none is.
std::string connect_doc(const Cursor& cursor, const std::string& word) {
    const bool is_key = cursor.at == Cursor::At::key;
    const std::string name = is_key || cursor.way.empty() ? word : cursor.way.back().name;
    if (name == "over") {
        const grammar::Transport* const over = is_key ? nullptr : grammar::transport(word);
        return over ? "**" + word + "**: " + std::string(over->doc) : "**over**: how the host is reached";
    }
    const std::size_t level = is_key ? cursor.way.size() : cursor.way.size() - 1;
    const grammar::Transport* const named = grammar::transport(cursor.sibling(level, "over"));
    for (const grammar::Transport& transport : grammar::transports())
        if (const grammar::ConnectKey* const key = transport.key(name); key && (!named || named == &transport))
            return "**" + name + "**: " + grammar::words_for(*key) + "\n\n" + std::string(key->doc);
    return "";
}

// By the text and the table of shapes: keys are no names, so that no table of uses has them.
std::string key_doc(const At& at) {
    const Slot slot = slot_at(at.places.lines(at.file), at.offset);
    const Cursor& cursor = slot.cursor;
    const Lines& lines = at.places.lines(at.file);
    const std::string word(lines.text().substr(cursor.begin, cursor.end - cursor.begin));
    if (slot.value && slot.value->form == grammar::Form::option) return connect_doc(cursor, word);
    const grammar::Key* key = slot.shape ? slot.shape->key(word) : nullptr;
    if (!key && cursor.at == Cursor::At::value && slot.value && !slot.value->name.empty()) key = slot.value;
    if (!key) return "";
    return "**" + std::string(key->name) + "**: " + doc::form_of(*key) + "\n\n" + std::string(key->doc);
}

// Behind the last character of a name the same is said as on it: that is where an editor's cursor is after typing.
At within_name(const At& at) {
    const std::string_view text = at.places.lines(at.file).text();
    const auto is_of_name = [&](std::size_t offset) {
        return offset < text.size() &&
               (std::isalnum(static_cast<unsigned char>(text[offset])) != 0 || text[offset] == '_' ||
                text[offset] == '-' || static_cast<unsigned char>(text[offset]) >= 0x80);
    };
    const bool is_behind = at.offset > 0 && is_of_name(at.offset - 1) && !is_of_name(at.offset);
    return {at.compilation, at.places, at.file, is_behind ? at.offset - 1 : at.offset};
}

}  // namespace

// The best that there is, in this order: what a name means, what an expression is worth, what was proved; else the
// step, the definition or the key. What findings there mean comes last, whatever stands before it.
std::string hover_json(const At& asked) {
    const At at = within_name(asked);
    const Compilation& c = at.compilation;
    std::string doc;
    Json range;
    const Use* use = c.model->uses ? c.model->uses->at(at.file, at.offset) : nullptr;
    // The module before an action is a part of its name.
    std::optional<base::Span> marked;
    if (use && use->of == Use::Of::module && use->place.file == at.file && holds(use->place, at)) {
        const Use* const behind = c.model->uses->at(at.file, use->place.end + 1);
        if (behind && (behind->of == Use::Of::action || behind->of == Use::Of::procedure)) {
            marked = base::Span{at.file, use->place.begin, behind->place.end};
            use = behind;
        }
    }
    if (use) {
        doc = use_doc(c, *use);
        range = at.places.range(marked ? *marked : holds(use->place, at) ? use->place : use->definition);
    }
    if (const auto expression = expression_at(at)) {
        base::append(doc, "\n\n---\n\n", expression->doc);
        if (!use) range = at.places.range(expression->span);
    }
    if (const std::string verdicts = verdicts_at(at); !verdicts.empty()) base::append(doc, "\n\n", verdicts);
    if (doc.empty()) doc = step_doc_at(at);
    if (doc.empty()) doc = definition_doc(at);
    if (doc.empty()) doc = key_doc(at);
    if (const std::string page = explained_at(at); !page.empty()) base::append(doc, "\n\n---\n\n", page);
    if (doc.empty()) return "null";
    Json hover = {{"contents", {{"kind", "markdown"}, {"value", doc}}}};
    if (!range.is_null()) hover["range"] = range;
    return json_text(hover);
}

}  // namespace pvsplan::lsp
