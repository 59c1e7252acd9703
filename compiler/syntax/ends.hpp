// Finds the ends of nodes in a YAML text: yaml-cpp tells only where they begin. All functions take an offset into
// `source` and give one, never beyond its end; they are asked only about what yaml-cpp has accepted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pvsplan::syntax {

// Skips blanks, line breaks and comments.
std::size_t skip_space(std::string_view source, std::size_t at);
// Skips `&anchor` and `!tag` and the blanks and comments before their node.
std::size_t skip_properties(std::string_view source, std::size_t at);
// Behind the closing quote of the text that opens at `at`; nothing if it is not closed.
std::optional<std::size_t> end_of_quoted(std::string_view source, std::size_t at);
// Behind the last character of a plain scalar with this value, which may be folded over lines.
std::size_t end_of_plain(std::string_view source, std::size_t at, std::string_view value);
// Behind the last line that is not blank of the block scalar whose `|` or `>` is at `at`.
std::size_t end_of_block(std::string_view source, std::size_t at, std::string_view value);
// Behind the bracket that closes a flow collection whose last element ends at `at`.
std::size_t end_of_flow(std::string_view source, std::size_t at);

// The places in the source of the bytes of a scalar's text.
struct BytePlace {
    std::uint32_t begin;
    std::uint32_t end;
};
// For each byte of `text` the bytes of `source` from offset `begin` to `end` (one scalar, with its quotes) that it came
// from. Nothing where they do not agree.
std::optional<std::vector<BytePlace>> align(std::string_view source, std::size_t begin, std::size_t end,
                                            std::string_view text);

}  // namespace pvsplan::syntax
