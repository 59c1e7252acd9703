// The shape of every document as one table: which keys a mapping has, what each holds, whether it must be there, and a
// line on what it is for. Decoding, `schema`, completion and hover are all derived from it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/key_rule.hpp"

namespace pvsplan::grammar {

// The form of one item.
enum class Form : std::uint8_t {
    name,         // close-consoles
    dotted_name,  // pvs.server.install
    text,         // any text, taken as it stands
    mixed,        // a text that may hold `${…}`
    path,         // a module of the standard library or a file inside the project
    flag,         // true or false
    integer,      // 3010
    choice,       // one of Key::choices
    expression,   // bare
    loop,         // x in LIST
    requirement,  // a sentence of the requirement language
    event,        // upgrade(on)
    type,         // string, list of server, [running, stopped]
    script,       // PowerShell or SQL: data reaches it as variables, never as `${…}`; or a mapping of Key::shape
    value,        // a scalar or a list of values
    shape,        // a mapping of the shape Key::shape
    option,       // what the transport takes that `over` names
    typed,        // a type, or a mapping of the shape `parameter`
    objects,      // a list of objects, or {csv: path}
    limit,        // a text that may hold `${…}`, or a mapping of the shape Key::shape
    question,     // likewise: what a person is asked
    undo,         // a call, a list of steps, {nothing: why} or {impossible: why}
};

// How many of them, and how they are written.
enum class Layout : std::uint8_t { one, list, one_or_list, map };

enum class Need : std::uint8_t { optional, required };

// One key of a mapping. `doc` is for people: in a schema, in an editor, in the reference.
struct Key {
    std::string_view name;
    Layout layout = Layout::one;
    Form form = Form::text;
    Need need = Need::optional;
    std::string_view doc;
    std::string_view shape = {};                 // Form::shape, Form::limit, Form::question, Form::script
    std::vector<std::string_view> choices = {};  // Form::choice
    // Layout::map: what its keys are called in words ("a parameter"), and what they are.
    std::string_view entry = {};
    Form entry_form = Form::name;
    // Layout::list, one_or_list, Form::type: an empty list would mean nothing.
    enum class Entries : std::uint8_t { any, one_at_least } entries = Entries::any;
};

// One kind of mapping. All texts are literals, so that views of them stay valid.
struct Shape {
    std::string_view name;  // "step"
    std::string_view what;  // "a step"
    std::string_view doc;
    std::vector<Key> keys;
    // Any other key is an entry of this form as well: the plurals of a farm, the attributes of an object.
    bool is_open = false;
    Key other = {};
    std::vector<KeyRule> rules = {};
    // What key() looks up: by a hash of the name, one more than the index into `keys`; 0: none. Filled by the table.
    std::array<std::uint8_t, 64> slots = {};

    // Null: no key has that name. Those that `is_open` allows are not among them.
    [[nodiscard]] const Key* key(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> key_names() const;
};

// Every shape; the first four are the documents plan, farm, module, policy, whose first key is their name.
std::span<const Shape> shapes();
// The shape with that name; it is a bug to ask for another.
const Shape& shape(std::string_view name);

}  // namespace pvsplan::grammar
