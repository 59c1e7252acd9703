// How something is written that has been written in another form: `retry: 3` where it is a mapping.
#pragma once

#include <string>
#include <string_view>

#include "compiler/syntax/tree.hpp"

namespace pvsplan::syntax {

// A hint for the value `node` of the key `what`; empty if there is nothing to say.
std::string hint_for_form(const Tree& tree, NodeId node, std::string_view what);

// For a word that YAML 1.1 or people take for a truth: `yes`, `off`, `1`; empty if it is none.
std::string hint_for_boolean(std::string_view text);

// `stopped running` as `stopped, running`.
std::string between_commas(std::string_view words);

// The name that was most likely meant: `First Server` is `first-server`. Empty if there is none.
std::string name_like(std::string_view text);

}  // namespace pvsplan::syntax
