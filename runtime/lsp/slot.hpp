// What the language wants where the cursor stands: the cursor's way, walked through the table of shapes.
#pragma once

#include <cstdint>

#include "grammar/shapes.hpp"
#include "runtime/lsp/cursor.hpp"

namespace pvsplan::lsp {

// Shapes and keys are of the table, which lives as long as the program.
struct Slot {
    // At a key: whose keys may stand there. Null: none of the table, or a mapping whose keys are names of `value`.
    const grammar::Shape* shape = nullptr;
    // At a value: whose value it is; at a key of a mapping with free names: that of the mapping.
    const grammar::Key* value = nullptr;
    Cursor cursor;  // at a value also where only the table tells that it is one
};

// `lines` are those of a document.
Slot slot_at(const Lines& lines, std::uint32_t offset);

// Written without `${…}`: all of it is an expression.
bool is_bare(grammar::Form form);

}  // namespace pvsplan::lsp
