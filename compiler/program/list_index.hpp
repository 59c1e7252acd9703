// Lists that are asked often: which elements have a value as an attribute, and whether an element is there. A filter
// like
// `[t in servers where t.site == s.site]` then costs one look at every server, and not one for each `s` that asks.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "compiler/program/expr.hpp"

namespace pvsplan::program {

// For lists of a farm, whose attributes never change. Any thread may ask. What is asked for is known, and nothing is
// answered where elements are not.
class ListIndex {
  public:
    // The elements whose `attribute` is `value`, in the order of the list. None if `env` refuses the charge.
    [[nodiscard]] std::optional<Value> elements(const Value& list, const std::string& attribute, const Value& value,
                                                const Env& env);
    // Whether the element is there; nothing if some elements are not known.
    [[nodiscard]] std::optional<bool> contains(const Value& list, const Value& element);

  private:
    struct Attributes {
        Value list;  // which keeps the key alive
        bool are_known = true;
        std::unordered_map<Value, Value, Value::Hash> elements;  // by the attribute
    };
    struct Elements {
        Value list;
        bool are_known = true;
        std::unordered_set<Value, Value::Hash> all;
    };
    [[nodiscard]] static Attributes attributes_of(const Value& list, const std::string& attribute, const Env& env);
    [[nodiscard]] static Elements elements_of(const Value& list);

    std::mutex looking_;
    std::map<std::pair<const Value::List*, std::string>, Attributes> attributes_;
    std::map<const Value::List*, Elements> elements_;
};

}  // namespace pvsplan::program
