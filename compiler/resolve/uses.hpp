// Where each name that stands in a text was defined: what an editor asks to jump to a definition, to list the
// references of a name and to rename it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "compiler/base/source.hpp"

namespace pvsplan::resolve {

// One place where a name stands, and the place that defines it.
struct Use {
    enum class Of : std::uint8_t {
        module,
        policy,
        farm,
        kind,
        attribute,  // of a kind, be it fixed or state
        predicate,
        action,
        procedure,
        event,
        parameter,
        output,
        step,
        variable,  // of a loop, a filter, a predicate or a requirement
        object,
        secret,
        requirement,
    };
    // `name`: both places have the same text, so that a rename changes both. `file`: a path, or the name of a file of
    // the library. `made_up`: the definition has no name of its own, such as a step without `id`.
    enum class By : std::uint8_t { name, file, made_up };

    base::Span place;
    base::Span definition;
    Of of = Of::module;
    By by = By::name;
};
std::string_view name_of(Use::Of of);
std::string_view name_of(Use::By by);
// The name itself in a place that may have quotes around it.
base::Span name_in(base::Span place, std::string_view name);

// Filled while names are resolved, for whoever wants it. What could not be resolved has no row.
class Uses {
  public:
    // A use of `name`; a place that is written between quotes is narrowed to what stands between them. A definition
    // that nobody wrote (a word that is built in, an argument of the command line) leaves no row.
    void add(Use::Of of, std::string_view name, base::Span place, base::Span definition, Use::By by = Use::By::name);
    // Ascending by place, each once; the order of files is that of `files`.
    void sort(std::span<const base::FileId> files);

    [[nodiscard]] const std::vector<Use>& all() const { return all_; }
    // What stands at that byte: a use, or a definition (as a use of itself). Null if it is no name.
    [[nodiscard]] const Use* at(base::FileId file, std::uint32_t offset) const;
    // All uses of what is defined there, without the definition itself.
    [[nodiscard]] std::vector<Use> of(base::Span definition) const;

  private:
    std::vector<Use> all_;
};

}  // namespace pvsplan::resolve
