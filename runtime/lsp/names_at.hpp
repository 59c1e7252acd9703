// Which names may stand at a place, and what is known of them, while its text may be damaged.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/resolve/model.hpp"
#include "runtime/lsp/slot.hpp"

namespace pvsplan::lsp {

// What stands behind a name in an expression: an object of that kind, or only words on its type. It points into the
// model.
struct NameAt {
    std::string name;  // as it is written
    std::string type;  // as the language writes it, for people
    const resolve::Kind* kind = nullptr;
    enum class Of : std::uint8_t { variable, parameter, list, object } of = Of::variable;
};

// The variables of loops and filters around the cursor, `on`, and parameters; the innermost first.
std::vector<NameAt> names_at(const resolve::Model& model, const Lines& lines, const Slot& slot);

// A type as its author wrote it: `list of server`, `[running, stopped]`; nothing where no name belongs to it. Only
// types that completion has values for.
std::optional<program::Type> written_type(const resolve::Model& model, std::string_view text);
// Null: it is not that of an object, or of a kind that is not known.
const resolve::Kind* kind_of_type(const resolve::Model& model, const program::Type& type);
const resolve::Kind* kind_of_plural(const resolve::Model& model, std::string_view plural);

// What a step calls: one of the two, or none.
struct Callee {
    const resolve::Action* action = nullptr;
    const resolve::Procedure* procedure = nullptr;

    explicit operator bool() const { return action || procedure; }
    [[nodiscard]] const std::vector<resolve::Parameter>& parameters() const;
};
// By the whole name, with its module.
Callee callee_named(const resolve::Model& model, std::string_view name);
// The action or procedure of a module in whose text the cursor stands.
Callee around(const resolve::Model& model, const Lines& lines, const Cursor& cursor);

// What that works on, as its text says; null: nothing, or not within one.
const resolve::Kind* kind_on(const resolve::Model& model, const Cursor& cursor);

}  // namespace pvsplan::lsp
