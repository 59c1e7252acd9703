#include "runtime/lsp/slot.hpp"

#include <algorithm>

namespace pvsplan::lsp {
namespace {

using grammar::Form;
using grammar::Key;
using grammar::Layout;
using grammar::Shape;

// The mapping that may stand as a value of that key, or null.
const Shape* shape_in(const Key& key) {
    switch (key.form) {
        case Form::shape:
        case Form::limit:
        case Form::question:
        case Form::script: return key.shape.empty() ? nullptr : &grammar::shape(key.shape);
        case Form::typed: return &grammar::shape("parameter");
        case Form::objects: return &grammar::shape("object");
        case Form::undo: return &grammar::shape("step");
        default: return nullptr;
    }
}

// The first four shapes are the documents; each is named by its first key.
const Shape* document_shape(const std::string& first) {
    const auto documents = grammar::shapes().first(4);
    const auto found =
        std::find_if(documents.begin(), documents.end(), [&](const Shape& s) { return s.name == first; });
    return found == documents.end() ? nullptr : &*found;
}

// Where one has come on the way.
struct Walk {
    const Shape* shape = nullptr;
    const Key* key = nullptr;
    enum class In : std::uint8_t { shape, value, names } in = In::shape;

    void enter(const Key& next) {
        key = &next;
        shape = shape_in(next);
        in = next.layout == Layout::map ? In::names : In::value;
    }
    // What the table does not know leads nowhere from here on, and nothing is offered below it.
    void go(const std::string& name) {
        if (in == In::names) {  // a name that the author gives
            in = In::value;
            return;
        }
        if (name == "-") return;  // the value of a list is that of its entries
        if (!shape) {
            key = nullptr;
            in = In::value;
            return;
        }
        if (const Key* const next = shape->key(name)) return enter(*next);
        if (shape->is_open) return enter(shape->other);
        shape = nullptr;
        key = nullptr;
        in = In::value;
    }
};

Walk walk(const Shape* document, const Cursor& cursor, std::size_t levels) {
    Walk at{.shape = document};
    for (std::size_t i = 0; i < levels; ++i) at.go(cursor.way[i].name);
    return at;
}

}  // namespace

bool is_bare(Form form) {
    return form == Form::expression || form == Form::loop || form == Form::requirement || form == Form::event;
}

// Twice by the text, since only the table knows whether a bracket begins a list or is part of an expression.
Slot slot_at(const Lines& lines, std::uint32_t offset) {
    const Shape* const document = document_shape(first_key(lines));
    Slot slot{.cursor = cursor_at(lines, offset)};
    // What stands between brackets may be an expression.
    Cursor flat = cursor_at(lines, offset, Flow::is_text);
    if (flat.at == Cursor::At::value) {
        const Walk at = walk(document, flat, flat.way.size());
        if (at.key && is_bare(at.key->form)) slot.cursor = std::move(flat);
    }
    Cursor& cursor = slot.cursor;
    const Walk at = walk(document, cursor, cursor.way.size());
    slot.value = at.key;
    if (cursor.at == Cursor::At::value) {
        if (at.in == Walk::In::names) slot.value = nullptr;
        return slot;
    }
    if (cursor.way.empty() && !document) {
        slot.shape = nullptr;
        return slot;
    }
    if (at.in != Walk::In::names && (at.shape || at.in == Walk::In::shape)) {
        slot.shape = at.shape;
        return slot;
    }
    // A word where no mapping is: the value of a list, or of the key above it.
    if (at.in == Walk::In::value) cursor.at = Cursor::At::value;
    return slot;
}

}  // namespace pvsplan::lsp
