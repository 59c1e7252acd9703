#include "compiler/program/type.hpp"

#include <algorithm>

namespace pvsplan::program {

bool operator==(const Type& a, const Type& b) {
    if (a.category != b.category || a.names != b.names) return false;
    if (a.element == b.element) return true;
    return a.element && b.element && *a.element == *b.element;
}

// Control characters in UTF-8: C0, DEL, and C1, which takes two bytes.
bool is_path(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (byte < 0x20 || byte == 0x7f || is_c1) return false;
    }
    return true;
}

std::string to_text(const Type& type) {
    switch (type.category) {
        case Type::Category::error: return "unknown";
        case Type::Category::none: return "none";
        case Type::Category::boolean: return "bool";
        case Type::Category::integer: return "int";
        case Type::Category::string: return "string";
        case Type::Category::path: return "path";
        case Type::Category::duration: return "duration";
        case Type::Category::version: return "version";
        case Type::Category::secret: return "secret";
        case Type::Category::json: return "json";
        case Type::Category::object: return type.names.empty() ? "object" : type.names.front();
        case Type::Category::list: return "list of " + (type.element ? to_text(*type.element) : std::string("unknown"));
        case Type::Category::enumeration: break;
    }
    std::string text = "[";
    for (const std::string& name : type.names) text += (text.size() > 1 ? ", " : "") + name;
    return text + "]";
}

// An enumeration fits one that has all of its enumerators: each of its values is one there.
bool fits(const Type& from, const Type& to) {
    if (from.is_error() || to.is_error() || from.category == Type::Category::json ||
        to.category == Type::Category::json)
        return true;
    const auto is_text = [](const Type& type) {
        return type.category == Type::Category::string || type.category == Type::Category::path;
    };
    if (is_text(from) && is_text(to)) return true;  // what becomes a path is looked at when its value is known
    if (from.category != to.category) return false;
    switch (from.category) {
        case Type::Category::enumeration:
            return std::all_of(from.names.begin(), from.names.end(), [&](const std::string& name) {
                return std::find(to.names.begin(), to.names.end(), name) != to.names.end();
            });
        case Type::Category::list: return !from.element || !to.element || fits(*from.element, *to.element);
        case Type::Category::object: return from.names == to.names;
        default: return true;
    }
}

}  // namespace pvsplan::program
