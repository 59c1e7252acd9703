#include "runtime/lsp/outline.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/base/lower_case.hpp"
#include "compiler/syntax/parsed.hpp"

#include "runtime/lsp/json_text.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;
using Of = Symbol::Of;

// The kinds of the protocol, the nearest that it has.
int icon(Of of) {
    switch (of) {
        case Of::step: return 6;          // method
        case Of::group: return 3;         // namespace
        case Of::parameter: return 13;    // variable
        case Of::requirement: return 14;  // constant
        case Of::object: return 19;       // object
        case Of::list: return 18;         // array
        case Of::kind: return 5;          // class
        case Of::attribute: return 8;     // field
        case Of::predicate: return 17;    // boolean
        case Of::action: return 12;       // function
    }
    return 13;
}

// Editors refuse a symbol without a name; one that is being typed has none yet.
Symbol named(const syntax::Text& name, Of of, base::Span whole, std::string detail = {}) {
    return {name.value.empty() ? "(no name)" : name.value, std::move(detail), of, whole, name.span, {}};
}

std::string text_of(const std::optional<syntax::Text>& text) { return text ? text->value : ""; }

// A step without an id is called by what it does; with one, what it calls stands beside it.
Symbol step_symbol(const syntax::Step& step) {
    const bool is_group = step.type == syntax::Step::Type::sequence || step.type == syntax::Step::Type::parallel;
    Symbol symbol{.name = step.id     ? step.id->value
                          : step.call ? step.call->value
                          : is_group  ? "group"
                                      : "approval",
                  .detail = step.id ? text_of(step.call) : "",
                  .of = is_group ? Of::group : Of::step,
                  .whole = step.span,
                  .head = step.id ? step.id->span : step.key_span,
                  .children = {}};
    for (const syntax::Step& inside : step.steps) symbol.children.push_back(step_symbol(inside));
    if (step.recover)
        for (const syntax::Step& inside : *step.recover) symbol.children.push_back(step_symbol(inside));
    return symbol;
}

// What could not be read is left out, unless it has at least a name.
void add_steps(const std::vector<syntax::Step>& steps, std::vector<Symbol>& symbols) {
    for (const syntax::Step& step : steps)
        if (step.type != syntax::Step::Type::error || step.id) symbols.push_back(step_symbol(step));
}

void add_parameters(const std::vector<syntax::Parameter>& parameters, std::vector<Symbol>& symbols) {
    for (const syntax::Parameter& one : parameters)
        symbols.push_back(named(one.name, Of::parameter, one.name.span, one.type.name));
}

void add_invariants(const std::vector<syntax::Invariant>& invariants, std::vector<Symbol>& symbols) {
    for (const syntax::Invariant& one : invariants)
        symbols.push_back(named(one.name, Of::requirement, one.span, one.require.source));
}

std::vector<Symbol> of(const syntax::PlanDocument& plan) {
    std::vector<Symbol> symbols;
    add_parameters(plan.parameters, symbols);
    add_steps(plan.steps, symbols);
    if (plan.recover) add_steps(*plan.recover, symbols);
    add_invariants(plan.invariants, symbols);
    return symbols;
}

std::vector<Symbol> of(const syntax::FarmDocument& farm) {
    std::vector<Symbol> symbols;
    for (const syntax::FarmList& list : farm.lists) {
        Symbol symbol = named(list.plural, Of::list, list.plural.span);
        for (const syntax::FarmObject& object : list.objects)
            symbol.children.push_back(named(object.name, Of::object, object.span));
        if (!list.objects.empty()) symbol.whole.end = list.objects.back().span.end;
        symbols.push_back(std::move(symbol));
    }
    return symbols;
}

