// What is looked at before a text is read as JSON, so that none of it makes us slow, big or refuse what an editor
// sends.
#pragma once

#include <optional>
#include <string>

namespace pvsplan::lsp {

// The deepest message of the protocol that is read here has about ten levels.
inline constexpr std::size_t max_json_depth = 64;
inline constexpr std::size_t max_json_values = 1'000'000;

// Why it is not read at all; nothing: it may be. Halves of a surrogate pair, which editors send where a character is
// being put together, become U+FFFD: of the same size, so that places in the text stay where they are. `text` need not
// be JSON.
std::optional<std::string> refuse_json(std::string& text);

}  // namespace pvsplan::lsp
