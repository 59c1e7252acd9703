// The types of the language.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pvsplan::program {

struct Type {
    enum class Is : std::uint8_t {
        poison,  // what was already reported; fits everything, silently
        none,
        boolean,
        integer,
        string,
        duration,
        version,
        secret,
        enumeration,  // `names`: the enumerators in the order of the source
        list,         // `element`
        object,       // `names[0]`: the kind
        json,         // what `json` holds at run time: fits every scalar
    };
    Is is = Is::poison;
    std::vector<std::string> names = {};
    std::shared_ptr<const Type> element = {};

    static Type of(Is is) { return {.is = is}; }
    static Type enumeration(std::vector<std::string> enumerators) {
        return {.is = Is::enumeration, .names = std::move(enumerators)};
    }
    static Type object(std::string kind) { return {.is = Is::object, .names = {std::move(kind)}}; }
    static Type list_of(Type element) {
        return {.is = Is::list, .element = std::make_shared<const Type>(std::move(element))};
    }
    [[nodiscard]] bool is_poison() const { return is == Is::poison; }
};

bool operator==(const Type& a, const Type& b);

// As the language writes it: `version`, `[running, stopped]`, `list of server`.
std::string to_text(const Type& type);

// Whether a value of type `from` may stand where `to` is wanted (poison and json fit everywhere, an int literal
// of the form N is also a version: that is decided by the reader of the literal, not here).
bool fits(const Type& from, const Type& to);

}  // namespace pvsplan::program
