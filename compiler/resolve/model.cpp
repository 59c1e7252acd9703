#include "compiler/resolve/model.hpp"

#include <algorithm>

namespace pvsplan::resolve {
namespace {

const Attribute* find(const std::vector<Attribute>& all, std::string_view name) {
    for (const Attribute& one : all)
        if (one.name == name) return &one;
    return nullptr;
}

std::optional<std::size_t> find_index(const std::vector<Attribute>& all, std::string_view name) {
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].name == name) return i;
    return std::nullopt;
}

}  // namespace

const Attribute* Kind::attribute(std::string_view n) const { return find(attributes, n); }
const Attribute* Kind::state_attribute(std::string_view n) const { return find(state, n); }
std::optional<std::size_t> Kind::attribute_index(std::string_view n) const { return find_index(attributes, n); }
std::optional<std::size_t> Kind::state_index(std::string_view n) const { return find_index(state, n); }

// By bisection of `by_name`; of objects with one name, which were reported, the first of the farm.
std::optional<ObjectId> Model::object_named(const Kind& kind, std::string_view name) const {
    const auto found =
        std::lower_bound(kind.by_name.begin(), kind.by_name.end(), name,
                         [&](ObjectId id, std::string_view wanted) { return farm.objects[id.index()].name < wanted; });
    if (found == kind.by_name.end() || farm.objects[found->index()].name != name) return std::nullopt;
    return *found;
}

std::span<Value> Model::attributes_of(const Object& object) {
    return std::span(farm.values).subspan(object.values, kinds[object.kind.index()].attributes.size());
}
std::span<const Value> Model::attributes_of(const Object& object) const {
    return std::span(farm.values).subspan(object.values, kinds[object.kind.index()].attributes.size());
}
std::span<Value> Model::state_of(const Object& object) {
    const Kind& kind = kinds[object.kind.index()];
    return std::span(farm.values).subspan(object.values + kind.attributes.size(), kind.state.size());
}
std::span<const Value> Model::state_of(const Object& object) const {
    const Kind& kind = kinds[object.kind.index()];
    return std::span(farm.values).subspan(object.values + kind.attributes.size(), kind.state.size());
}

std::vector<std::string> names_of_values(const Model& model, const program::Type& type) {
    if (type.category == program::Type::Category::boolean) return {"true", "false"};
    if (type.category == program::Type::Category::enumeration) return {type.names.begin(), type.names.end()};
    std::vector<std::string> names;
    if (type.category != program::Type::Category::object) return names;
    const auto kind = model.kind_by_name.find(type.names[0]);
    if (kind == model.kind_by_name.end()) return names;
    for (const Object& object : model.farm.objects)
        if (object.kind == kind->second) names.push_back(object.name);
    return names;
}

}  // namespace pvsplan::resolve
