// The types of the language.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pvsplan::program {

// Words of a type. Shared, as every expression has a type, and copies are made of them.
class TypeNames {
  public:
    using Names = std::vector<std::string>;

    TypeNames() = default;
    TypeNames(Names names)  // NOLINT(google-explicit-constructor)
        : names_(names.empty() ? nullptr : std::make_shared<const Names>(std::move(names))) {}
    operator const Names&() const { return names_ ? *names_ : none(); }  // NOLINT(google-explicit-constructor)

    [[nodiscard]] Names::const_iterator begin() const { return all().begin(); }
    [[nodiscard]] Names::const_iterator end() const { return all().end(); }
    [[nodiscard]] std::size_t size() const { return all().size(); }
    [[nodiscard]] bool empty() const { return all().empty(); }
    [[nodiscard]] const std::string& front() const { return all().front(); }
    [[nodiscard]] const std::string& operator[](std::size_t at) const { return all()[at]; }
    [[nodiscard]] const std::string& at(std::size_t at) const { return all().at(at); }
    // Mostly the same ones, which are not compared word by word.
    friend bool operator==(const TypeNames& a, const TypeNames& b) {
        return a.names_ == b.names_ || a.all() == b.all();
    }

  private:
    [[nodiscard]] const Names& all() const { return *this; }
    static const Names& none() {
        static const Names nothing;
        return nothing;
    }
    std::shared_ptr<const Names> names_;  // null: none
};

// A type is a value, and cheap to copy. Which fields count is said at each category.
struct Type {
    enum class Category : std::uint8_t {
        error,  // what was already reported; fits everything, silently
        none,
        boolean,
        integer,
        string,
        path,  // a string without control characters
        duration,
        version,
        secret,
        enumeration,  // `names`: the enumerators in the order of the source
        list,         // `element`
        object,       // `names[0]`: the kind
        json,         // what `json` holds at run time: fits every scalar
    };
    Category category = Category::error;
    TypeNames names = {};                      // as the category says
    std::shared_ptr<const Type> element = {};  // of a list; null: of any type

    // A type that has neither words nor an element.
    static Type of(Category is) { return {.category = is}; }
    static Type enumeration(std::vector<std::string> enumerators) {
        return {.category = Category::enumeration, .names = std::move(enumerators)};
    }
    static Type object(std::string kind) {
        return {.category = Category::object, .names = TypeNames::Names{std::move(kind)}};
    }
    static Type list_of(Type element) {
        return {.category = Category::list, .element = std::make_shared<const Type>(std::move(element))};
    }
    [[nodiscard]] bool is_error() const { return category == Category::error; }
};

bool operator==(const Type& a, const Type& b);

// Whether the text may be a path. `/` and `\\` stay as they are written.
bool is_path(std::string_view text);

// As the language writes it: `version`, `[running, stopped]`, `list of server`.
std::string to_text(const Type& type);

// Whether a value of type `from` may stand where `to` is wanted (the error type and json fit everywhere, an int literal
// of the form N is also a version: that is decided by the reader of the literal, not here).
bool fits(const Type& from, const Type& to);

}  // namespace pvsplan::program
