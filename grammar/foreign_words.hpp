// What keys are called elsewhere: in Ansible, pipelines, other schedulers. Whoever knows those writes `if` and `needs`
// at night; the finding names the key that is meant here.
#pragma once

#include <optional>
#include <string_view>

#include "grammar/shapes.hpp"

namespace pvsplan::grammar {

// The key of `shape` that is called `word` elsewhere, or null.
const Key* key_called(std::string_view word, const Shape& shape);

// A word, and the keys that it may stand for; each shape has at most one of them.
struct ForeignWord {
    std::string_view word;
    std::string_view keys;  // with blanks between
};
std::span<const ForeignWord> foreign_words();

}  // namespace pvsplan::grammar
