#include "compiler/program/list_index.hpp"

namespace pvsplan::program {
namespace {

// A plan has a handful; lists that are made anew could be any number.
constexpr std::size_t max_lists = 64;

}  // namespace

// One element that is not known spoils the index: it could have any value.
ListIndex::Attributes ListIndex::attributes_of(const Value& list, const std::string& attribute, const Env& env) {
    Attributes made{.list = list};
    std::unordered_map<Value, Value::List, Value::Hash> elements;
    for (const Value& element : *list.as_list()) {
        const ObjectId* object = element.as_object();
        const Value value = object ? attribute_of(*object, attribute, env) : Value::unnamed_unknown(0);
        if (value.has_unknown()) return {.list = list, .are_known = false};
        elements[value].push_back(element);
    }
    for (auto& [value, those] : elements) made.elements.emplace(value, Value::list(std::move(those)));
    return made;
}

ListIndex::Elements ListIndex::elements_of(const Value& list) {
    if (list.has_unknown()) return {.list = list, .are_known = false};
    return {.list = list, .all = {list.as_list()->begin(), list.as_list()->end()}};
}

// The list is found by its address, which is shared by all copies of a value. The charge is taken when the index is
// made; each look-up after that is free.
std::optional<Value> ListIndex::elements(const Value& list, const std::string& attribute, const Value& value,
                                         const Env& env) {
    const std::lock_guard lock(looking_);
    auto found = attributes_.find({list.as_list(), attribute});
    if (found == attributes_.end()) {
        if (!env.charge(list.as_list()->size())) return Value::none();
        if (attributes_.size() == max_lists) attributes_.clear();
        found = attributes_.emplace(std::pair(list.as_list(), attribute), attributes_of(list, attribute, env)).first;
    }
    if (!found->second.are_known) return std::nullopt;
    const auto those = found->second.elements.find(value);
    return those == found->second.elements.end() ? Value::list({}) : those->second;
}

// Nothing where the list has a value that is not known: then it has to be looked through.
std::optional<bool> ListIndex::contains(const Value& list, const Value& element) {
    const std::lock_guard lock(looking_);
    auto found = elements_.find(list.as_list());
    if (found == elements_.end()) {
        if (elements_.size() == max_lists) elements_.clear();
        found = elements_.emplace(list.as_list(), elements_of(list)).first;
    }
    if (!found->second.are_known) return std::nullopt;
    return found->second.all.contains(element);
}

}  // namespace pvsplan::program
