#include "compiler/expand/expansion.hpp"

#include <algorithm>

#include "compiler/resolve/model.hpp"

namespace pvsplan::expand {

// From the outside in, so that each copy finds its parent copied.
std::uint32_t Expansion::copy_scopes(const Expansion& other, std::uint32_t scope) {
    std::vector<std::uint32_t> chain;
    for (std::uint32_t at = scope; at != none; at = other.scopes[at].parent) chain.push_back(at);
    std::uint32_t parent = none;
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
        Scope copy = other.scopes[*at];
        copy.parent = parent;
        if (copy.element != none && (copy.element & Scope::is_value)) {
            values.push_back(other.values[copy.element & ~Scope::is_value]);
            copy.element = Scope::is_value | static_cast<std::uint32_t>(values.size() - 1);
        }
        scopes.push_back(copy);
        parent = static_cast<std::uint32_t>(scopes.size() - 1);
    }
    return parent;
}

// Made on demand: a path for each of a million nodes would take more memory than all else. The prefix belongs to what
// is below `root`; copied scopes have the paths of the plan.
std::string Expansion::path_of_scope(std::uint32_t scope, const resolve::Model& model) const {
    std::vector<std::uint32_t> chain;
    chain.reserve(8);
    std::uint32_t at_root = scope;
    for (; at_root != none && scopes[at_root].step; at_root = scopes[at_root].parent) chain.push_back(at_root);
    std::reverse(chain.begin(), chain.end());
    std::string path = at_root == root ? path_prefix : std::string();
    for (const std::uint32_t at : chain) {
        const Scope& part = scopes[at];
        if (!path.empty()) path += '.';
        path += part.step->id;
        if (part.element == none) continue;
        path += '[';
        if (part.element & Scope::is_value)
            path += program::to_text(values[part.element & ~Scope::is_value], FarmNames(model));
        else
            path += model.farm.objects[part.element].name;
        path += ']';
    }
    return path;
}

namespace {

// The steps around a scope, from the inside out.
void add_around(const std::vector<Scope>& scopes, std::uint32_t scope, diag::Place& place) {
    for (; scope != none && scopes[scope].step; scope = scopes[scope].parent)
        place.around.push_back(scopes[scope].step->head);
}

// A loop has a scope and each of its elements another one inside it; both belong to one step.
std::uint32_t outside_of(const std::vector<Scope>& scopes, std::uint32_t scope) {
    const resolve::Step* const step = scopes[scope].step;
    while (scope != none && scopes[scope].step == step) scope = scopes[scope].parent;
    return scope;
}

// The scopes around, from the outermost to this one; scopes without a step are the roots of expansions.
std::vector<std::uint32_t> from_outside(const std::vector<Scope>& scopes, std::uint32_t scope) {
    std::vector<std::uint32_t> chain;
    for (; scope != none && scopes[scope].step; scope = scopes[scope].parent) chain.push_back(scope);
    std::reverse(chain.begin(), chain.end());
    return chain;
}

}  // namespace

// The text that was seen, with all steps that led there: a module is read from several plans.
diag::Place Expansion::finding_in(std::uint32_t scope, base::Span seen, const resolve::Model& model) const {
    diag::Place place(seen);
    add_around(scopes, scope, place);
    place.instance = path_of_scope(scope, model);
    return place;
}

// At the head of the step; nowhere for a node that no step has.
diag::Place Expansion::finding_at(std::uint32_t node, const resolve::Model& model) const {
    const std::uint32_t scope = nodes[node].scope;
    if (scope == none || !scopes[scope].step) return base::Span();
    diag::Place place = finding_in(scopes[scope].parent, scopes[scope].step->head, model);
    place.instance = path(node, model);
    return place;
}

// The two paths are alike down to the block that holds both steps; the first difference is where an order between them
// would be written.
FoundBetween Expansion::found_between(std::uint32_t earlier, std::uint32_t later, const resolve::Model& model) const {
    const auto before = from_outside(scopes, nodes[earlier].scope);
    const auto after = from_outside(scopes, nodes[later].scope);
    const auto [b, a] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    if (b == before.end() || a == after.end()) return {finding_at(later, model), ""};  // one contains the other
    const resolve::Step& awaited = *scopes[*b].step;
    const resolve::Step& waiting = *scopes[*a].step;
    const bool is_loop = &awaited == &waiting && waiting.for_each;
    FoundBetween found{is_loop ? waiting.for_each->at_most_span : waiting.head};
    // The names inside a procedure are not valid where it is called.
    if (waiting.head.file == model.plan_span.file) {
        if (!is_loop) found.steps = diag::StepPair{awaited.span, waiting.span};
        found.way_out = is_loop ? "set `at_most: 1`" : "let `" + waiting.id + "` wait for `" + awaited.id + "`";
    }
    add_around(scopes, outside_of(scopes, *a), found.place);
    found.place.instance = path(later, model);
    return found;
}

// What lets others go on after a failure is `on_failure: continue` of a loop, so that is where it is told.
diag::Place Expansion::finding_on_failure(std::uint32_t node, const resolve::Model& model) const {
    const std::uint32_t instance = terms[nodes[node].terms].instance;
    if (instance == none) return finding_at(node, model);
    diag::Place place(loops[instances[instance].loop].step->on_failure->span);
    add_around(scopes, outside_of(scopes, instances[instance].scope), place);
    place.instance = path(node, model);
    return place;
}

// The first value of the row is the text of the approval; the objects come behind it.
std::span<const Value> Expansion::approved(const Node& node) const {
    if (node.type != program::Node::Type::approval) return {};
    const std::span<const Value> row = frames[node.content];
    return row.subspan(1);
}

std::string Expansion::path(std::uint32_t node, const resolve::Model& model) const {
    std::string path = path_of_scope(nodes[node].scope, model);
    if (nodes[node].part == Node::Part::approval) path += ":approve";
    return path;
}

}  // namespace pvsplan::expand
