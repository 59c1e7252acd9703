// Whether a node of the tree has the form that its key wants. Private to the decoding.
#pragma once

#include "compiler/syntax/decode.hpp"
#include "grammar/shapes.hpp"

namespace pvsplan::syntax {

inline constexpr std::string_view merge_key = "<<";

// The form that a key wants, in words, and the kinds of node that can have it.
struct Wanted {
    std::string_view words;
    bool scalar = false;
    bool list = false;
    bool map = false;
    bool required = false;  // it may not be null
};

// What a key wants, by its layout and form in the table of the grammar; `required` is left for the caller to set.
Wanted wanted(const grammar::Key& key);
// Null fits nothing: whether a key may be empty is asked apart.
bool fits(const TreeNode& node, const Wanted& wanted);

// Reports `node` if it is not as wanted.
bool check_form(const Reading& in, NodeId node, std::string_view what, const Wanted& want);

}  // namespace pvsplan::syntax
