// Where in a document the cursor stands, by its text alone: lines, columns and brackets. What is being typed is mostly
// no YAML yet, so that no tree of it is asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/lsp/positions.hpp"

namespace pvsplan::lsp {

struct Sibling {
    std::string key;
    std::string value;  // the rest of its line, as written
};

// A key on the way from the document to the cursor, or "-" for an entry of a list.
struct Level {
    std::string name;
    std::vector<Sibling> keys;  // of the mapping that it stands in, as far as they are near
    std::uint32_t line = 0;     // where it stands
    std::uint32_t column = 0;
};

struct Cursor {
    enum class At : std::uint8_t { key, value };
    At at = At::key;
    std::vector<Level> way;     // from outside; at a value its key, or the "-" of its list, is the last
    std::vector<Sibling> keys;  // at a key: the others of its mapping
    std::uint32_t begin = 0;    // the word at the cursor …
    std::uint32_t end = 0;      // … to its end
    std::string before;         // of a value: from its beginning to the cursor

    // Of the innermost mapping around the way: the value of a key, or nothing.
    [[nodiscard]] std::string_view sibling(std::size_t level, std::string_view key) const;
};

// Whether what stands between brackets is taken for a list or a mapping: an
// expression may begin with one, too, which is text.
enum class Flow : std::uint8_t { is_entered, is_text };
Cursor cursor_at(const Lines& lines, std::uint32_t offset, Flow flow = Flow::is_entered);

// The first key of a document, which says what it is.
std::string first_key(const Lines& lines);

// The ids of the entries of the list that the way goes through at `level`, a "-", but the one at the cursor.
std::vector<std::string> ids_beside(const Lines& lines, const Cursor& cursor, std::size_t level);

}  // namespace pvsplan::lsp
