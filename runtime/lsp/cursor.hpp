// Where in a document the cursor stands, by its text alone: lines, columns and brackets. What is being typed is mostly
// no YAML yet, so that no tree of it is asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/lsp/positions.hpp"

namespace pvsplan::lsp {

// A key beside another one, with its value as it is written, comments left out.
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

// What is known of a place in damaged text. Every offset in it is within the text.
struct Cursor {
    enum class At : std::uint8_t { key, value };
    At at = At::key;
    std::vector<Level> way;     // from outside; at a value its key, or the "-" of its list, is the last
    std::vector<Sibling> keys;  // at a key: the others of its mapping
    std::uint32_t begin = 0;    // the word at the cursor …
    std::uint32_t end = 0;      // … to its end
    std::string before;         // of a value: from its beginning to the cursor

    // The value of a key in the innermost mapping around the way, or nothing. `level` counts from outside as `way`
    // does; one behind its end is the mapping at the cursor itself. The text is that of this cursor, and lives as long.
    [[nodiscard]] std::string_view sibling(std::size_t level, std::string_view key) const;
};

// Whether what stands between brackets is taken for a list or a mapping: an
// expression may begin with one, too, which is text.
enum class Flow : std::uint8_t { is_entered, is_text };
// Never fails. What is far away is not looked at (400 lines, or 60 and 16 KiB between brackets), so that a key press in
// a long file costs as much as in a short one, but for lines that are only passed over.
Cursor cursor_at(const Lines& lines, std::uint32_t offset, Flow flow = Flow::is_entered);

// The first key of a document, which says what it is. Empty: there is none at the left edge.
std::string first_key(const Lines& lines);

// The keys of the mapping that such a key at the left edge leads to, with what stands behind each in its line.
std::vector<Sibling> keys_below(const Lines& lines, std::string_view key);

// The ids of the entries of the list that the way goes through at `level`, a "-", but the one at the cursor. In the
// order of the text; `level` is one of the way.
std::vector<std::string> ids_beside(const Lines& lines, const Cursor& cursor, std::size_t level);

}  // namespace pvsplan::lsp
