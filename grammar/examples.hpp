// A small example of every key, as a part of a document. The tests compile each in the document that is complete with
// it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pvsplan::grammar {

struct Example {
    std::string_view keys;      // those that it is of, with blanks between them: "step.do step.on"
    std::string_view document;  // "plan", "farm", "module" or "policy"
    std::string_view text;      // some of its keys, with all that is in them; ends with a line feed
};
std::span<const Example> examples();

// Null: the key of that shape has none, which is a fault of the table.
const Example* example_of(std::string_view shape, std::string_view key);

// The whole document, with the keys that the example leaves out. It names `./farm.yaml`, which has the servers `pvs01`
// and `pvs02`.
std::string document_of(const Example& example);

}  // namespace pvsplan::grammar
