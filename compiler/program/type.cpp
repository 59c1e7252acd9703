#include "compiler/program/type.hpp"

#include <algorithm>

namespace pvsplan::program {

bool operator==(const Type& a, const Type& b) {
    if (a.is != b.is || a.names != b.names) return false;
    if (a.element == b.element) return true;
    return a.element && b.element && *a.element == *b.element;
}

std::string to_text(const Type& type) {
    switch (type.is) {
        case Type::Is::poison: return "unknown";
        case Type::Is::none: return "none";
        case Type::Is::boolean: return "bool";
        case Type::Is::integer: return "int";
        case Type::Is::string: return "string";
        case Type::Is::duration: return "duration";
        case Type::Is::version: return "version";
        case Type::Is::secret: return "secret";
        case Type::Is::json: return "json";
        case Type::Is::object: return type.names.empty() ? "object" : type.names.front();
        case Type::Is::list: return "list of " + (type.element ? to_text(*type.element) : std::string("unknown"));
        case Type::Is::enumeration: break;
    }
    std::string text = "[";
    for (const std::string& name : type.names) text += (text.size() > 1 ? ", " : "") + name;
    return text + "]";
}

bool fits(const Type& from, const Type& to) {
    if (from.is_poison() || to.is_poison() || from.is == Type::Is::json || to.is == Type::Is::json) return true;
    if (from.is != to.is) return false;
    switch (from.is) {
        case Type::Is::enumeration:
            return std::all_of(from.names.begin(), from.names.end(), [&](const std::string& name) {
                return std::find(to.names.begin(), to.names.end(), name) != to.names.end();
            });
        case Type::Is::list: return !from.element || !to.element || fits(*from.element, *to.element);
        case Type::Is::object: return from.names == to.names;
        default: return true;
    }
}

}  // namespace pvsplan::program
