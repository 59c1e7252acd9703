// Pages of the documents, their keys, and the transports: what the tables of the grammar say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/shapes.hpp"
#include "grammar/transports.hpp"
#include "runtime/doc/page.hpp"

namespace pvsplan::doc {

// "a list: a mapping each", "true or false", "an expression". For people; completion and hover say the same.
std::string form_of(const grammar::Key& key);

// The keys of a mapping, a row each.
Table keys_of(const grammar::Shape& shape);
// How objects are reached over a transport. `level`: of its heading.
void add_transport(Page& page, const grammar::Transport& transport, std::uint32_t level);

// Of `at_most`, `step.at_most`, `step`, `plan`, `winrm`, `connect.over`: every key, mapping or transport that is called
// so. Nothing if there is none.
std::optional<Page> key_page(std::string_view name);
// What key_page() knows. Ascending, each once.
std::vector<std::string> key_names();

}  // namespace pvsplan::doc