std::vector<Symbol> of(const syntax::ModuleDocument& module) {
    std::vector<Symbol> symbols;
    for (const syntax::KindText& kind : module.kinds) {
        Symbol symbol = named(kind.name, Of::kind, kind.span, kind.plural.value);
        for (const auto* const all : {&kind.attributes, &kind.state})
            for (const syntax::AttributeText& one : *all)
                symbol.children.push_back(named(one.name, Of::attribute, one.name.span, one.type.name));
        symbols.push_back(std::move(symbol));
    }
    for (const syntax::PredicateText& one : module.predicates)
        symbols.push_back(named(one.name, Of::predicate, one.span));
    for (const syntax::ActionText& one : module.actions)
        symbols.push_back(named(one.name, Of::action, one.span, text_of(one.on)));
    for (const syntax::ProcedureText& one : module.procedures) {
        Symbol symbol = named(one.name, Of::action, one.span, text_of(one.on));
        add_steps(one.steps, symbol.children);
        symbols.push_back(std::move(symbol));
    }
    return symbols;
}

std::vector<Symbol> of(const syntax::PolicyDocument& policy) {
    std::vector<Symbol> symbols;
    add_parameters(policy.parameters, symbols);
    add_invariants(policy.invariants, symbols);
    return symbols;
}

// The whole holds the head, and all that is inside.
base::Span whole_of(const Symbol& symbol) {
    base::Span whole = symbol.whole.is_nowhere() ? symbol.head : symbol.whole;
    whole.begin = std::min(whole.begin, symbol.head.begin);
    whole.end = std::max(whole.end, symbol.head.end);
    return whole;
}

// The protocol wants `selectionRange` within `range`, and refuses a symbol of which it is not so. Recursion is as deep
// as documents nest, which the parser bounds.
Json json_of(const Symbol& symbol, const Lines& lines) {
    const base::Span whole = whole_of(symbol);
    Json json = {{"name", symbol.name},
                 {"kind", icon(symbol.of)},
                 {"range", lines.range(whole.begin, whole.end)},
                 {"selectionRange", lines.range(symbol.head.begin, symbol.head.end)}};
    if (!symbol.detail.empty()) json["detail"] = symbol.detail;
    Json children = Json::array();
    for (const Symbol& child : symbol.children)
        if (!child.head.is_nowhere()) children.push_back(json_of(child, lines));
    if (!children.empty()) json["children"] = std::move(children);
    return json;
}

// What is known of a text by itself. Without a compilation: an outline is asked of text that does not compile.
std::vector<Symbol> outline_of(const std::string& path, const std::string& text) {
    base::Sources sources;
    const base::FileId file = sources.add(path, text);
    const auto parsed = syntax::parse_document(sources, file);
    return parsed->document ? outline(*parsed->document) : std::vector<Symbol>();
}

// Nothing more is added at the bound; what is found does not depend on how it is written, large or small.
void find(const std::vector<Symbol>& symbols, const std::string& query, const std::string& uri,
          const std::string& container, const Lines& lines, std::vector<std::string>& found) {
    for (const Symbol& symbol : symbols) {
        const bool is_meant = base::lower_case(symbol.name).find(query) != std::string::npos;
        if (is_meant && found.size() < max_symbols && !symbol.head.is_nowhere())
            found.push_back(json_text(
                Json{{"name", symbol.name},
                     {"kind", icon(symbol.of)},
                     {"containerName", container},
                     {"location", {{"uri", uri}, {"range", lines.range(symbol.head.begin, symbol.head.end)}}}}));
        find(symbol.children, query, uri, symbol.name, lines, found);
    }
}

}  // namespace

std::vector<Symbol> outline(const syntax::Document& document) {
    return std::visit([](const auto& one) { return of(one); }, document);
}

std::string outline_json(const std::string& path, const std::string& text, Encoding encoding) {
    const Lines lines(text, encoding);
    Json all = Json::array();
    for (const Symbol& symbol : outline_of(path, text))
        if (!symbol.head.is_nowhere()) all.push_back(json_of(symbol, lines));
    return json_text(all);
}

void find_symbols(const std::string& query, const std::string& uri, const std::string& path, const std::string& text,
                  Encoding encoding, std::vector<std::string>& found) {
    const Lines lines(text, encoding);
    find(outline_of(path, text), base::lower_case(query), uri, path, lines, found);
}

std::string joined_json(const std::vector<std::string>& items) {
    std::string json = "[";
    for (const std::string& item : items) json += (json.size() == 1 ? "" : ",") + item;
    return json + "]";
}

}  // namespace pvsplan::lsp
