#include "compiler/expand/expansion.hpp"

#include <algorithm>

#include "compiler/resolve/model.hpp"

namespace pvsplan::expand {

std::uint32_t Unknowns::id_of(const program::ExprPtr& expr, const program::ObjectNames& names) {
    const auto [found, is_new] = ids_.try_emplace(program::to_text(*expr, program::DistinctNames(names)),
                                                  static_cast<std::uint32_t>(exprs_.size()));
    if (is_new) {
        exprs_.push_back(expr);
        texts_.push_back(program::to_text(*expr, names));
    }
    return resolve::unknown_other_base + found->second;
}

program::ExprPtr Unknowns::expr_of(std::uint32_t id) const {
    if (id < resolve::unknown_other_base) return nullptr;
    return exprs_.at(id - resolve::unknown_other_base);
}

const std::string* Unknowns::text_of(std::uint32_t id) const {
    if (id < resolve::unknown_other_base) return nullptr;
    return &texts_.at(id - resolve::unknown_other_base);
}

std::string Expansion::path_of_scope(std::uint32_t scope, const resolve::Model& model) const {
    std::vector<std::uint32_t> chain;
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

std::span<const Value> Expansion::approved(const Node& node) const {
    if (node.is != program::Node::Is::approval) return {};
    const std::span<const Value> row = frames[node.content];
    return row.subspan(1);
}

std::string Expansion::path(std::uint32_t node, const resolve::Model& model) const {
    std::string path = path_of_scope(nodes[node].scope, model);
    if (nodes[node].part == Node::Part::approval) path += ":approve";
    return path;
}

}  // namespace pvsplan::expand
